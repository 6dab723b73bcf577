"""The tables of release 0.1.

Where they are there already, nothing is done. 0.1 knew no revisions and made each table by itself, so a database of it may have all, some or none of them.
"""

from typing import Any

from alembic import op
from sqlalchemy import (
    BINARY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import UUID

revision, down_revision = "0001", None
CHANGES = ()

BIG = BigInteger().with_variant(Integer(), "sqlite")
STREAM = BINARY(16).with_variant(UUID(), "postgresql")
MOMENT = DateTime(timezone=True)


def key(name: str, kind: Any = String, *, counted: bool = False) -> Column[Any]:
    return Column(name, kind, primary_key=True, autoincrement=counted)


def must(name: str, kind: Any = String) -> Column[Any]:
    return Column(name, kind, nullable=False)


def may(name: str, kind: Any = String) -> Column[Any]:
    return Column(name, kind)


def _facts() -> dict[str, list[Any]]:
    numbers = [key("source"), key("incarnation", Integer), key("route")]
    return {
        "stored_events": [
            key("id", BIG, counted=True),
            must("originator_id", STREAM),
            must("originator_version", BIG),
            must("topic", Text),
            must("state", LargeBinary),
        ],
        "notification_tracking": [key("application_name", String(32)), may("notification_id", BIG)],
        "journal": [
            key("position", BIG),
            must("fact", Uuid),
            must("stream", STREAM),
            must("stream_version", Integer),
            must("own", Boolean),
            UniqueConstraint("fact"),
        ],
        "received": [key("fact", Uuid), must("body", LargeBinary), must("arrived_at")],
        "received_places": [
            *numbers,
            key("number", Integer),
            must("fact", Uuid),
            must("chain", LargeBinary),
            must("signature"),
        ],
        "orders": [key("key"), must("fingerprint"), must("answer", Text), must("answered_at")],
    }


def _road() -> dict[str, list[Any]]:
    return {
        "routes": [key("route"), must("last", Integer), must("chain", LargeBinary)],
        "places": [key("route"), key("number", Integer), must("position", BIG), must("chain", LargeBinary)],
        "sent": [key("route"), must("number", Integer)],
        "sources": [
            key("source"),
            key("incarnation", Integer),
            key("route"),
            must("held", Integer),
            must("chain", LargeBinary),
            must("highest", Integer),
        ],
        "ended_lives": [key("source"), must("before", Integer), must("ends", Text), must("marks", Text)],
        "holdings": [key("holder"), key("route"), must("held", Integer), must("told_at")],
        "gaps": [key("source"), key("incarnation", Integer), key("route"), must("since")],
        "parked": _message(),
        "discarded": [*_message(), must("discarded_at"), must("discarded_by"), must("why", Text)],
        "wire_places": [key("topic"), must("identity"), must("offset", BIG)],
        "wanted_keys": [key("subject", Uuid), must("ask")],
        "returned": [
            key("incarnation", Integer),
            key("route"),
            key("number", Integer),
            must("chain", LargeBinary),
            must("body", LargeBinary),
        ],
        "restore_answers": [key("node"), must("said", Text)],
        "node_state": [key("name"), must("value", Text)],
    }


def _message() -> list[Any]:
    return [
        key("id", Uuid),
        *(must(name) for name in ("topic", "reason", "source", "type", "subject")),
        must("detail", Text),
        must("headers", Text),
        must("value", LargeBinary),
        must("parked_at"),
        must("admitted", Boolean),
    ]


def _proof() -> dict[str, list[Any]]:
    return {
        "trees": [key("log"), must("size", BIG), must("reached", BIG)],
        "tiles": [
            key("log"),
            key("level", Integer),
            key("place", BIG),
            must("first", BIG),
            must("hashes", LargeBinary),
        ],
        "checkpoints": [key("log"), key("made_at"), must("size", BIG), must("note", Text)],
        "cosignatures": [
            key("log"),
            key("witness"),
            key("made_at"),
            must("size", BIG),
            must("note", Text),
        ],
        "witnessed": [
            key("log"),
            key("made_at"),
            must("source"),
            must("size", BIG),
            must("note", Text),
            must("compared"),
        ],
        "alarms": [
            key("log"),
            key("kind"),
            key("found_by"),
            must("source"),
            must("found_at"),
            must("size", BIG),
            must("witnessed_size", BIG),
            must("note", Text),
        ],
    }


def _door() -> dict[str, list[Any]]:
    return {
        "accounts": [
            key("id", String(36)),
            must("login", String(64)),
            must("name", String(100)),
            must("unit_id", String(36)),
            must("role", String(40)),
            must("password_hash", String(200)),
            must("must_change_password", Boolean),
            must("created_at", MOMENT),
            may("disabled_at", MOMENT),
            UniqueConstraint("login"),
        ],
        "account_sessions": [
            key("id_sha256", String(64)),
            must("account_id", String(36)),
            must("form_secret", String(64)),
            must("created_at", MOMENT),
            must("last_seen_at", MOMENT),
            may("revoked_at", MOMENT),
        ],
        "account_tokens": [
            key("id", String(36)),
            must("secret_sha256", String(64)),
            must("account_id", String(36)),
            must("name", String(100)),
            must("created_at", MOMENT),
            must("expires_at", MOMENT),
            may("last_used_at", MOMENT),
            may("revoked_at", MOMENT),
            UniqueConstraint("secret_sha256"),
        ],
        "account_attempts": [key("id", String(36)), must("subject_sha256", String(64)), must("at", MOMENT)],
        "account_changes": [
            key("id", String(36)),
            must("account_id", String(36)),
            must("at", MOMENT),
            must("by", String(100)),
            must("change", String(40)),
            must("detail", String(200)),
        ],
    }


INDEXES = (
    ("stored_events_aggregate_idx", "stored_events", ["originator_id", "originator_version"], True),
    ("parked_by_subject", "parked", ["subject"], False),
    ("tiles_by_first", "tiles", ["log", "level", "first"], False),
    ("cosignatures_by_size", "cosignatures", ["log", "size", "made_at"], False),
    ("witnessed_by_compared", "witnessed", ["compared"], False),
    ("witnessed_by_size", "witnessed", ["log", "size", "made_at"], False),
    ("ix_accounts_unit_id", "accounts", ["unit_id"], False),
    ("ix_account_sessions_account_id", "account_sessions", ["account_id"], False),
    ("ix_account_tokens_account_id", "account_tokens", ["account_id"], False),
    ("account_attempts_subject_at", "account_attempts", ["subject_sha256", "at"], False),
    ("ix_account_changes_account_id", "account_changes", ["account_id"], False),
)


def upgrade() -> None:
    """Make what is missing."""
    for name, columns in (_facts() | _road() | _proof() | _door()).items():
        op.create_table(name, *columns, if_not_exists=True)
    for name, table, columns, unique in INDEXES:
        op.create_index(name, table, columns, unique=unique, if_not_exists=True)
