"""The county door: settings, node and routes become an app."""

from pathlib import Path

from fastapi import FastAPI

from services.county.routes import routers
from shared.pages.app import make_app


def county_app() -> FastAPI:
    """The app that serves any node of the county tier."""
    return make_app("county", routers(), Path(__file__).parent / "templates")
