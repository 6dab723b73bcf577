"""Chinese letters for a browser: a font from its wheel, beside whatever the machine has."""

from pathlib import Path

import noto_cjk_sans_otc

from tests.parts.fetching import CACHE

_SETTINGS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
</fontconfig>
"""


def font_settings() -> Path:
    """The file that tells fontconfig where the letters are; fontconfig is the only way a browser finds any."""
    place = CACHE / "fonts"
    place.mkdir(parents=True, exist_ok=True)
    settings = place / "fonts.conf"
    fonts = Path(noto_cjk_sans_otc.__file__).parent
    settings.write_text(_SETTINGS.format(fonts=fonts, cache=place / "cache"))
    return settings
