"""What must be true after every run, whatever went wrong: the twelve invariants, and what belongs to them.

Each is a function that yields what it found wrong; its first line is the rule. Where the product
does not have the feature yet, the nearest true thing is checked, and the function says so.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from shared.audit.verify import verify_node
from shared.event_log.sealing import open_sealed
from shared.node.node import Node
from shared.settings.network import CutOffs
from shared.transport.route_names import route_in_incarnation
from shared.work.common.calendar import day_of
from shared.work.common.sealed import Sealed, person_key, subject_of
from shared.work.common.stretch import Stretch
from shared.work.matters.questions.matters import Wanted, by_state_and_age, matters
from shared.work.matters.stages import ENDED
from shared.work.reports.questions.sheets import sheet
from tests.simulator.clerks import ids
from tests.simulator.evil import what_a_liar_said_is_believed_nowhere
from tests.simulator.handling import active_hands
from tests.simulator.ledger import Ledger, Seen
from tests.simulator.restores import (
    a_restored_node_goes_on_in_a_new_life,
    is_of_torn_record,
    registers_are_gapless,
    what_nobody_held_is_listed,
    what_others_held_came_back,
)

if TYPE_CHECKING:
    from tests.simulator.run import World


@dataclass(frozen=True)
class Verdict:
    """A settled network, and what the observer knows of it."""

    world: "World"
    nodes: dict[str, Node]

    @property
    def ledger(self) -> Ledger:
        return self.world.ledger

    @property
    def county(self) -> Node:
        return self.nodes["county"]

    @property
    def later(self) -> datetime:
        """A moment that lies after everything by every clock."""
        return self.world.time.now + timedelta(days=1)

    @cached_property
    def by_id(self) -> dict[str, Seen]:
        """Every recorded fact by its id as databases store it."""
        return {seen.envelope.id.hex: seen for seen in self.ledger.facts}

    @cached_property
    def journals(self) -> dict[str, list[str]]:
        """For each node the ids of what it knows, in its order."""
        query = "SELECT fact FROM journal ORDER BY position"
        return {name: [row[0] for row in self.ledger.rows(name, query)] for name in self.nodes}

    def named(self, *names: str) -> list[Seen]:
        """Facts of these names."""
        return [seen for seen in self.ledger.facts if seen.envelope.name in names]


Invariant = Callable[[Verdict], Iterator[str]]


def judge(world: "World") -> list[str]:
    """Everything that is not as it must be, each with the name of its rule."""
    world.ledger.look_everywhere()
    verdict = Verdict(world, {node.name: node for node in world.nodes()})
    return [f"{_name(rule)}: {found}" for rule in INVARIANTS for found in _found(rule, verdict)]


def _name(rule: Invariant) -> str:
    return rule.__name__.replace("_", " ")


def _found(rule: Invariant, verdict: Verdict) -> list[str]:
    try:
        return _first(rule(verdict))
    except Exception as mistake:
        return [f"cannot be told: {mistake!r}"]


def _first(found: Iterable[str], most: int = 3) -> list[str]:
    return [text for _, text in zip(range(most), found, strict=False)]


def at_any_moment(ledger: Ledger) -> list[str]:
    """What must hold also in the middle of everything: one handler a matter, and receipts that are true."""
    ledger.look_everywhere()
    return [*_first(_handlers(ledger)), *_first(_receipts(ledger))]


def _handlers(ledger: Ledger) -> Iterator[str]:
    for case, hands in active_hands(ledger).items():
        if len(hands) > 1:
            yield f"{case} is handled by {[(hand.unit, hand.stage) for hand in hands]}"


def _receipts(ledger: Ledger) -> Iterator[str]:
    """Nobody is told that more is held than is durable where it is held."""
    seen = [node for node in ledger.folders if not ledger.is_lost(node)]
    held = {
        (holder, source, route_in_incarnation(route, life)): number
        for holder in seen
        for source, life, route, number in ledger.rows(holder, _HELD)
    }
    for sender in seen:
        for holder, route, told in ledger.rows(sender, "SELECT holder, route, held FROM holdings"):
            is_seen = holder != ledger.liar and not ledger.is_lost(holder)
            if told > held.get((holder, sender, route), 0) and is_seen:
                yield f"{sender} was told that {holder} holds {told} of {route}"


_HELD = "SELECT source, incarnation, route, held FROM sources"


def nothing_acknowledged_is_lost(verdict: Verdict) -> Iterator[str]:
    """What was answered is in the log of its node, and what departed is with everybody who is to hold it."""
    for asked in verdict.world.clerks.asked:
        for fact in ids(asked):
            if fact.hex not in verdict.by_id and fact not in verdict.ledger.gone:
                yield f"fact {fact} of {asked.account} at {asked.node}"
    query = "SELECT p.route, p.number, j.fact FROM places p JOIN journal j ON j.position = p.position"
    known = {name: set(journal) for name, journal in verdict.journals.items()}
    for name, node in verdict.nodes.items():
        for route, number, fact in verdict.ledger.rows(name, query):
            for holder in node.holders_of(route):
                if holder != verdict.ledger.liar and fact not in known[holder]:
                    yield f"{name} sent {route} {number} to {holder}, which does not know it"


def nothing_is_counted_twice(verdict: Verdict) -> Iterator[str]:
    """A fact is once in a journal; a stream has one writer at a time; a cause has one effect on it; numbers are gapless."""
    for name, journal in verdict.journals.items():
        for fact, times in Counter(journal).items():
            if times > 1 or fact not in verdict.by_id:
                yield f"{name} knows {fact} {times} times, recorded: {fact in verdict.by_id}"
    writers: dict[UUID, list[tuple[int, str, str]]] = defaultdict(list)
    effects: Counter[tuple[str, UUID, UUID, str]] = Counter()
    for seen in verdict.ledger.facts:
        writers[seen.envelope.stream].append((seen.envelope.stream_version, seen.node, seen.envelope.name))
        if cause := seen.envelope.causation:
            effects[seen.node, cause, seen.envelope.stream, seen.envelope.name] += 1
    for stream, by in writers.items():
        if len({version for version, *_ in by}) < len(by) or not _taken_in_turns(sorted(by)):
            yield f"{stream} is written by {sorted(by)}"
    yield from (f"{what} happened {times} times" for what, times in effects.items() if times > 1)
    yield from _numbers(verdict)


def _taken_in_turns(facts: list[tuple[int, str, str]]) -> bool:
    """Whether each node that goes on with a stream took it over."""
    turns = zip(facts, facts[1:], strict=False)
    return all(before == by or name == "record.taken_over" for (_, before, _), (_, by, name) in turns)


def _numbers(verdict: Verdict) -> Iterator[str]:
    gone = [seen for seen in verdict.ledger.gone.values() if seen.envelope.name == "case.registered"]
    numbers = Counter(seen.data["number"] for seen in [*verdict.named("case.registered"), *gone])
    marks = Counter(seen.data["entry"]["mark"] for seen in verdict.named("unit.opened"))
    yield from (f"{what} was given {times} times" for what, times in (numbers + marks).items() if times > 1)
    yield from registers_are_gapless(verdict, verdict.named("case.registered"))


def totals_are_the_sum_of_the_logs(verdict: Verdict) -> Iterator[str]:
    """The county's totals, by office and by state and age, are what all logs hold.

    A matter of which a restore left only later facts counts as well: it is shown as far as it is known, also where
    nothing is left but that an office passed it on.
    """
    everything = Wanted()
    handed_over = (s.data["handover"] for s in verdict.ledger.facts if s.data.get("handover"))
    owners = {UUID(handover["case"]): UUID(handover["owner"]) for handover in handed_over}
    owners |= {s.envelope.stream: s.envelope.unit for s in verdict.ledger.facts if s.envelope.kind == "case"}
    registered = Counter(owners.values())
    shown = verdict.county.ask(matters, everything, as_of=verdict.later, stretch=Stretch(None))
    if Counter(line.owner for line in shown) != registered:
        yield f"in the logs {sum(registered.values())}, on the county's page {len(shown)}"
    counts = verdict.county.ask(by_state_and_age, as_of=verdict.later)
    if sum(counts.values()) != sum(registered.values()):
        yield f"in the logs {sum(registered.values())}, by state and age {sum(counts.values())}"


def facts_of_a_stream_keep_their_order(verdict: Verdict) -> Iterator[str]:
    """Every node comes to know a stream in the order of its versions; who reads all of a node, without a gap.

    But for the gap of a record that a restore left torn.
    """
    for name, journal in verdict.journals.items():
        versions: dict[UUID, int] = {}
        for fact in journal:
            if (seen := verdict.by_id.get(fact)) is None:
                continue
            stream, version = seen.envelope.stream, seen.envelope.stream_version
            before = versions.get(stream, 0)
            whole = name == seen.node or name in verdict.nodes[seen.node].holders_of("up")
            whole = whole and seen.envelope.stream not in verdict.ledger.torn
            homes = verdict.ledger.units[seen.envelope.unit].nodes
            whole = whole and all(name in (n, *verdict.nodes[n].holders_of("up")) for n in homes)
            offices = (seen.envelope.unit, *seen.envelope.addressees)
            moved = any(len(verdict.ledger.units[unit].nodes) > 1 for unit in offices)
            if (version <= before and (whole or not moved)) or (whole and version != before + 1):
                yield f"{name}: {seen.envelope.type} {version} of {stream} after {before}"
            versions[stream] = max(version, before)


def a_duty_is_missed_once_and_only_after_its_day(verdict: Verdict) -> Iterator[str]:
    """A due matter is overdue from the day after, not before, and listed once.

    Timers that record a missed duty as a fact do not exist yet: the lists that clerks act on are checked.
    """
    lines = verdict.county.ask(matters, Wanted(open=True), as_of=verdict.later, stretch=Stretch(None))
    dues = {line.case: line.due for line in lines if line.due}
    for day in verdict.world.chance.sample(sorted(set(dues.values())), min(1, len(dues))):
        for moment, late in ((day, False), (day + timedelta(days=1), True)):
            as_of = datetime.combine(moment, verdict.later.timetz())
            today = day_of(as_of)
            found = verdict.county.ask(matters, Wanted(overdue=True), as_of=as_of, stretch=Stretch(None))
            expected = {case for case, due in dues.items() if due < today}
            if Counter(line.case for line in found) != Counter(expected):
                yield f"due {day}, late {late}: {len(found)} in the list, {len(expected)} expected"


def nobody_reads_above_their_scope(verdict: Verdict) -> Iterator[str]:
    """A node knows what reaches it by its routes, and holds keys only of what its offices have in hand.

    An office keeps keys after the matter has left it. Accusations are not taken yet, so none has its own scope.
    """
    kept = {name: {u.id for u in verdict.ledger.units.values() if name in u.nodes} for name in verdict.nodes}
    for name, journal in verdict.journals.items():
        for fact in journal:
            if (seen := verdict.by_id.get(fact)) and not _may_know(verdict, name, kept[name], seen):
                yield f"{name} knows {seen.envelope.type} of {seen.node}"
    entitled = _entitled(verdict)
    for name in verdict.nodes:
        for subject in {subject_of(key) for key in _ring_names(verdict, name)}:
            # Keys come before the facts that they seal; without facts there is nothing to read.
            if subject in entitled and not entitled[subject] & kept[name]:
                yield f"{name} holds keys of {subject}"


def _may_know(verdict: Verdict, name: str, kept: set[UUID], seen: Seen) -> bool:
    envelope = seen.envelope
    to_it = name == seen.node or name in verdict.nodes[seen.node].holders_of("up")
    moved = [unit for unit in envelope.addressees if len(verdict.ledger.units[unit].nodes) > 1]
    watched_by = {above for unit in (envelope.unit, *moved) for above in verdict.ledger.watchers(unit)}
    theirs = {envelope.unit, *envelope.addressees, *watched_by}
    return to_it or envelope.kind in ("unit", "node") or bool(kept & theirs)


def _ring_names(verdict: Verdict, name: str) -> list[str]:
    return [key for (key,) in verdict.nodes[name].ring._db.execute("SELECT name FROM keys")]  # pyright: ignore[reportPrivateUsage]


def _entitled(verdict: Verdict) -> dict[UUID, set[UUID]]:
    """Offices that may have the keys of a subject: whose it is, and to whom it was offered or addressed."""
    offices: dict[UUID, set[UUID]] = defaultdict(set)
    for seen in verdict.ledger.facts:
        data, stream = seen.data, seen.envelope.stream
        if seen.envelope.name == "case.registered":
            offices[stream].add(seen.envelope.unit)
        elif "handover" in data:
            named = (data.get("to"), data.get("through"), str(seen.envelope.unit))
            offices[UUID(data["handover"]["case"])] |= {UUID(unit) for unit in named if unit}
        elif seen.envelope.name == "supervision.issued":
            offices[stream] |= {seen.envelope.unit, UUID(data["to"])}
        elif seen.envelope.name == "override.ordered":
            offices[stream] |= {seen.envelope.unit, UUID(data["sender"]), UUID(data["receiver"])}
    return offices


def zero_differs_from_silent(verdict: Verdict) -> Iterator[str]:
    """For each unit and day the county shows reported, zero, excused or silent as the logs have it."""
    said: dict[tuple[UUID, date], tuple[int, str]] = {}
    for seen in verdict.named("report.filed", "report.corrected"):
        key = seen.envelope.unit, date.fromisoformat(seen.data["day"])
        said[key] = max(said.get(key, (0, "")), (seen.data["version"], seen.data["kind"]))
    revoked = {seen.envelope.stream for seen in verdict.named("excuse.revoked")}
    excused = {
        (UUID(s.data["excused"]), date.fromisoformat(s.data["day"]))
        for s in verdict.named("excuse.granted")
        if s.envelope.stream not in revoked
    }
    root = next(unit.id for unit in verdict.ledger.units.values() if unit.parent is None)
    for day in sorted({day for _, day in [*said, *excused]}):
        shown = verdict.county.ask(sheet, root, day, as_of=verdict.later, cut_offs=_CUT_OFFS, whole_tree=True)
        for line in shown.lines:
            kind = said.get((line.unit, day), (0, ""))[1]
            other = "excused" if (line.unit, day) in excused else "silent"
            expected = {"daily": "reported", "zero": "zero", "": other}[kind]
            if line.status != expected:
                yield f"{line.unit} on {day}: {line.status}, in the logs {expected}"


_CUT_OFFS = vars(CutOffs())


def every_matter_stands_in_one_report(verdict: Verdict) -> Iterator[str]:
    """Newest versions cover each matter up to the last place once, count what they cover, and none is called wrong.

    But for offices of which a disk took facts with it: what is lost was counted.
    """
    newest: dict[tuple[UUID, str], dict[str, Any]] = {}
    for seen in verdict.named("report.filed", "report.corrected"):
        key = seen.envelope.unit, seen.data["day"]
        newest[key] = max(newest.get(key, seen.data), seen.data, key=lambda said: said["version"])
    lost = {seen.envelope.unit for seen in verdict.ledger.gone.values()}
    for unit in {unit for unit, _ in newest} - lost:
        reports = [said for (of, _), said in newest.items() if of == unit]
        spans = [(_place(said["covers_from"]), _place(said["covers_to"])) for said in reports]
        places = [
            _place({"year": seen.data["year"], "number": seen.data["register_no"]})
            for seen in verdict.named("case.registered")
            if seen.envelope.unit == unit
        ]
        carriers = [sum(first <= place <= last for first, last in spans) for place in places]
        due = [int(place <= max(last for _, last in spans)) for place in places]
        if carriers != due:
            yield f"{unit}: {carriers} reports speak of the matters at {places}"
        if sum(said["figures"]["new"] for said in reports) != sum(due):
            yield f"{unit}: reports count {[said['figures']['new'] for said in reports]}, the register {sum(due)}"


def _place(said: dict[str, int]) -> tuple[int, int]:
    return said["year"], said["number"]


def a_correction_keeps_the_original(verdict: Verdict) -> Iterator[str]:
    """Every version of a report or registration is in the log and at the county, as it was sent."""
    reports = {seen.envelope.id.hex: seen.data for seen in verdict.named("report.filed", "report.corrected")}
    query = 'SELECT fact, version, kind, "new" FROM report_versions'
    shown = {fact: said for fact, *said in verdict.ledger.rows("county", query)}
    expected = {
        fact: [said["version"], said["kind"], said["figures"]["new"]] for fact, said in reports.items()
    }
    if shown != expected:
        yield f"{len(expected)} versions of reports in the logs, {len(shown)} at the county, or others"
    versions = Counter(
        seen.envelope.stream.hex for seen in verdict.named("case.registered", "case.corrected")
    )
    kept = Counter(row[0] for row in verdict.ledger.rows("county", 'SELECT "case" FROM registrations'))
    if kept != versions:
        yield f"registrations: {sum(versions.values())} versions in the logs, {sum(kept.values())} at the county"


def an_erased_person_is_read_nowhere(verdict: Verdict) -> Iterator[str]:
    """When a person's keys are destroyed with every holder, nobody reads the person, and the texts stay.

    The order to erase does not exist yet: the keys are destroyed by hand, and the network works on for
    a while, so that a late parcel would bring them back.
    """
    if not verdict.ledger.cases:
        return
    case = verdict.world.chance.choice(list(verdict.ledger.cases))
    name = person_key(case, 1)
    for node in verdict.nodes.values():
        node.ring.destroy([name])
    verdict.world.heal()
    for seen in verdict.ledger.facts:
        for sealed in _sealed(seen.data):
            readers = [n for n, node in verdict.nodes.items() if open_sealed(node.ring, sealed) is not None]
            if sealed.key == name and readers:
                yield f"{sealed.field} of {case} is read at {readers}"
            if sealed.key != name and seen.node not in readers and not _handed_on(verdict, seen, sealed):
                yield f"{sealed.key} of {seen.envelope.type} is not read at {seen.node}, where it was written"


def _handed_on(verdict: Verdict, seen: Seen, sealed: Sealed) -> bool:
    """Whether a node writes what it cannot read: a referral that only passes content on."""
    return sealed.fact != seen.envelope.id


def _sealed(data: Any) -> Iterator[Sealed]:
    if isinstance(data, dict):
        if data.keys() == Sealed.__dataclass_fields__.keys():
            yield Sealed(**(data | {"fact": UUID(data["fact"])}))
        else:
            for value in data.values():
                yield from _sealed(value)
    elif isinstance(data, list):
        for value in data:
            yield from _sealed(value)


def chains_verify_and_a_replay_gives_the_live_state(verdict: Verdict) -> Iterator[str]:
    """Own log, routes, received chains, signatures; and projections equal to their replay, byte for byte.

    That facts of a torn record are missing is found, too, and true.
    """
    for node in verdict.nodes.values():
        for found in verify_node(node).findings:
            if is_of_torn_record(verdict, found.what, found.where):
                continue
            yield f"{found.node}, {found.whose}: {found.what} ({found.where})"


def an_order_has_one_effect(verdict: Verdict) -> Iterator[str]:
    """All answers to one idempotency key are the same, and the log holds what they name and no more."""
    made: dict[str, set[UUID]] = defaultdict(set)
    for seen in verdict.ledger.facts:
        made[seen.envelope.actor].add(seen.envelope.id)
    for asked in verdict.world.clerks.asked:
        if any(answer != asked.answers[0] for answer in asked.answers):
            yield f"{asked.account}: answers differ: {asked.answers}"
        if made.get(asked.account, set()) != ids(asked) - verdict.ledger.gone.keys():
            yield f"{asked.account} at {asked.node}: {asked.wanted.order.__class__.__name__}: {asked}"
        if asked.errors:
            yield f"{asked.account}: {type(asked.wanted.order).__name__} failed: {asked.errors[0]}"


def a_matter_has_one_handler(verdict: Verdict) -> Iterator[str]:
    """Never two offices at once; and the county shows the one that has it."""
    handlers = active_hands(verdict.ledger)
    yield from _handlers(verdict.ledger)
    lines = verdict.county.ask(matters, Wanted(), as_of=verdict.later, stretch=Stretch(None))
    shown = {line.case: line.handler for line in lines}
    for case, hands in handlers.items():
        if shown.get(case) != hands[0].unit:
            yield f"{case} is at {hands[0].unit}, the county shows {shown.get(case)}"


def every_matter_gets_an_answer(verdict: Verdict) -> Iterator[str]:
    """What was offered has arrived, and what was ended further on has come back."""
    hands = {hand.offer: hand for hand in verdict.ledger.hands.values()}
    opened = [(case.id, case.offer) for case in verdict.ledger.cases.values() if case.offer]
    opened += [(hand.id, hand.open_offer) for hand in verdict.ledger.hands.values() if hand.open_offer]
    for stream, offer in opened:
        hand = hands.get(offer)
        if hand is None:
            yield f"the offer {offer} of {stream} never arrived"
        elif hand.stage in ENDED or verdict.ledger.offers[offer].overridden:
            yield f"{stream} still waits for {hand.stage} {hand.id}"


def what_was_overridden_has_stopped(verdict: Verdict) -> Iterator[str]:
    """Once everybody has heard of it, an office that the county took a matter from has stopped."""
    for hand in verdict.ledger.hands.values():
        if verdict.ledger.offers[hand.offer].overridden and hand.stage not in ENDED:
            yield f"{hand.unit} is at {hand.stage} with {hand.case}"


def nothing_is_parked(verdict: Verdict) -> Iterator[str]:
    """Everybody here writes what everybody reads, so no message has a reason to be parked."""
    for name in verdict.nodes if verdict.world.liar is None else ():
        yield from (
            f"{name}: {row}"
            for row in verdict.ledger.rows(name, "SELECT reason, type, source, detail FROM parked")
        )


def nothing_of_a_liar_is_believed(verdict: Verdict) -> Iterator[str]:
    """What a node says that is not its to say enters no journal, no key goes to it, and those above are told."""
    if verdict.world.liar is not None:
        yield from what_a_liar_said_is_believed_nowhere(
            verdict.world.liar, verdict.ledger, sorted(verdict.nodes)
        )


INVARIANTS: tuple[Invariant, ...] = (
    nothing_acknowledged_is_lost,
    nothing_is_counted_twice,
    totals_are_the_sum_of_the_logs,
    facts_of_a_stream_keep_their_order,
    a_duty_is_missed_once_and_only_after_its_day,
    nobody_reads_above_their_scope,
    zero_differs_from_silent,
    every_matter_stands_in_one_report,
    a_correction_keeps_the_original,
    an_order_has_one_effect,
    a_matter_has_one_handler,
    every_matter_gets_an_answer,
    what_was_overridden_has_stopped,
    nothing_is_parked,
    nothing_of_a_liar_is_believed,
    what_others_held_came_back,
    what_nobody_held_is_listed,
    a_restored_node_goes_on_in_a_new_life,
    an_erased_person_is_read_nowhere,
    chains_verify_and_a_replay_gives_the_live_state,
)
