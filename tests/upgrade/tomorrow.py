"""The `huiyin` command of a release that is yet to come: today's, with one fact in a newer version.

python -m tests.upgrade.tomorrow up --data DIR --tier township
"""

from tests.upgrade.today import give_newer_version, main

NEWER = "referral.accepted"
"""Recorded by townships, and known by villages and the county only when they have this release too."""

if __name__ == "__main__":
    give_newer_version(NEWER)
    main()
