"""The county door: the pages that every tier has, and what only the bureau and the public see there."""

from collections.abc import Sequence
from pathlib import Path

from fastapi import FastAPI

from services.county import ask, feed
from shared.work.catalogue import SUBJECTS
from shared.work.common.words import Tier
from shared.work.doors import door
from shared.work.subject import Subject


def county_app(subjects: Sequence[Subject] = SUBJECTS) -> FastAPI:
    """The app that serves any node of the county tier."""
    return door(Tier.COUNTY, (feed.router, ask.router), (Path(__file__).parent / "templates",), subjects)
