"""`python -m tests.upgrade make VERSION`: a release keeps its networks for all later ones.

`again VERSION` makes those of an earlier release anew with its own program, when a story was missing in them.
"""

import sys

from tests.upgrade.making import make, make_again


def main() -> None:
    """Make the folder of a release, or the networks in it."""
    ways = {"make": make, "again": make_again}
    if len(sys.argv) != 3 or sys.argv[1] not in ways:
        raise SystemExit("python -m tests.upgrade make VERSION (or: again VERSION)")
    folder = ways[sys.argv[1]](sys.argv[2])
    for file in sorted(folder.iterdir()):
        print(f"{file.stat().st_size:9d}  {file.relative_to(folder.parent)}")


if __name__ == "__main__":
    main()
