"""How a node goes on with an office that has moved to it, once all is here that there is of it."""

from collections.abc import Callable
from uuid import UUID

from shared.envelope import fact_id
from shared.event_log.group import Group
from shared.event_log.journal import since
from shared.event_log.known import JournaledFact
from shared.event_log.tables import HANDED_OVER
from shared.transport.evidence_here import INCARNATIONS
from shared.work.common.hand_over import HandOver
from shared.work.common.unit_info import UnitInfo


def take_over(
    group: Group,
    office: UnitInfo,
    begins: Callable[[Group, UUID, int], None],
    follow: Callable[[JournaledFact], None],
) -> None:
    """Go on with the office if every portion and every record of it is here; `begins` makes it known.

    The last of its homes is this one. `follow` takes what had come for it meanwhile, and what had not been followed by
    anything at the old node.
    """
    portions = _portions(group, office)
    if not portions:
        return
    heads = {
        UUID(head["stream"]): (head["version"], said.envelope.id)
        for said in portions
        for head in said.data["records"]
    }
    followed = {UUID(one["fact"]) for said in portions for one in said.data["heard"] if one["followed"]}
    group.flush()
    records: dict[UUID, dict[int, JournaledFact]] = {stream: {} for stream in heads}
    waiting: list[JournaledFact] = []
    for known in since(group.connection):
        if known.envelope.stream in records:
            records[known.envelope.stream][known.envelope.stream_version] = known
        if office.unit in known.envelope.addressees and known.envelope.id not in followed:
            waiting.append(known)
    if any(_is_torn(office, heads[stream][0], facts) for stream, facts in records.items()):
        return
    group.writes.upsert(HANDED_OVER, _rows(records, heads))
    group.forget(records)
    begins(group, office.unit, len(office.homes))
    for known in waiting:
        if not office.begins_anew or known.envelope.source == office.homes[-2]:
            follow(known)


def _portions(group: Group, office: UnitInfo) -> list[JournaledFact]:
    """Every portion that the node before said when the office left it; none while one is missing."""
    found: list[JournaledFact] = []
    while not found or len(found) < found[0].data["portions"]:
        said = group.find_facts(_ids(office, len(found)))
        if not said:
            return []
        found += said[:1]
    return found


def _ids(office: UnitInfo, running: int) -> list[UUID]:
    giver = office.homes[-2]
    stream = HandOver.id_for(giver, office.unit, len(office.homes), running)
    return [fact_id(giver, incarnation, stream, 1) for incarnation in range(1, INCARNATIONS + 1)]


def _is_torn(office: UnitInfo, version: int, facts: dict[int, JournaledFact]) -> bool:
    """Whether a fact of a record is missing; one that was begun anew here meanwhile is another record of its name."""
    begun_anew = office.begins_anew and 1 in facts and facts[1].arrived is None
    return not begun_anew and any(of not in facts for of in range(1, version + 1))


def _rows(
    records: dict[UUID, dict[int, JournaledFact]], heads: dict[UUID, tuple[int, UUID]]
) -> list[dict[str, object]]:
    return [
        {
            "stream": stream,
            "stream_version": version,
            "fact": known.envelope.id,
            "hand_over": heads[stream][1],
        }
        for stream, facts in records.items()
        for version, known in facts.items()
        if known.arrived is not None and version <= heads[stream][0]
    ]
