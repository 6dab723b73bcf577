"""`python -m tests.upgrade make VERSION`: a release keeps its networks for all later ones."""

import sys

from tests.upgrade.making import make


def main() -> None:
    """Make the folder of a release."""
    if len(sys.argv) != 3 or sys.argv[1] != "make":
        raise SystemExit("python -m tests.upgrade make VERSION")
    folder = make(sys.argv[2])
    for file in sorted(folder.iterdir()):
        print(f"{file.stat().st_size:9d}  {file.relative_to(folder.parent)}")


if __name__ == "__main__":
    main()
