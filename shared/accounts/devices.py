"""Devices on which an account has signed in before: a browser carries a secret that opens nothing.

It says only: here somebody once knew this account's password. So guesses made elsewhere do not keep its people out, and a
reset does not let anybody in who never was.
"""

import secrets
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from shared.accounts.limits import Limits
from shared.accounts.tables import DEVICES


def secret_of(given: str | None) -> str | None:
    """What a browser says that it carries, if it can be one of ours."""
    return given if given and len(given) <= 100 else None


def is_known(connection: Connection, device: str | None, account: str, at: datetime, limits: Limits) -> bool:
    """Whether the account has signed in on this device, not too long ago; `device` is the hash of its secret."""
    if device is None:
        return False
    row = (DEVICES.c.id_sha256 == device) & (DEVICES.c.account_id == account)
    seen = connection.scalar(select(DEVICES.c.last_seen_at).where(row))
    return seen is not None and seen > at - limits.device_known


def has_any(connection: Connection, account: str, at: datetime, limits: Limits) -> bool:
    """Whether any device is known to the account."""
    seen = connection.scalars(select(DEVICES.c.last_seen_at).where(DEVICES.c.account_id == account))
    return any(last > at - limits.device_known for last in seen)


def is_ours(connection: Connection, device: str) -> bool:
    """Whether the device carries a secret that we gave, for whichever account."""
    return (
        connection.execute(select(DEVICES.c.id_sha256).where(DEVICES.c.id_sha256 == device)).first()
        is not None
    )


def fresh_secret() -> str:
    """A secret for a device that has none."""
    return secrets.token_urlsafe(32)


def keep(connection: Connection, device: str, account: str, at: datetime, limits: Limits) -> None:
    """The account signed in on this device just now; those used longest ago are forgotten beyond `devices_at_most`."""
    mine = DEVICES.c.account_id == account
    row = mine & (DEVICES.c.id_sha256 == device)
    if connection.execute(update(DEVICES).where(row).values(last_seen_at=at)).rowcount == 0:
        values = {"id_sha256": device, "account_id": account, "first_seen_at": at, "last_seen_at": at}
        connection.execute(insert(DEVICES).values(values))
    newest = select(DEVICES.c.id_sha256).where(mine).order_by(DEVICES.c.last_seen_at.desc())
    kept = connection.scalars(newest.limit(limits.devices_at_most)).all()
    connection.execute(delete(DEVICES).where(mine, DEVICES.c.id_sha256.not_in(kept)))


def forget(connection: Connection, account: str) -> None:
    """No device is known to the account any more."""
    connection.execute(delete(DEVICES).where(DEVICES.c.account_id == account))
