"""Whether there is room for a network: a folder, a name on the servers, servers that answer."""

from pathlib import Path

from sqlalchemy import make_url

from services import server_roles, unfinished
from shared.database.engines import database_trouble
from shared.settings.names import wrong_with_kafka, wrong_with_postgres
from shared.settings.network import NETWORK_FILE, SettingsMissing
from shared.transport.wire import WireDown
from shared.work.common.cannot_go_on import CannotGoOn
from shared.work.common.refusals import Kind, Refusal


class NetworkExists(CannotGoOn):
    """There is a network in the folder already; none is made over it."""

    code = "network-exists"


class NetworkNameTaken(CannotGoOn):
    """A server holds something of a network of the same name."""

    code = "network-name-taken"


class ServerGone(Refusal):
    """A server that the network is to stand on does not answer."""

    code = "server-gone"
    sentence = "%(server)s does not answer (%(reason)s). Nothing was made; start it and try again."
    kind = Kind.NOT_AT_THE_MOMENT


def clear(data: Path) -> bool:
    """Remove what a making that ended half way left in a folder; whether it did. Errors: ServerGone, NetworkExists."""
    left = unfinished.found_in(data)
    if left is None:
        _require_no_network(data)
        return False
    require_database(left.postgres)
    unfinished.remove(data, left)
    return True


def require_free_name(network: str, postgres: str | None, kafka: str | None) -> None:
    """Refuse to meet another network of the same name. Errors: NetworkNameTaken, ServerGone, SettingsMissing."""
    _require_addresses(postgres, kafka)
    if postgres:
        require_database(postgres)
        there = server_roles.schemas_there(postgres, network)
        if there:
            database = make_url(postgres).database
            raise NetworkNameTaken(
                f"the database {database} has {len(there)} schemas of a network called {network} already ({there[0]}, ...): "
                "call this one otherwise with --name; only if nobody needs that one any more, drop its schemas first"
            )
    if kafka:
        used = _topics_used(kafka, network)
        if used:
            raise NetworkNameTaken(
                f"Kafka {kafka} has carried messages of a network called {network} already ({used[0]}, ...): "
                "call this one otherwise with --name; only if nobody needs that one any more, delete its topics first"
            )


def _require_no_network(data: Path) -> None:
    if (data / NETWORK_FILE).exists():
        raise NetworkExists(f"{data} already holds a network; name another folder with --data")
    if (data / "nodes").exists():
        raise NetworkExists(
            f"{data}/nodes holds folders of nodes without a network, as an `init` of an earlier release leaves them when it "
            "ends half way: if so, delete the folder and drop the schemas `node_...`; else name another folder with --data"
        )


def _require_addresses(postgres: str | None, kafka: str | None) -> None:
    said = {"--postgres": wrong_with_postgres(postgres) if postgres else ""}
    said["--kafka"] = wrong_with_kafka(kafka) if kafka else ""
    wrong = [f"{option}: {what}" for option, what in said.items() if what]
    if wrong:
        raise SettingsMissing("; ".join(wrong))


def require_database(postgres: str) -> None:
    """Errors: ServerGone, unless it answers or there is none."""
    trouble = database_trouble(postgres) if postgres else ""
    if trouble:
        raise ServerGone(server="PostgreSQL", reason=trouble)


def _topics_used(kafka: str, network: str) -> list[str]:
    from shared.transport.kafka.used import topics_used  # a machine without Kafka need not load it

    try:
        return topics_used(kafka, network)
    except WireDown as error:
        raise ServerGone(server=f"Kafka {kafka}", reason=error) from error
