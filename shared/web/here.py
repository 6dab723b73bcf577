"""Who asks, where and when: what every route of ours begins with."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from shared.accounts import csrf
from shared.accounts.people import Person
from shared.accounts.rate import one_address
from shared.accounts.refusals import FormNotOurs
from shared.accounts.rights import Relation, allowed, reaches_the_past, relation
from shared.accounts.store import Accounts
from shared.orders.order import Order
from shared.web.form import require_storable
from shared.web.office import Office, Reading
from shared.web.rehearsal_clock import moment_asked
from shared.web.render import Frame, Help, NavigationItem
from shared.work.common.refusals import Kind, NotAllowed, Refusal
from shared.work.common.sentences import N_
from shared.work.common.unit_info import UnitInfo

T = TypeVar("T")
TOKEN_HEADER = "huiyin-form-token"


class NotSignedIn(Refusal):
    """Nobody is signed in, or the session has ended."""

    code = "not-signed-in"
    sentence = "Sign in first. A session ends after half an hour without use."
    kind = Kind.NOT_KNOWN_WHO


class PasswordMustChange(Refusal):
    """A temporary password opens only the page where it is changed."""

    code = "password-must-change"
    sentence = "This is a temporary password. Choose your own first."
    kind = Kind.NOT_ALLOWED


NAVIGATION = {
    "village": (
        NavigationItem(N_("Today"), "/"),
        NavigationItem(N_("Register a matter"), "/matters/new"),
        NavigationItem(N_("Matters"), "/matters"),
        NavigationItem(N_("Reports"), "/reports"),
    ),
    "township": (
        NavigationItem(N_("Today"), "/"),
        NavigationItem(N_("Villages' sheet"), "/sheet"),
        NavigationItem(N_("Referrals"), "/referrals"),
        NavigationItem(N_("Matters"), "/matters"),
        NavigationItem(N_("Register a matter"), "/matters/new"),
        NavigationItem(N_("Reports"), "/reports"),
    ),
    "department": (
        NavigationItem(N_("Today"), "/"),
        NavigationItem(N_("Referrals"), "/referrals"),
        NavigationItem(N_("Matters"), "/matters"),
        NavigationItem(N_("Register a matter"), "/matters/new"),
        NavigationItem(N_("Reports"), "/reports"),
        NavigationItem(N_("Supervision"), "/supervision"),
    ),
    "county": (
        NavigationItem(N_("Today"), "/"),
        NavigationItem(N_("County sheet"), "/sheet"),
        NavigationItem(N_("What came in"), "/feed"),
        NavigationItem(N_("Matters by state and age"), "/ages"),
        NavigationItem(N_("Referrals"), "/referrals"),
        NavigationItem(N_("Matters"), "/matters"),
        NavigationItem(N_("Supervision"), "/supervision"),
        NavigationItem(N_("Directory"), "/directory"),
    ),
}


@dataclass(frozen=True)
class Here:
    """One request: the node, the moment, and the person if one is signed in.

    `reading` answers the questions of a request that changes nothing: all of them by one moment of the database.
    """

    request: Request
    office: Office
    at: datetime
    person: Person | None
    reading: Reading | None = None

    @property
    def root(self) -> str:
        """What stands before every path of this node in an address, where several nodes share one; else empty."""
        return self.request.scope.get("root_path", "")

    @property
    def address(self) -> str:
        """The network address that asks; an IPv6 network of one household or office counts as one."""
        return one_address(self.request.client.host if self.request.client else "unknown")

    def ask(self, question: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """Ask a projection one question. What follows an order is asked anew each time, so that it sees the order's facts."""
        answers = self.reading or self.office
        return answers.ask(question, *arguments, **named)

    def words_of_the_office(self, unit: UUID) -> tuple[str, ...]:
        """Names and codes of a unit and of those above it, of which no password is made."""
        units, words = self.office.directory.units, [self.office.name]
        found = units.get(unit)
        while found is not None and found.name not in words:
            words += [found.name, found.name_en, found.code, found.code.rstrip("0")]
            found = units.get(found.parent) if found.parent else None
        return tuple(words)

    def orders(self) -> Mapping[str, type[Order]]:
        """The orders that this door takes, by their address."""
        return self.request.app.state.orders

    def signed_in(self) -> Person:
        """The person. Errors: NotSignedIn, PasswordMustChange."""
        if self.person is None:
            raise NotSignedIn()
        if self.person.must_change_password:
            raise PasswordMustChange()
        return self.person

    def unit(self) -> UnitInfo:
        """The person's own unit. Errors: NotSignedIn, NotAllowed when the directory does not know it yet."""
        found = self.office.directory.find(self.signed_in().unit)
        if found is None:
            raise NotAllowed(action="directory.read")
        return found

    def may(self, action: str, *units: UUID | None) -> bool:
        """Whether the person may do this for one of the units.

        What is of a closed unit is for the office that goes on with its work; those it was of see its past.
        """
        person, directory = self.signed_in(), self.office.directory
        known = [unit for unit in units if unit is not None]
        related = {relation(directory.parents, person.unit, directory.present(unit)) for unit in known}
        if reaches_the_past(action):
            related |= {relation(directory.parents, person.unit, unit) for unit in known}
            related |= {Relation.CHILD for unit in known if directory.was_below(unit, person.unit)}
        return any(allowed(person.role, action, one) for one in related)

    def require(self, action: str, *units: UUID | None) -> None:
        """Refuse what the rights table does not allow. Errors: NotSignedIn, NotAllowed."""
        if not self.may(action, *units):
            raise NotAllowed(action=action)

    def require_any(self, actions: Sequence[str], *units: UUID | None) -> None:
        """Refuse unless one of the actions is allowed. Errors: NotSignedIn, NotAllowed."""
        if not any(self.may(action, *units) for action in actions):
            raise NotAllowed(action=actions[0])

    def _more_menu(self, unit: UnitInfo | None) -> list[NavigationItem]:
        if unit is None or self.person is None or self.person.must_change_password:
            return []
        entries = getattr(self.request.app.state, "menu", ())
        return [entry.item for entry in entries if self.may(entry.right, unit.unit)]

    def require_token(self, given: str | None) -> None:
        """Refuse a form that is not from this session. Errors: FormNotOurs."""
        if self.person is None or self.person.token is not None:
            return
        headers = self.request.headers
        from_here = csrf.came_from_here(
            sec_fetch_site=headers.get("sec-fetch-site"),
            origin=headers.get("origin"),
            host=headers.get("host", ""),
        )
        if not from_here or not csrf.is_form_token(self.person.form_token, given):
            raise FormNotOurs()

    def frame(self) -> Frame:
        """What surrounds the page."""
        settings, person = self.office.settings, self.person
        unit = self.office.directory.find(person.unit) if person else None
        above = self.office.directory.find(unit.parent) if unit and unit.parent else None
        helper = above or unit
        return Frame(
            now=self.at,
            office=unit.name if unit else self.office.directory.office_of(self.office.name),
            above=above.name if above else "",
            person=person.name if person else None,
            csrf=person.form_token or "" if person else "",
            reset_at=person.reset_at if person else None,
            rehearsal=settings.network.rehearsal,
            navigation=(*_menu(settings.tier, unit), *self._more_menu(unit)) if person else (),
            help=Help(helper.name, helper.contact) if helper and helper.contact else None,
        )


