"""A QR code as a drawing in the page: no image file, no script, sharp on paper."""

import segno
from markupsafe import Markup

LEVEL = "m"
"""Mends 15 % of a code that was folded or stamped on; more would make the squares too small for the paper."""


def qr_code(text: str) -> Markup:
    """The QR code of a text as SVG; its size is the style sheet's."""
    drawn = segno.make_qr(text, error=LEVEL).svg_inline(omitsize=True, svgclass="qr", lineclass=None)
    return Markup(drawn)
