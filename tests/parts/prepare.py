"""Fetches what the tests need and the machine lacks: python -m tests.parts.prepare

Whatever cannot be had is named at the end, one line each.
"""

import sys
from collections.abc import Callable
from time import monotonic

from tests.parts.browser import tried_browser
from tests.parts.failing_disk import tried_failing_syncs
from tests.parts.fetching import PartMissing
from tests.parts.java import java
from tests.parts.kafka_jars import kafka_jars
from tests.parts.older_postgres import older_postgres
from tests.parts.web_servers import tried_web_servers

PARTS: dict[str, Callable[[], object]] = {
    "Java": java,
    "Kafka's jars": kafka_jars,
    "an older PostgreSQL": older_postgres,
    "a browser": tried_browser,
    "a failing disk": tried_failing_syncs,
    "nginx and Caddy": tried_web_servers,
}


def main() -> int:
    """Prepare everything and say what is missing, all at once."""
    missing: list[str] = []
    for name, part in PARTS.items():
        print(f"{name} ... ", end="", flush=True)
        started = monotonic()
        try:
            part()
            print(f"here ({monotonic() - started:.0f} s)")
        except PartMissing as gap:
            print("missing")
            missing.append(str(gap))
    for gap in missing:
        print(gap, file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
