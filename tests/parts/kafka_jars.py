"""Kafka's published jars: those of the lock, and no others."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from jgo.maven import MavenContext

from tests.parts.fetching import CACHE, TOP, PartMissing, digest

JARS = CACHE / "kafka-jars"
LOCK = TOP / "deploy" / "kafka-jars.sha256"
"""Each jar by its coordinates. What Kafka needs is written out: resolvers differ in which versions they choose."""
_AT_ONCE = 8
"""Jars fetched side by side: most are small, and the registry takes longer to answer than to send."""


def kafka_jars() -> Path:
    """The folder with the jars, fetched once and checked against the lock. Errors: PartMissing."""
    wanted = {_name(coordinate): wanted for coordinate, wanted in _lock().items()}
    if _held_by(JARS) != wanted:
        CACHE.mkdir(exist_ok=True)
        with TemporaryDirectory(dir=CACHE, ignore_cleanup_errors=True) as place:
            folder = Path(place) / "jars"
            folder.mkdir()
            _fetch(folder, Path(place) / "repository")
            if _held_by(folder) != wanted:
                raise PartMissing(f"Kafka's jars are not those of {LOCK.name}: the registry gave others")
            shutil.rmtree(JARS, ignore_errors=True)
            folder.rename(JARS)
    return JARS


def kafka_version() -> str:
    """The version of the broker."""
    (version,) = (it.split(":")[2] for it in _lock() if it.startswith("org.apache.kafka:kafka_2.13:"))
    return version


def _lock() -> dict[str, str]:
    """The digest of each jar, by `group:artifact:version`."""
    lines = (line.split() for line in LOCK.read_text().splitlines())
    return {coordinate: wanted for wanted, coordinate in lines}


def _name(coordinate: str) -> str:
    _, artifact, version = coordinate.split(":")
    return f"{artifact}-{version}.jar"


def _held_by(folder: Path) -> dict[str, str]:
    return {path.name: digest(path) for path in folder.glob("*.jar")}


def _fetch(folder: Path, repository: Path) -> None:
    maven = MavenContext(repo_cache=repository)

    def fetch(coordinate: str) -> None:
        group, artifact, version = coordinate.split(":")
        jar = maven.project(group, artifact).at_version(version).artifact().resolve()
        shutil.move(jar, folder / _name(coordinate))

    try:
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            list(threads.map(fetch, _lock()))
    except (OSError, RuntimeError) as failure:
        raise PartMissing(f"Kafka's jars could not be fetched: {failure}") from failure
