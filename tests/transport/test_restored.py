"""A node that was put back from a backup, or has an empty database, takes back what others hold of it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from threading import Event
from typing import Any
from uuid import UUID

import pytest

from services import restoring as command
from services.restoring import RESTORE
from shared.accounts.store import SETUP
from shared.audit.verify import verify_node
from shared.node.node import Node
from shared.process import rhythm
from shared.process.host import Host
from shared.restore import session as restoring
from shared.settings.network import read_node
from shared.transport import window
from shared.work.catalogue import PROJECTIONS, WORK
from shared.work.common.order_refusals import RecordTorn, RolledBack
from shared.work.common.words import MatterClass, ObjectionGround, Purpose, UnitKind
from shared.work.directory.orders import OpenUnit
from shared.work.matters.orders.handling import AcceptReferral, ObjectToReferral
from shared.work.matters.orders.referring import AnswerObjection, AssessMatter, ReferMatter
from shared.work.matters.questions import matter as matters
from shared.work.office.restore_report import Report
from tests.parts.backups import Backup, empty
from tests.parts.tiny_network import ALONE, COUNTY, TOWN_A, VILLAGE_2, TinyNetwork
from tests.transport.moving import settled
from tests.transport.wire_tools import until

PASSWORD = "lantern by the well 7"
_codes = count(300)
"""Codes of villages that the county opens."""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look around often, so that what heals by itself heals soon."""
    for name, seconds in (("TICK", 0.1), ("ASK_AGAIN", 0.5), ("LONGEST_PAUSE", 0.5)):
        monkeypatch.setattr(rhythm, name, seconds)
    monkeypatch.setattr(restoring, "ASK_AGAIN", 0.5)
    monkeypatch.setattr(command, "ASK_AGAIN", 0.5)
    monkeypatch.setattr(command, "LOOK_EVERY", 0.02)


def backup(tiny: TinyNetwork, name: str) -> Backup:
    return Backup(read_node(tiny.data, name), tiny.data.parent)


def restore(tiny: TinyNetwork, name: str, *, others: tuple[str, ...] = (), **options: Any) -> Report:
    """What `huiyin restore` does, beside the other nodes of the network."""
    names = (name, *others) if others else ()
    return command.restore(
        lambda: tiny.open_host(*names, restoring=name), name, **{"stop": Event()} | options
    )


def dumps(host: Host) -> dict[str, str]:
    return {name: node.ask(PROJECTIONS.dump) for name, node in host.nodes.items()}


def worked(tiny: TinyNetwork, host: Host) -> UUID:
    """The county opens a village; another registers matters, refers one, and its township accepts it."""
    village, town, county = (host.nodes[name] for name in (ALONE, "town-100", "county"))
    opened = OpenUnit(
        code=f"430321100{next(_codes)}",
        name="新塘村",
        parent=tiny.units[TOWN_A],
        node=ALONE,
        kind=UnitKind.VILLAGE,
    )
    tiny.give(county, COUNTY, opened, role="administrator")
    case = tiny.register(village, VILLAGE_2)
    tiny.register(village, VILLAGE_2)
    tiny.give(village, VILLAGE_2, ReferMatter(case=case, to=tiny.units[TOWN_A]))
    settled(host)
    shown = town.ask(matters.matter, case, as_of=tiny.clock.now())
    assert shown
    tiny.give(town, TOWN_A, AcceptReferral(referral=shown.hands[-1].referral))
    settled(host)
    return case


LOSSES: dict[str, Callable[[TinyNetwork, str, Backup], None]] = {
    "an older backup": lambda tiny, name, kept: kept.put_back(),
    "an empty database": lambda tiny, name, kept: empty(read_node(tiny.data, name)),
}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", [ALONE, "town-100", "county"])
def test_a_node_takes_back_all_that_others_hold_of_it(
    tiny: TinyNetwork, name: str, loss: str, monkeypatch: pytest.MonkeyPatch
):
    # Given a network at work before and after a backup of one of its nodes
    with tiny.host() as host:
        worked(tiny, host)
    kept = backup(tiny, name)
    with tiny.host() as host:
        worked(tiny, host)
        before, facts = dumps(host), host.nodes[name].log.last_position()
    # When that node's database is lost and restored
    LOSSES[loss](tiny, name, kept)
    report = restore(tiny, name, ask=["town-100", ALONE] if name == "county" else [])
    # Then it knows what it had known, nobody else has to send it anything again, and all of it is right
    monkeypatch.setattr(window, "TAIL_LOST", 1000.0)
    with tiny.host() as host:
        settled(host)
        assert dumps(host) == before
        assert host.nodes[name].log.last_position() == facts
        assert [verify_node(node).findings for node in host.nodes.values()] == [()] * len(host.nodes)
        # And its new life works, on facts of the old one too
        assert host.nodes[name].incarnation == report.life == 2
        worked(tiny, host)
    assert report.taken_back and not report.lost and not report.torn and not report.silent


