"""The township door: the pages that every tier has, and those of a township."""

from fastapi import FastAPI

from shared.work.common.words import Tier
from shared.work.doors import door


def township_app() -> FastAPI:
    """The app that serves any node of the township tier."""
    return door(Tier.TOWNSHIP)
