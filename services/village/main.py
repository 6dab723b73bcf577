"""The village door: the pages that every tier has, and those of a village."""

from fastapi import FastAPI

from shared.work.common.words import Tier
from shared.work.doors import door


def village_app() -> FastAPI:
    """The app that serves any node of the village tier."""
    return door(Tier.VILLAGE)