@pytest.mark.parametrize("name", [ALONE, "town-100"])
def test_what_had_followed_from_a_fact_follows_only_once(tiny_on_files: TinyNetwork, name: str):
    # Given a township that objects to an offer, is refused, and objects again, all after a backup
    tiny = tiny_on_files
    with tiny.host() as host:
        village, town = host.nodes[ALONE], host.nodes["town-100"]
        case = tiny.register(village, VILLAGE_2)
        tiny.give(village, VILLAGE_2, ReferMatter(case=case, to=tiny.units[TOWN_A]))
        settled(host)
        (hand,) = town.ask(matters.matter, case, as_of=tiny.clock.now()).hands
    kept = backup(tiny, name)
    objects = ObjectToReferral(referral=hand.referral, ground=ObjectionGround.OTHER_PLACE, reason="邻镇")
    with tiny.host() as host:
        village, town = host.nodes[ALONE], host.nodes["town-100"]
        tiny.give(town, TOWN_A, objects)
        settled(host)
        tiny.give(village, VILLAGE_2, AnswerObjection(case=case, offer=hand.offer, agreed=False))
        settled(host)
        tiny.give(town, TOWN_A, objects)
        settled(host)
        before, facts = dumps(host), host.nodes[name].log.last_position()
    # When either of them is restored from that backup
    kept.put_back()
    restore(tiny, name)
    # Then neither objection has arrived twice, and neither answer either
    with tiny.host() as host:
        settled(host)
        assert host.nodes[name].log.last_position() == facts
        assert dumps(host) == before


def test_what_nobody_held_is_named_and_its_number_is_not_given_again(tiny: TinyNetwork):
    # Given a village whose matters reach nobody after its backup, and a key ring that is apart from it
    with tiny.host() as host:
        tiny.register(host.nodes[ALONE], VILLAGE_2)
        settled(host)
    kept = backup(tiny, ALONE)
    (village,) = tiny.open(ALONE)
    lost = [number_of(village, tiny.register(village, VILLAGE_2)) for _ in range(2)]
    tiny.close(ALONE)
    # When its disk is lost and the backup restored
    kept.put_back()
    report = restore(tiny, ALONE)
    # Then the numbers that it had given are named
    (register,) = (one for one in report.registers if one.unit == str(tiny.units[VILLAGE_2]))
    assert (register.last, register.lost, register.next) == (1, (2, 3), 100_001)
    # And none of them is given to another matter
    with tiny.host() as host:
        village = host.nodes[ALONE]
        assert number_of(village, tiny.register(village, VILLAGE_2)) not in lost
        settled(host)
        assert verify_node(village).findings == ()


def number_of(node: Node, case: UUID) -> str:
    shown = node.ask(matters.matter, case, as_of=node.now())
    assert shown
    return shown.line.number


def test_numbers_that_somebody_saw_and_nobody_holds_are_named(tiny_on_files: TinyNetwork):
    # Given a township that saw the village's number 3, and holds it up to number 1
    with tiny_on_files.host() as host:
        tiny_on_files.register(host.nodes[ALONE], VILLAGE_2)
        settled(host)
    kept = backup(tiny_on_files, ALONE)
    with tiny_on_files.host() as host:
        town = host.nodes["town-100"]
        town.write(lambda group: town.positions.expect(group, (ALONE, 1, "up"), 3))
    kept.put_back()
    # When the village is restored, then both lost numbers are named
    report = restore(tiny_on_files, ALONE)
    assert [(lost.route, lost.first, lost.last) for lost in report.lost] == [("up", 2, 3)]


def test_a_restore_waits_for_everybody_who_may_hold_something(
    tiny_on_files: TinyNetwork, capsys: pytest.CaptureFixture[str]
):
    # Given a network in which one township does not run
    with tiny_on_files.host() as host:
        worked(tiny_on_files, host)
    others = ("town-100", "county", "villages-100", "villages-101")
    with ThreadPoolExecutor(1) as pool:
        # When the village is restored
        stop = Event()
        waiting = pool.submit(restore, tiny_on_files, ALONE, others=others, stop=stop)
        # Then it waits for that one alone, and says so, until somebody ends it
        lines: list[str] = []

        def waits_for_one() -> bool:
            lines.append(capsys.readouterr().err)
            return "no answer yet from 谭家山镇 (town-101)\n" in "".join(lines)

        try:
            until(waits_for_one)
        finally:
            stop.set()
        with pytest.raises(command.Ended):
            waiting.result()


