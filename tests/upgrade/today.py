"""All that these tests take of today's program from inside; everything else goes by command and HTTP."""

from services.cli import main
from shared.event_log.names import fact_classes

__all__ = ["give_newer_version", "main"]


def give_newer_version(name: str) -> None:
    """From now on this process records a fact of this name in a version that no release knows yet.

    Its data are as they were, so that what is in the log already needs nothing but a new version number.
    """
    fact = fact_classes()[name]
    version = fact.class_version
    fact.class_version = version + 1
    setattr(fact, f"upcast_v{version}_v{version + 1}", staticmethod(lambda data: None))
