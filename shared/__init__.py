"""What every tier shares: the work by subject, the engine under it, and the kit of pages.

May import nothing of `services`. To add a room: a folder that opens with what lives there, what it may
touch and how to add to it, and its walls in pyproject.toml.
"""

__version__ = "0.2.0"
"""The release; the one place that says it, since the program also runs from a checkout that nobody installed."""