def test_a_node_that_has_not_taken_everything_back_does_not_start(tiny_on_files: TinyNetwork):
    # Given a restore that was ended before it had heard from anybody
    with tiny_on_files.host() as host:
        worked(tiny_on_files, host)
    stop = Event()
    stop.set()
    with pytest.raises(command.Ended):
        restore(tiny_on_files, ALONE, stop=stop)
    # Then the node refuses to start
    with pytest.raises(restoring.RestoreUnfinished, match="huiyin restore"):
        tiny_on_files.open(ALONE)
    # And the next restore goes on, after which it starts
    restore(tiny_on_files, ALONE)
    (village,) = tiny_on_files.open(ALONE)
    assert village.incarnation == 2


def test_going_on_without_a_node_names_it(tiny_on_files: TinyNetwork, monkeypatch: pytest.MonkeyPatch):
    # Given a township that is gone for good
    monkeypatch.setattr(command, "QUIET", 1.0)
    with tiny_on_files.host() as host:
        worked(tiny_on_files, host)
    # When the village is restored without it
    others = ("town-100", "county", "villages-100", "villages-101")
    report = restore(tiny_on_files, ALONE, others=others, go_on=True)
    # Then it is named
    assert report.silent == ("town-101",)


def test_nobody_goes_on_who_has_heard_from_nobody_above(
    tiny_on_files: TinyNetwork, monkeypatch: pytest.MonkeyPatch
):
    # Given neither township nor county, who alone would know of an earlier life
    monkeypatch.setattr(command, "QUIET", 1.0)
    with tiny_on_files.host() as host:
        worked(tiny_on_files, host)
    with pytest.raises(command.NobodyAnswers, match="county"):
        restore(tiny_on_files, ALONE, others=("town-101",), go_on=True)


def test_nobody_is_signed_in_after_a_restore(tiny: TinyNetwork):
    # Given a session and a token that are in the backup, and were ended after it
    (village,) = tiny.open(ALONE)
    at = tiny.clock.now()
    made = village.accounts.create(
        "clerk",
        "接待员",
        tiny.units[VILLAGE_2],
        "petition_clerk",
        by=SETUP,
        at=at,
        password=PASSWORD,
        must_change=False,
    )
    who = {"by": made.account.id, "at": at}
    stolen = village.accounts.sign_in("clerk", PASSWORD, at=at, address="192.0.2.7").cookie_value
    program = village.accounts.make_token(made.account.id, "printer", expires=at + timedelta(days=9), at=at)
    assert village.accounts.session_for(stolen, at=at)
    assert village.accounts.person_for_token(program.secret, at=at)
    tiny.close(ALONE)
    kept = backup(tiny, ALONE)
    (village,) = tiny.open(ALONE)
    village.accounts.revoke_all(made.account.id, **who)
    tiny.close(ALONE)
    # When the backup is put back and restored
    kept.put_back()
    restore(tiny, ALONE)
    # Then neither lets anybody in, and the account's history says why
    (village,) = tiny.open(ALONE)
    assert village.accounts.session_for(stolen, at=at) is None
    assert village.accounts.person_for_token(program.secret, at=at) is None
    assert (RESTORE, "all_revoked") in {(c.by, c.change) for c in village.accounts.changes(made.account.id)}
    # And who knows the password signs in again
    again = village.accounts.sign_in("clerk", PASSWORD, at=at, address="192.0.2.7").cookie_value
    assert village.accounts.session_for(again, at=at)


def test_a_second_loss_with_the_same_backup_begins_another_life(tiny_on_files: TinyNetwork):
    # Given a village that was restored, and lost its disk again before anything had left it
    with tiny_on_files.host() as host:
        worked(tiny_on_files, host)
    kept = backup(tiny_on_files, ALONE)
    restore(tiny_on_files, ALONE)
    (village,) = tiny_on_files.open(ALONE)
    given = number_of(village, tiny_on_files.register(village, VILLAGE_2))
    tiny_on_files.close(ALONE)
    kept.put_back()
    # When it is restored from the same backup
    report = restore(tiny_on_files, ALONE)
    assert report.life == 3
    # Then the number of the life between is named as given
    assert [one.lost for one in report.registers if one.unit == str(tiny_on_files.units[VILLAGE_2])] == [
        (100_001,)
    ]
    # And it is not given again
    (village,) = tiny_on_files.open(ALONE)
    assert number_of(village, tiny_on_files.register(village, VILLAGE_2)) != given


