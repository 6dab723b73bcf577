"""What a fact rests on and has not come: asked of the nodes that must know, and told to those who may see it.

| asked for | who is asked | what is answered |
| --- | --- | --- |
| the directory's facts of a unit | the county's node | how many there are; they travel on the asker's own route, and so does what follows |
| a fact that another one answers | the node that keeps the unit which recorded it | whether there is one |
| | the county's node, which reads everything | the fact itself, once it is there, for who keeps an addressee and who is or was above |
| the first fact of a record of the county's | the county's node | the same |
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from shared.envelope import Envelope
from shared.event_log.group import Group
from shared.event_log.known import JournaledFact
from shared.node.outgoing import Outgoing, OutgoingControl
from shared.transport.evidence_given import give, own_record
from shared.transport.evidence_here import Told
from shared.transport.inbox import Inbox
from shared.transport.messages import Control
from shared.transport.positions import Positions
from shared.transport.routes import readers_of_up
from shared.work.common.authority import About, Kind
from shared.work.common.unit_tree import Directory


@dataclass
class Evidence:
    """One node's requests for evidence, and its answers to those of others; `is_whole` unless it takes back what it had sent."""

    me: str
    county: str
    directory: Callable[[], Directory]
    outgoing: Outgoing
    positions: Positions
    is_whole: bool
    _none: dict[About, set[str]] = field(default_factory=dict)
    _taken: set[tuple[About, str]] = field(default_factory=set)
    """Answers that were taken since everything was asked for last: what still waits then would only ask once more."""

    def want(self, group: Group, about: About) -> None:
        """A fact waits for this: ask, once the group is durable."""
        group.on_commit += [lambda: self._ask(about), self.outgoing.has_news]

    def ask_again(self) -> None:
        """Repeat every request that was not answered yet."""
        waiting = list(self.positions.waited_for)
        self._taken.clear()
        self._none = {about: said for about, said in self._none.items() if about in waiting}
        for about in waiting:
            self._ask(about)

    def take_request(self, group: Group, request: Control) -> None:
        """Another node asks: say how much there is, and what it is where the asker may see it.

        Who takes back what it had sent does not know yet, and leaves it to be asked again.
        """
        if not self.is_whole:
            return
        about, asker = About.read(str(request.body["about"])), request.source
        body: dict[str, Any] = {"about": str(about)}
        if about.kind is Kind.UNIT:
            facts = own_record(group.connection, about.id)
            give(group, asker, facts)
            body["has"] = len(facts)
        else:
            found = self._find(group, about)
            body["has"] = int(found is not None)
            if found is not None and asker in self._may_see(found):
                body["fact"] = base64.b64encode(found.envelope.body).decode()
        answer = OutgoingControl("evidence-told", asker, body)
        group.on_commit += [lambda: self.outgoing.add(answer), self.outgoing.has_news]

    def take_told(self, group: Group, told: Control, inbox: Inbox) -> None:
        """The answer of one who was asked. There is none of something once all that might have recorded it say so."""
        about, has = About.read(str(told.body["about"])), told.body["has"]
        recorders = self._recorders(about)
        if (
            type(has) is not int
            or about not in self.positions.waited_for
            or (about, told.source) in self._taken
        ):
            return
        self._taken.add((about, told.source))
        fact = told.body.get("fact")
        if told.source == self.county and fact is not None:
            inbox.retry_told(group, {about: Told(has, Envelope.read(base64.b64decode(str(fact))))})
        elif told.source in recorders and has:
            inbox.retry_told(group, {about: Told(has)})
        elif told.source in recorders:
            self._none.setdefault(about, set()).add(told.source)
            if self._none[about] == recorders:
                del self._none[about]
                inbox.retry_told(group, {about: Told(0)})

    def _ask(self, about: About) -> None:
        for node in sorted((self._recorders(about) | {self.county}) - {self.me}):
            self.outgoing.add(OutgoingControl("evidence-request", node, {"about": str(about)}))

    def _recorders(self, about: About) -> set[str]:
        """Who would have recorded it."""
        return set(self.directory().keepers(about.by)) if about.by else {self.county}

    def _find(self, group: Group, about: About) -> JournaledFact | None:
        if about.kind is Kind.STREAM:
            return next(iter(own_record(group.connection, about.id)), None)
        return next(iter(group.find_facts([about.id])), None)

    def _may_see(self, known: JournaledFact) -> set[str]:
        """Who keeps one of those that it is addressed to, and who is above them."""
        directory, found = self.directory(), set[str]()
        for unit in known.envelope.addressees:
            for node in directory.keepers(unit) & directory.nodes.keys():
                found |= {node, *readers_of_up(node, directory)}
        for unit in (known.envelope.unit, *known.envelope.addressees):
            for above in directory.all_above_ever(unit):
                found |= directory.keepers(above)
        return found
