"""The township door: settings, node and routes become an app."""

from pathlib import Path

from fastapi import FastAPI

from services.township.routes import routers
from shared.pages.app import make_app


def township_app() -> FastAPI:
    """The app that serves any node of the township tier."""
    return make_app("township", routers(), Path(__file__).parent / "templates")