def test_a_backup_that_was_started_without_a_restore_is_found_out(tiny: TinyNetwork):
    # Given a village whose older backup was simply started
    with tiny.host() as host:
        worked(tiny, host)
    kept = backup(tiny, ALONE)
    with tiny.host() as host:
        worked(tiny, host)
    kept.put_back()
    with tiny.host() as host:
        village = host.nodes[ALONE]
        tiny.register(village, VILLAGE_2)
        # When its township says that it holds more, then it takes no more orders
        until(lambda: village.rollback.is_rolled_back)
        with pytest.raises(RolledBack):
            tiny.register(village, VILLAGE_2)
    # And it cannot be restored over what it has recorded since
    with pytest.raises(restoring.OtherHistory, match="backup back once more"):
        restore(tiny, ALONE)
    # But from the backup it can
    kept.put_back()
    assert restore(tiny, ALONE).taken_back


def test_keys_that_an_older_key_ring_lacks_come_back_from_who_has_them(tiny: TinyNetwork):
    # Given a village that handed a matter on, and kept another, after its key ring was saved
    tiny.open(ALONE)
    tiny.close(ALONE)
    ring = read_node(tiny.data, ALONE).folder / "keyring.sqlite"
    saved = ring.read_bytes()
    with tiny.host() as host:
        handed_on = worked(tiny, host)
        alone = tiny.register(host.nodes[ALONE], VILLAGE_2)
        settled(host)
    # When database and key ring are lost, and the saved ring put back
    empty(read_node(tiny.data, ALONE))
    ring.write_bytes(saved)
    report = restore(tiny, ALONE)
    assert report.awaited_keys == 3
    with tiny.host() as host:
        village = host.nodes[ALONE]
        # Then the keys of the one come back
        until(lambda: bool(village.ring.of_subject(handed_on)))
        shown = village.ask(matters.matter, handed_on, as_of=village.now())
        assert shown and village.open(shown.content.account)
        # And of the other are awaited still: nobody else ever had them
        assert not village.ring.of_subject(alone)


def test_keys_are_given_back_to_nobody_but_the_office_that_made_them(tiny_on_files: TinyNetwork):
    # Given a matter that a village handed to its township
    with tiny_on_files.host() as host:
        case = worked(tiny_on_files, host)
        town = host.nodes["town-100"]
        owner, other = (
            {unit.unit for unit in town.directory.units.values() if unit.node == name}
            for name in (ALONE, "villages-100")
        )
        # Then the village began it and no other office did
        assert town.ask(WORK.made_keys, case, owner)
        assert not town.ask(WORK.made_keys, case, other)


def test_a_record_with_a_hole_takes_no_order(tiny: TinyNetwork):
    # Given a matter of the county, of which only the offer to a township has left it
    with tiny.host() as host:
        county = host.nodes["county"]
        case = tiny.register(county, COUNTY)
        number = number_of(county, case)
        tiny.give(county, COUNTY, ReferMatter(case=case, to=tiny.units[TOWN_A]))
        settled(host)
    # When the county begins with an empty database
    empty(read_node(tiny.data, "county"))
    report = restore(tiny, "county", ask=["town-100"])
    # Then the matter is named as torn, and no order is taken on it
    assert report.torn == (f"case {number}",)
    with tiny.host() as host, pytest.raises(RecordTorn):
        order = AssessMatter(case=case, matter_class=MatterClass.HEALTH, purpose=Purpose.SUGGESTION)
        tiny.give(host.nodes["county"], COUNTY, order)


def test_a_false_word_about_what_it_holds_stops_nobody(tiny_on_files: TinyNetwork):
    # Given a township that says that it holds more of a village than there ever was
    with tiny_on_files.host() as host:
        village, town = host.nodes[ALONE], host.nodes["town-100"]
        tiny_on_files.register(village, VILLAGE_2)
        settled(host)
        town.outgoing.send_control("receipt", ALONE, {"of": ALONE, "incarnation": 1, "held": {"up": 99}})
        # When the village has heard it and asked for the facts
        until(lambda: village.outbox.held_of("up", "town-100") == 99)
        tiny_on_files.register(village, VILLAGE_2)
        until(lambda: town.receipts.durable[ALONE, 1, "up"] == 2)
        # Then it goes on working, since nothing shows that it was so
        assert not village.rollback.is_rolled_back
        tiny_on_files.register(village, VILLAGE_2)
