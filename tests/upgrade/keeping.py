"""The files of a release's folder: packing and unpacking."""

import io
import json
import lzma
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.upgrade.roads import Message, as_line

HERE = Path(__file__).parent
SOURCES, SQLITE, NODES = "sources.tar.xz", "sqlite.tar.xz", "postgres-nodes.tar.xz"
POSTGRES, MESSAGES, EXPECTED = "postgres.sql.xz", "messages.jsonl.xz", "expected.json.xz"
FILES = (SOURCES, SQLITE, NODES, POSTGRES, MESSAGES, EXPECTED)


def releases() -> list[str]:
    """The releases whose networks are kept, in the order of their versions."""
    found = [path.parent.name for path in HERE.glob(f"*/{EXPECTED}")]
    return sorted(found, key=lambda name: [int(part) for part in name.split(".")])


def pack(folder: Path, archive: Path) -> None:
    """A folder's files as an archive; the same files make the same bytes."""
    with tarfile.open(fileobj=(made := io.BytesIO()), mode="w") as tar:
        for path in sorted(folder.rglob("*")):
            tar.add(path, path.relative_to(folder), recursive=False, filter=_nobodys)
    archive.write_bytes(small(made.getvalue()))


def unpack(archive: Path, folder: Path) -> Path:
    """The files of an archive in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as tar:
        tar.extractall(folder)
    return folder


def write_text(path: Path, text: str) -> None:
    """Keep a text."""
    path.write_bytes(small(text.encode()))


def read_text(path: Path) -> str:
    """A kept text."""
    return lzma.decompress(path.read_bytes()).decode()


def write_expected(path: Path, said: dict[str, Any]) -> None:
    """Keep what a program said."""
    write_text(path, json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")))


def read_expected(release: str) -> dict[str, Any]:
    """What the program of a release said of its networks: `sqlite` and `postgres`."""
    return json.loads(read_text(HERE / release / EXPECTED))


def write_messages(path: Path, messages: Iterable[Message]) -> None:
    """Keep the messages of a broker."""
    write_text(path, "".join(f"{as_line(one)}\n" for one in messages))


def read_messages(path: Path) -> list[Message]:
    """The kept messages of a broker."""
    return [Message(**json.loads(line)) for line in read_text(path).splitlines()]


def _nobodys(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = ""
    return entry


def small(content: bytes) -> bytes:
    """A content packed as small as it gets."""
    return lzma.compress(content, preset=9 | lzma.PRESET_EXTREME)
