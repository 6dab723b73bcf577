"""The township door: the pages that every tier has, and those of a township."""

from collections.abc import Sequence

from fastapi import FastAPI

from shared.work.catalogue import SUBJECTS
from shared.work.common.words import Tier
from shared.work.subject import Subject
from shared.work.tier_app import tier_app


def township_app(subjects: Sequence[Subject] = SUBJECTS) -> FastAPI:
    """The app that serves any node of the township tier."""
    return tier_app(Tier.TOWNSHIP, subjects=subjects)
