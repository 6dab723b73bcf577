"""Tells what was changed of accounts as facts, from the history of the accounts, which is their outbox.

A change is made first, since a door must shut at once, and told after it; what could not be told (a database that went
away, a process that died) is told with the next change or at the next start, once.
"""

import logging
from typing import Any
from uuid import UUID

from shared.accounts.people import UntoldChange
from shared.accounts.refusals import NoSuchAccount
from shared.accounts.store import SETUP, Accounts
from shared.orders.order import OrderContext
from shared.web.office import Office
from shared.work.account_changes.change import AccountChange
from shared.work.common.actor import Actor
from shared.work.common.order_request import OrderRequest
from shared.work.common.refusals import Refusal
from shared.work.common.sentences import N_

log = logging.getLogger(__name__)

AT_THE_MACHINE = N_("somebody at the computer itself")


def tell_account_changes(office: Office) -> None:
    """Record a fact of every change that none tells of; an office that does not know its units yet waits."""
    for line in office.accounts.untold_changes():
        if line.change == "created" and office.settings.network.rehearsal:
            continue  # a rehearsal's people are made up by the machine, and the same month gives the same facts
        unit = _kept_unit(office, line.account.unit)
        if unit is None:
            return
        try:
            office.change(_request(office, line, unit)).result()
        except (Refusal, OSError) as trouble:
            log.warning("a change of an account is told later: %s", trouble)
            return
        office.accounts.note_told(line.id, at=line.at)


def name_of_account(accounts: Accounts, account: str) -> str:
    """The work name of an account; for whoever works on the machine itself a word that is translated where it is shown."""
    if account == SETUP:
        return AT_THE_MACHINE
    try:
        return accounts.get(account).name
    except NoSuchAccount:
        return account


def _request(office: Office, line: UntoldChange, unit: UUID) -> OrderRequest:
    account, by_name = line.account, name_of_account(office.accounts, line.by)
    said: dict[str, Any] = {
        "office": account.unit,
        "account": account.id,
        "login": account.login,
        "person": account.name,
        "role": account.role,
        "change": line.change,
        "detail": line.detail,
        "by": line.by,
        "by_name": by_name,
    }
    stream = AccountChange.id_for(account.id, line.running, line.change, line.at)

    def decide(context: OrderContext) -> None:
        if not context.exists(stream):
            context.add(AccountChange.tell(stream, unit=unit, at=context.at, **said))

    actor = Actor(account=line.by, unit=unit, role=account.role, name=by_name)
    return OrderRequest(actor, line.at, decide, expected_new=(stream,))


def _kept_unit(office: Office, unit: UUID) -> UUID | None:
    """The office that speaks: the account's own where it is kept here, else the first that is."""
    if office.keeps(unit):
        return unit
    return next((one.unit for one in office.units()), None)