def _menu(tier: str, unit: UnitInfo | None) -> tuple[NavigationItem, ...]:
    """The menu of a tier; a department at the county's node has no view of the whole county."""
    return NAVIGATION["department" if unit and unit.kind == "department" else tier]


def cookie_name(node: str) -> str:
    """The session cookie of one node; many nodes may share an address."""
    return f"huiyin_{node.replace('-', '_')}"


async def asked_here(request: Request) -> Here:
    """Who asks, where and when; one look-up of the session. Errors: NotOfTheRehearsal, NoSuchMoment, MomentNotOfTheRehearsal."""
    office: Office = request.scope["office"]
    # Sessions live by real time: a rehearsal must not end them by turning its clock.
    person = await _person(office.accounts, cookie_name(office.name), request, datetime.now(UTC))
    at = moment_asked(office, request.headers, person)
    return Here(request, office, at, person)


async def here(request: Request) -> AsyncIterator[Here]:
    """The dependency every route has. Errors: NotOfTheRehearsal, NoSuchMoment, MomentNotOfTheRehearsal, TextNotStorable."""
    if b"%00" in request.scope["query_string"]:
        require_storable(dict(request.query_params))
    asked = await asked_here(request)
    if request.method != "GET":
        yield asked
        return
    reading = asked.office.reading()
    try:
        yield replace(asked, reading=reading)
    finally:
        if reading.is_open:
            await run_in_threadpool(reading.close)


HereNow = Annotated[Here, Depends(here, scope="function")]
"""Its reading is closed before the answer is sent: a slow link must hold no connection."""


async def _person(accounts: Accounts, cookie: str, request: Request, now: datetime) -> Person | None:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return await run_in_threadpool(accounts.person_for_token, secret.strip(), at=now)
    if value := request.cookies.get(cookie):
        # Whoever was let in a moment ago needs no question, and so no thread that could wait for one.
        return accounts.remembered_session(value, at=now) or await run_in_threadpool(
            accounts.session_for, value, at=now
        )
    return None
