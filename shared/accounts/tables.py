"""The tables of the office's door; without a schema, a node's own is translated in by its engine.

Nothing in them opens the door: passwords are Argon2id hashes, cookies and tokens SHA-256 of 256
random bits, and failed attempts name nobody.
"""

from sqlalchemy import Boolean, Column, Date, Index, Integer, MetaData, String, Table

from shared.database.utc_time import UtcTime

METADATA = MetaData()

ACCOUNTS = Table(
    "accounts",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("login", String(64), nullable=False, unique=True),
    Column("name", String(100), nullable=False),
    Column("unit_id", String(36), nullable=False, index=True),
    Column("role", String(40), nullable=False),
    Column("password_hash", String(200), nullable=False),
    Column("must_change_password", Boolean, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("disabled_at", UtcTime),
    Column("reset_at", UtcTime),
    Column("reset_by", String(100)),
)
"""One person at one office; `name` is the work name that is shown. Never deleted, only disabled.

`reset_at` and `reset_by` say that somebody else set the password, until the person has read it.
"""

SESSIONS = Table(
    "account_sessions",
    METADATA,
    Column("id_sha256", String(64), primary_key=True),
    Column("account_id", String(36), nullable=False, index=True),
    Column("form_secret", String(64), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("last_seen_at", UtcTime, nullable=False),
    Column("revoked_at", UtcTime),
)

TOKENS = Table(
    "account_tokens",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("secret_sha256", String(64), nullable=False, unique=True),
    Column("account_id", String(36), nullable=False, index=True),
    Column("name", String(100), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("last_used_at", UtcTime),
    Column("revoked_at", UtcTime),
)

ATTEMPTS = Table(
    "account_attempts",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("subject_sha256", String(64), nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("account_attempts_subject_at", "subject_sha256", "at"),
)
"""Failed sign-ins, one row for each thing that a try is counted by (`rate.py`), gone after the window.

The subject is hashed because people now and then type a password where the login belongs.
"""

DEVICES = Table(
    "account_devices",
    METADATA,
    Column("id_sha256", String(64), primary_key=True),
    Column("account_id", String(36), primary_key=True, index=True),
    Column("first_seen_at", UtcTime, nullable=False),
    Column("last_seen_at", UtcTime, nullable=False),
)
"""Browsers on which an account has signed in; one browser may be known to several accounts."""

FILES = Table(
    "account_files",
    METADATA,
    Column("account_id", String(36), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("running", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("name", String(100), nullable=False),
)
"""Lists that an account took away as a file; `day` is that of the offices' zone, `running` counts its files from 1."""

CHANGES = Table(
    "account_changes",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("account_id", String(36), nullable=False, index=True),
    Column("at", UtcTime, nullable=False),
    Column("by", String(100), nullable=False),
    Column("change", String(40), nullable=False),
    Column("detail", String(200), nullable=False),
    Column("running", Integer),
    Column("told_at", UtcTime),
)
"""Who changed an account, when and how; only ever added to. `running` counts an account's lines; `told_at` says since when a fact tells a line to the office above."""
