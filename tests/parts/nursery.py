"""Imported once by the process from which hosts are forked: does before the fork what every host does first.

A start from nothing costs a second and a half of a core, most of it imports: too much for hundreds of hosts. The
process has one thread and no connection; every thread and connection is a child's own.
"""

import gc

import uvicorn.loops.auto
import uvicorn.protocols.http.auto  # noqa: F401
from typer.main import get_command

from services import cli, network, running  # noqa: F401
from tests.parts import crashing, forking  # noqa: F401

for tier in network.MAKERS:
    network.app_of(tier)
cli.app = get_command(cli.app)
gc.freeze()  # what is not looked at for rubbish stays memory that is shared
