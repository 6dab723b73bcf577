"""The village door: settings, node and routes become an app."""

from pathlib import Path

from fastapi import FastAPI

from services.village.routes import routers
from shared.pages.app import make_app


def village_app() -> FastAPI:
    """The app that serves any node of the village tier."""
    return make_app("village", routers(), Path(__file__).parent / "templates")
