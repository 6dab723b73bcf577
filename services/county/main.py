"""The county door: the pages that every tier has, and what only the bureau and the public see there."""

from collections.abc import Sequence
from pathlib import Path

from fastapi import FastAPI

from services.county import ask, feed
from shared.work.catalogue import SUBJECTS
from shared.work.common.words import Tier
from shared.work.subject import Subject
from shared.work.tier_app import tier_app


def county_app(subjects: Sequence[Subject] = SUBJECTS) -> FastAPI:
    """The app that serves any node of the county tier."""
    return tier_app(Tier.COUNTY, (feed.router, ask.router), (Path(__file__).parent / "templates",), subjects)
