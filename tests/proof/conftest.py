"""The small county, on each database."""

from tests.parts.tiny_fixtures import (  # noqa: F401
    founded_on_files,
    founded_on_server,
    tiny,
    tiny_on_files,
    tiny_on_server,
)
