"""Schemas and roles of a network at PostgreSQL: each node has one of both, and a role opens no other node's schema.

The owner (the address that `huiyin init` was given) makes and changes tables; its address stays in `owner.toml` of the folder
that the network was made in. A node's folder has the address of its own role, which may add facts and change none. Whoever
runs several nodes of the folder in one process does it with one role more, a member of all of theirs.
"""

import secrets
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2.errors import InsufficientPrivilege
from psycopg2.extensions import encrypt_password
from sqlalchemy import make_url

from shared.event_log.grants import grants, quoted
from shared.settings.network import schemas_of, write_privately
from shared.work.common.cannot_go_on import CannotGoOn

OWNER_FILE = "owner.toml"
TOGETHER = "together"
"""What the role for several nodes of one process is called after, in the place of a node."""


class MayMakeNoRoles(CannotGoOn):
    """The address that was given may not make what nodes need at the server."""

    code = "may-make-no-roles"


def write_owner(data: Path, address: str) -> None:
    """Keep the owner's address, for the owner of the file alone."""
    write_privately(data / OWNER_FILE, {"postgres": address})


def read_owner(data: Path) -> str | None:
    """The owner's address, where this folder has it."""
    path = data / OWNER_FILE
    return tomllib.loads(path.read_text())["postgres"] if path.exists() else None


def make_schemas(owner: str, network: str, nodes: Iterable[str], mark: str) -> None:
    """An empty schema for each node. Errors: MayMakeNoRoles."""
    with _as_owner(owner) as run:
        for node in nodes:
            schema = quoted(schemas_of(network) + node.replace("-", "_"))
            run(f"CREATE SCHEMA {schema}")
            run(f"COMMENT ON SCHEMA {schema} IS %s", _signed(network, mark))


def require_schema(owner: str, network: str, schema: str) -> None:
    """An empty schema for one node more, unless it is there. Errors: MayMakeNoRoles."""
    with _as_owner(owner) as run:
        if not run("SELECT 1 FROM pg_namespace WHERE nspname = %s", schema):
            run(f"CREATE SCHEMA {quoted(schema)}")
            run(f"COMMENT ON SCHEMA {quoted(schema)} IS %s", f"network {network}, made by `huiyin admit`")


def make_roles(owner: str, schemas: dict[str, str], together: str, mark: str) -> dict[str, str]:
    """A role for each node by its schema, and the one for all of them together; their addresses. Errors: MayMakeNoRoles."""
    made = {node: new_address(owner, f"{schema}_{mark}") for node, schema in schemas.items()}
    made[TOGETHER] = new_address(owner, f"{together}{TOGETHER}_{mark}")
    require_roles(owner, made)
    return made


def require_roles(owner: str, addresses: dict[str, str]) -> None:
    """Make the roles of these addresses that the server lacks, with their passwords. Errors: MayMakeNoRoles."""
    with _as_owner(owner) as run:
        for address in addresses.values():
            url = make_url(address)
            role, password = str(url.username), str(url.password or "")
            if not run("SELECT 1 FROM pg_roles WHERE rolname = %s", role):
                run.role(role, password)
        everybody = quoted(str(make_url(addresses[TOGETHER]).username))
        for node, address in addresses.items():
            if node != TOGETHER:
                run(f"GRANT {quoted(str(make_url(address).username))} TO {everybody}")


def give_rights(owner: str, of_schemas: dict[str, str]) -> None:
    """Give each role, by its schema, what it needs to run a node; again after tables came. Errors: MayMakeNoRoles."""
    for schema, role in of_schemas.items():
        with _as_owner(owner) as run:
            for statement in grants(schema, role):
                run(statement)


def new_mark() -> str:
    """What ends the names of roles that are made at one time."""
    return secrets.token_hex(3)


def new_address(owner: str, role: str) -> str:
    """The owner's address with a new role's name and a password that nobody chose."""
    address = make_url(owner).set(username=role, password=secrets.token_urlsafe(24))
    return address.render_as_string(hide_password=False)


def schemas_there(address: str, network: str) -> list[str]:
    """The schemas of a network of this name in a database, whoever made them."""
    with _as_owner(address) as run:
        query = "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, %s) ORDER BY nspname"
        return [row[0] for row in run(query, schemas_of(network))]


def all_schemas(address: str) -> list[str]:
    """Every schema of a database."""
    with _as_owner(address) as run:
        return [row[0] for row in run("SELECT nspname FROM pg_namespace")]


def is_owner(address: str, schema: str) -> bool:
    """Whether whoever uses this address may change everything in a schema."""
    with _as_owner(address) as run:
        query = "SELECT pg_has_role(nspowner, 'USAGE') FROM pg_namespace WHERE nspname = %s"
        return any(row[0] for row in run(query, schema))


def drop_roles_of(owner: str, schema: str) -> list[str]:
    """End the roles that open one node's schema alone; what is in it stays. Their names. Errors: MayMakeNoRoles."""
    with _as_owner(owner) as run:
        query = "SELECT rolname FROM pg_roles WHERE starts_with(rolname, %s) AND rolname ~ '_[0-9a-f]{6}$' AND length(rolname) = %s"
        roles = [row[0] for row in run(query, f"{schema}_", len(schema) + 7)]
        for role in roles:
            run(f"DROP OWNED BY {quoted(role)}")
            run(f"DROP ROLE {quoted(role)}")
    return roles


def remove(owner: str, network: str, mark: str) -> None:
    """Remove the schemas and roles that carry a mark. One transaction each: a server locks so many tables at once."""
    with _as_owner(owner) as run:
        query = "SELECT nspname FROM pg_namespace WHERE obj_description(oid, 'pg_namespace') = %s"
        schemas = [row[0] for row in run(query, _signed(network, mark))]
        query = "SELECT rolname FROM pg_roles WHERE starts_with(rolname, %s) AND right(rolname, %s) = %s"
        roles = [row[0] for row in run(query, schemas_of(network), len(mark) + 1, f"_{mark}")]
    for statements in (
        *([f"DROP SCHEMA {quoted(schema)} CASCADE"] for schema in schemas),
        *([f"DROP OWNED BY {quoted(role)}", f"DROP ROLE {quoted(role)}"] for role in roles),
    ):
        with _as_owner(owner) as run:
            for statement in statements:
                run(statement)


def _signed(network: str, mark: str) -> str:
    return f"network {network}, made by `huiyin init` ({mark})"


class _Run:
    """Runs statements in one transaction."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __call__(self, statement: str, *values: object) -> Sequence[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def role(self, role: str, password: str) -> None:
        """A role that may sign in; the server's own log does not see the password."""
        hashed = encrypt_password(password, role, self._connection, "scram-sha-256")
        self(f"CREATE ROLE {quoted(role)} LOGIN PASSWORD %s", hashed)


@contextmanager
def _as_owner(address: str) -> Iterator[_Run]:
    plain = make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)
    with closing(psycopg2.connect(plain, connect_timeout=5)) as connection, connection:
        try:
            yield _Run(connection)
        except InsufficientPrivilege as error:
            raise MayMakeNoRoles(
                f"{make_url(address).username or 'this role'} may not do this at PostgreSQL ({' '.join(str(error).split())}): "
                "take an address whose role may make schemas and roles (CREATE on the database, CREATEROLE), "
                "or let all nodes share its own with --one-role"
            ) from error
