"""The mark of a sentence that is translated where it is shown."""


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "translate this later"
    """The text itself; the mark lets the catalogues find it."""
    return text
