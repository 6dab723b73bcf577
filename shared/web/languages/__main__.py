"""Developer's command: renew the catalogues and list what still needs a translation.

Run `python -m shared.web.languages` in the repository; exit code 1 while anything is missing.
"""

from __future__ import annotations

import sys

from shared.web.languages import Language
from shared.web.languages.upkeep import faults, update, wanted


def main() -> int:
    """Renew every catalogue; print the faults; 0 when all languages are complete."""
    sentences, found = wanted(), False
    for language in Language:
        if language is Language.EN:
            continue
        update(language, sentences)
        for fault in faults(language, sentences):
            print(f"{language.value} {fault}")
            found = True
    return int(found)


if __name__ == "__main__":
    sys.exit(main())
