"""Who is let in, by cookie or token, at which node, and what ends it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from uuid import uuid4

import httpx
import pytest

from services.network import MAKERS, app_of
from services.running import running
from shared.web.app import routes_of
from shared.work.common.calendar import ZONE
from shared.work.directory.node_entry import NodeEntry
from tests.services.asking import asked, things_of
from tests.services.network import (
    COUNTY,
    DEPARTMENT,
    FAR_VILLAGE,
    LAST_VILLAGE,
    NEXT_TOWN,
    PASSWORD,
    TOWN,
    VILLAGE,
    Person,
    Stage,
    found_small,
    petition,
    petition_form,
)


def administrator(stage: Stage, code: str = VILLAGE) -> Person:
    """The administrator of the node that keeps a unit; at a village node a person of the township."""
    return stage.person(
        TOWN if code == VILLAGE else code, "administrator", node="" if code != VILLAGE else "villages-101"
    )


def do(person: Person, what: str, account: str, **more: str) -> str:
    """Do one thing with an account on its page; gives the secret that the page shows."""
    page = person.submit("/accounts", {"what": what, "account": account} | more)
    assert page.status_code == 200, page.text
    shown = re.search(r'<code class="secret">(.*?)</code>', page.text)
    return unescape(shown[1]) if shown else ""


def account_of(stage: Stage, person: Person) -> str:
    """The id of a person's account."""
    found = stage.host.nodes[person.node].accounts.find(person.login)
    assert found
    return found.id


def program(stage: Stage, secret: str, node: str = "villages-101") -> Person:
    """A program that holds a token and nothing else."""
    made = stage.anybody(node)
    made.headers["Authorization"] = f"Bearer {secret}"
    return made


def token_of(person: Person, *, days: str = "30", name: str = "月报程序") -> str:
    """A token of a person's own making; gives the secret that the page shows once."""
    page = person.submit("/account", {"what": "token", "name": name, "days": days})
    assert page.status_code == 200, page.text
    shown = re.search(r'<code class="secret">(.*?)</code>', page.text)
    assert shown
    return unescape(shown[1])


def test_a_token_gives_a_program_the_rights_of_its_account_until_it_is_revoked(stage):
    clerk, boss = stage.newcomer(VILLAGE), administrator(stage)
    account = account_of(stage, clerk)
    worker = program(stage, token_of(clerk))
    assert worker.order("register-matter", petition(unit=str(stage.unit(VILLAGE)))).status_code == 201
    assert worker.order("register-matter", petition(unit=str(stage.unit(FAR_VILLAGE)))).status_code == 403
    assert worker.get("/api/matters").status_code == 200
    (token,) = stage.host.nodes["villages-101"].accounts.list_tokens(account)
    do(boss, "revoke", account, token=token.id)
    assert worker.get("/api/matters").status_code == 401
    assert clerk.get("/api/matters").status_code == 200


def test_a_token_of_one_node_opens_no_other_and_a_wrong_one_opens_nothing(stage):
    secret = token_of(stage.newcomer(VILLAGE))
    for stranger in (program(stage, secret, "town-101"), program(stage, secret[:-1])):
        answer = stranger.get("/api/matters")
        assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in")


def test_a_token_is_revoked_only_with_its_own_account(stage):
    boss, one, other = administrator(stage), stage.newcomer(VILLAGE), stage.newcomer(VILLAGE)
    token_of(one)
    (token,) = stage.host.nodes["villages-101"].accounts.list_tokens(account_of(stage, one))
    page = boss.submit(
        "/accounts", {"what": "revoke", "account": account_of(stage, other), "token": token.id}
    )
    assert page.status_code == 404
    assert other.submit("/account", {"what": "revoke", "token": token.id}).status_code == 404
    assert one.submit("/account", {"what": "revoke", "token": token.id}).status_code == 200


def test_an_administrator_makes_no_token_for_anybody_else(stage):
    clerk, boss = stage.newcomer(VILLAGE), administrator(stage)
    page = boss.submit("/accounts", {"what": "token", "account": account_of(stage, clerk)})
    assert page.status_code == 422
    said = boss.send(
        "POST",
        f"/api/accounts/{account_of(stage, clerk)}",
        json={"what": "token"},
        headers={"Huiyin-Form-Token": boss.form_token},
    )
    assert said.status_code == 422
    assert stage.host.nodes["villages-101"].accounts.list_tokens(account_of(stage, clerk)) == []


def test_tokens_are_made_listed_and_revoked_by_programs_that_hold_a_session_and_by_no_token(stage):
    clerk = stage.newcomer(VILLAGE)
    form = {"Huiyin-Form-Token": clerk.form_token}
    today = datetime.now(ZONE).date()
    wanted = {"name": "月报程序", "last_day": (today + timedelta(days=60)).isoformat()}
    made = clerk.send("POST", "/api/tokens", json=wanted, headers=form)
    assert made.status_code == 201
    worker = program(stage, made.json()["secret"])
    (listed,) = worker.get("/api/tokens").json()
    assert listed["token"] == made.json()["token"] and "secret" not in listed
    again = worker.send("POST", "/api/tokens", json=wanted)
    assert (again.status_code, again.json()["code"]) == (403, "token-makes-no-token")
    late = clerk.send(
        "POST",
        "/api/tokens",
        json=wanted | {"last_day": (today + timedelta(days=91)).isoformat()},
        headers=form,
    )
    assert (late.status_code, late.json()["code"]) == (422, "expiry-too-late")
    past = clerk.send("POST", "/api/tokens", json=wanted | {"last_day": "2026-01-01"}, headers=form)
    assert past.json()["code"] == "expiry-in-the-past"
    ended = clerk.send("POST", f"/api/tokens/{listed['token']}/revoke", headers=form)
    assert (ended.status_code, ended.json()) == (200, {"ended": listed["token"]})
    assert worker.get("/api/matters").status_code == 401


def test_a_new_role_ends_the_tokens_of_the_old_one_by_page_and_by_program(stage):
    boss = administrator(stage)
    for by_page in (True, False):
        clerk = stage.newcomer(VILLAGE)
        account, worker = account_of(stage, clerk), program(stage, token_of(clerk))
        if by_page:
            do(boss, "role", account, new_role="director")
        else:
            act = {"what": "role", "role": "director"}
            headers = {"Huiyin-Form-Token": boss.form_token}
            assert boss.send("POST", f"/api/accounts/{account}", json=act, headers=headers).status_code == 200
        assert worker.get("/api/matters").status_code == 401
        assert stage.host.nodes["villages-101"].accounts.get(account).role == "director"


def test_a_reset_opens_only_the_person_s_own_browser_and_tells_the_person_who_set_it(stage):
    # Given a clerk, whose password an administrator sets anew
    clerk, boss = stage.newcomer(VILLAGE), administrator(stage)
    fresh = do(boss, "reset", account_of(stage, clerk))
    # When the administrator tries it in a browser of their own, then it does not open
    elsewhere = Person(stage, clerk.node, clerk.login)
    refused = elsewhere.send("POST", "/api/session", json={"login": clerk.login, "password": fresh})
    assert (refused.status_code, refused.json()["code"]) == (403, "reset-on-another-device")
    # And when the clerk signs in, then every page says so until the clerk has read it
    clerk.sign_in(fresh)
    clerk.submit("/password", {"current": fresh, "new": "six green kettles in a row"})
    assert "somebody else set a new password" in clerk.get("/matters").text
    assert "somebody else set a new password" not in boss.get("/accounts").text
    page = clerk.get("/account").text
    assert "值班员𠅤 set a new password for your account" in unescape(page) and "Password reset" in page
    assert clerk.submit("/account", {"what": "read"}).status_code == 200
    assert "somebody else set a new password" not in clerk.get("/matters").text


def test_changes_of_accounts_are_read_by_the_office_above(stage):
    # Given an administrator of a village's computer, who makes and resets accounts
    clerk, boss = stage.newcomer(VILLAGE), administrator(stage)
    do(boss, "reset", account_of(stage, clerk))
    stage.settle()
    # When the township and the county look, then the reset is there, with who did it
    for code in (TOWN, COUNTY):
        lines = stage.person(code, "director").get("/api/account-changes?limit=500").json()
        (line,) = [one for one in lines if one["login"] == clerk.login and one["change"] == "password_reset"]
        assert (line["office"], line["by_name"]) == (str(stage.unit(VILLAGE)), "值班员𠅤")
        page = stage.person(code, "director").get("/account-changes").text
        assert clerk.login in page and "Password reset" in page
    # And neither another township nor a clerk reads it
    other = stage.person(NEXT_TOWN, "director").get("/api/account-changes").json()
    assert clerk.login not in {one["login"] for one in other}
    assert stage.person(TOWN).get("/api/account-changes").status_code == 403


def test_an_administrator_reads_no_case_at_any_door(stage):
    # Given a matter, a letter about it and a report
    things, boss = things_of(stage, "county", DEPARTMENT), stage.person(COUNTY, "administrator")
    number = (
        stage.person(DEPARTMENT, "petition_clerk").get(f"/api/matters/{things.case}").json()["line"]["number"]
    )
    # When the county's administrator asks at every door that answers without a form
    paths = [route.path for route in routes_of(app_of("county")) if "GET" in route.methods]
    opened = 0
    for path in paths:
        try:
            address = asked("GET", path, things).address
        except KeyError:
            continue
        for form in ("", "?format=csv"):
            answer = boss.get(address + (form if "?" not in address else ""))
            opened += answer.status_code == 200
            # Then no answer names the matter
            assert answer.status_code != 200 or not {number, things.case} & set(
                re.findall(r"[0-9a-f-]{8,}", answer.text)
            ), address
    assert opened > 10


def test_sessions_are_ended_by_the_administrator_and_by_signing_out(stage):
    clerk, boss = stage.newcomer(VILLAGE), administrator(stage)
    second = Person(stage, clerk.node, clerk.login).sign_in()
    assert second.submit("/sign-out", {}).headers["location"].endswith("/sign-in")
    assert second.get("/matters").status_code == 303
    assert clerk.get("/matters").status_code == 200
    do(boss, "end", account_of(stage, clerk))
    assert clerk.get("/matters").headers["location"] == "/n/villages-101/sign-in?next=/matters"
    assert clerk.sign_in().get("/matters").status_code == 200


def test_an_account_that_is_closed_lets_nobody_in_until_it_is_opened_again(stage):
    clerk, boss = stage.newcomer(VILLAGE), administrator(stage)
    do(boss, "disable", account_of(stage, clerk))
    assert clerk.get("/api/matters").status_code == 401
    do(boss, "enable", account_of(stage, clerk))
    assert clerk.sign_in().get("/api/matters").status_code == 200


def test_a_reset_password_is_temporary_and_opens_only_the_page_where_it_is_changed(stage):
    clerk, boss = stage.newcomer(VILLAGE), administrator(stage)
    fresh = do(boss, "reset", account_of(stage, clerk))
    assert (
        stage.anybody(clerk.node)
        .send("POST", "/api/session", json={"login": clerk.login, "password": PASSWORD})
        .status_code
        == 401
    )
    clerk.sign_in(fresh)
    assert clerk.get("/matters").headers["location"] == "/n/villages-101/password"
    refused = clerk.order("register-matter", petition(unit=str(stage.unit(VILLAGE))))
    assert (refused.status_code, refused.json()["code"]) == (403, "password-must-change")
    weak = clerk.submit("/password", {"current": fresh, "new": "short"})
    assert weak.status_code == 422 and "at least 10 characters" in weak.text
    done = clerk.submit("/password", {"current": fresh, "new": "six green kettles in a row"})
    assert done.status_code == 303 and clerk.get("/matters").status_code == 200


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"login": "?"}, "A sign-in name has"),
        ({"name": " "}, "A name has 1 to 100"),
        ({"role": "king"}, "There is no role"),
        ({"unit": "x"}, "not in the directory"),
        ({"login": "admin"}, "already used"),
        ({"login": ""}, "A sign-in name has"),
    ],
)
def test_a_form_for_an_account_that_cannot_be_comes_back_as_it_was_typed(stage, changed, said):
    boss = administrator(stage)
    typed = {
        "what": "make",
        "login": "fresh",
        "name": "新来的𠅤",
        "unit": str(stage.unit(VILLAGE)),
        "role": "director",
    }
    page = boss.submit("/accounts", typed | changed)
    assert page.status_code == 422 and said in unescape(page.text)
    assert "新来的𠅤" in page.text or "name" in changed


def test_what_is_not_done_with_accounts_changes_none(stage):
    clerk, boss = stage.newcomer(VILLAGE), administrator(stage)
    for what in ("", "delete", "DISABLE"):
        assert (
            boss.submit("/accounts", {"what": what, "account": account_of(stage, clerk)}).status_code == 422
        )
    assert clerk.get("/api/matters").status_code == 200


def test_two_nodes_in_one_browser_do_not_disturb_each_other(stage):
    browser = httpx.Client(base_url=stage.address, timeout=60)
    village = Person(
        stage, "villages-102", stage.account(FAR_VILLAGE, "petition_clerk"), http=browser
    ).sign_in()
    town = Person(stage, "town-101", stage.account(TOWN, "petition_clerk"), http=browser).sign_in()
    paths = {cookie.name: cookie.path for cookie in browser.cookies.jar}
    assert paths == {
        f"huiyin_{node.replace('-', '_')}{what}": f"/n/{node}/"
        for node in ("villages-102", "town-101")
        for what in ("", "_device")
    }
    assert village.get("/api/matters").status_code == town.get("/api/matters").status_code == 200
    assert village.submit("/sign-out", {}).status_code == 303
    assert (village.get("/api/matters").status_code, town.get("/api/matters").status_code) == (401, 200)
    assert Person(stage, "county", "", http=browser).get("/api/matters").status_code == 401


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(stage):
    login = stage.account(LAST_VILLAGE, "petition_clerk")
    answer = stage.anybody("villages-102").send(
        "POST", "/sign-in", data={"login": login, "password": PASSWORD}
    )
    assert answer.status_code == 303
    assert {"HttpOnly", "SameSite=lax"} <= set(answer.headers["set-cookie"].split("; "))


POSTS = sorted(
    {
        route.path
        for tier in MAKERS
        for route in routes_of(app_of(tier))
        if "POST" in route.methods and "/api/" not in route.path
    }
    - {"/sign-in", "/ask"}
)
"""Every form for people who are signed in; the other two change nothing of anybody's."""


def test_every_form_without_its_token_or_with_a_foreign_one_is_refused_and_nothing_is_lost(stage):
    things = things_of(stage, "county", DEPARTMENT)
    stranger = stage.newcomer(COUNTY)
    director, boss = stage.newcomer(COUNTY, "director"), stage.newcomer(COUNTY, "administrator")
    before = stage.facts()
    given = {
        "case": things.case,
        "referral": things.referral,
        "supervision": things.letter,
        "unit": things.unit,
        "parked": uuid4(),
        "node": NodeEntry.id_for(things.node),
    }
    for path in POSTS:
        mine = [record for register, record in things.records.items() if path.startswith(register)]
        address = path.format(**given, record=mine[0] if mine else "")
        person = boss if path.startswith(("/directory", "/parked")) else director
        for token in ("", stranger.form_token, "\ufffd", person.form_token[:-1]):
            page = person.submit(address, petition_form(csrf=token, account="已写好的长文"))
            assert page.status_code == 403 and "did not come from your present session" in page.text, path
            assert "已写好的长文" in page.text, path
        elsewhere = person.submit(address, petition_form(), headers={"Origin": "http://elsewhere.example"})
        assert elsewhere.status_code == 403, path
    assert stage.facts() == before
    assert director.get("/api/matters").status_code == 200


def test_an_order_as_json_needs_the_form_token_of_the_cookie(stage):
    clerk = stage.newcomer(VILLAGE)
    for token in ("", stage.newcomer(VILLAGE).form_token):
        refused = clerk.order(
            "register-matter", petition(unit=str(stage.unit(VILLAGE))), headers={"Huiyin-Form-Token": token}
        )
        assert (refused.status_code, refused.json()["code"]) == (403, "form-not-ours")


def test_a_text_typed_before_the_session_ended_is_shown_again(stage):
    clerk = stage.newcomer(VILLAGE)
    do(administrator(stage), "end", account_of(stage, clerk))
    page = clerk.submit("/matters/new", petition_form(account="已写好的长文"))
    assert page.status_code == 401 and "已写好的长文" in page.text and "Sign in first" in page.text


@pytest.mark.parametrize(
    "next_page", ["//elsewhere.example", "/\\elsewhere.example", "https://elsewhere.example", ""]
)
def test_signing_in_leads_nowhere_else(stage, next_page):
    login = stage.account(VILLAGE, "petition_clerk")
    fields = {"login": login, "password": PASSWORD, "next": next_page}
    assert (
        stage.anybody("villages-101").send("POST", "/sign-in", data=fields).headers["location"]
        == "/n/villages-101/"
    )


@pytest.fixture(scope="module")
def lone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A real network's county node, alone at its address."""
    data = found_small(tmp_path_factory.mktemp("alone") / "network", rehearsal=False)
    with running(data, ["county"], port=0, alone=True) as (host, web):
        made = object.__new__(Stage)
        made.host, made.address = host, f"http://127.0.0.1:{web.port}"
        made.codes = {unit.code: unit.unit for unit in host.nodes["county"].directory.units.values()}
        yield made


def test_a_node_alone_serves_itself_at_the_root_and_its_cookie_is_for_the_root(lone):
    login = lone.account(COUNTY, "petition_clerk")
    with httpx.Client(base_url=lone.address, timeout=60) as browser:
        answer = browser.post("/sign-in", data={"login": login, "password": PASSWORD})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        page = browser.get("/")
        assert page.status_code == 200 and 'href="/sheet' in page.text and "/n/" not in page.text
        assert [cookie.path for cookie in browser.cookies.jar] == ["/"] * 2


def test_a_real_network_does_not_heed_a_rehearsal_s_clock_and_says_so_once(lone, caplog):
    clock = {"Huiyin-Rehearsal-Clock": "2027-03-26T09:00:00+08:00"}
    login, before = lone.account(COUNTY, "petition_clerk"), datetime.now(UTC)
    with httpx.Client(base_url=lone.address, headers=clock, timeout=60) as browser:
        browser.post("/sign-in", data={"login": login, "password": PASSWORD})
        for _ in range(3):
            page = browser.get("/ages")
            assert page.status_code == 200 and "2027" not in page.text
    assert before <= lone.host.nodes["county"].now() <= datetime.now(UTC)
    assert len([one for one in caplog.records if "does not heed it" in one.message]) == 1


def test_a_rehearsal_s_clock_is_set_by_its_people_and_by_no_stranger(stage):
    # Given a moment that is ahead of the rehearsal
    node = stage.host.nodes["villages-101"]
    ahead = node.now() + timedelta(days=3)
    # When somebody names it who has not signed in, or shows a token that is none, then nothing moves
    stranger = stage.anybody("villages-101").at(ahead)
    stranger.get("/sign-in")
    stranger.get("/readyz")
    program(stage, "huiyin_wrong").at(ahead).get("/api/matters")
    assert node.now() < ahead


def test_a_rehearsal_s_clock_is_set_with_its_token_alone(stage, monkeypatch):
    # Given a rehearsal with a token, and a moment that is ahead of it
    node, clerk = stage.host.nodes["villages-101"], stage.newcomer(VILLAGE)
    monkeypatch.setitem(vars(node.settings.network), "rehearsal_token", "lantern")
    ahead = node.now() + timedelta(hours=1)
    clerk.at(ahead)
    # When somebody who is signed in names the moment without the token, or with another one, then it is refused
    for shown in ({}, {"Huiyin-Rehearsal-Token": "lamp"}, {"Huiyin-Rehearsal-Token": "灯笼".encode()}):
        for language, word in (("en", "token"), ("zh", "令牌")):
            answer = clerk.get("/api/matters", headers=shown, language=language)
            assert (answer.status_code, answer.json()["code"]) == (403, "not-of-the-rehearsal")
            assert word in answer.text
    order = clerk.order("register-matter", petition(unit=str(stage.unit(VILLAGE))))
    assert order.json()["code"] == "not-of-the-rehearsal"
    # When a stranger has it, then nothing moves
    token = {"Huiyin-Rehearsal-Token": "lantern"}
    stranger = stage.anybody("villages-101").at(ahead)
    assert stranger.get("/sign-in", headers=token).status_code == 200
    assert node.now() < ahead
    # When both are there, then it moves
    assert clerk.get("/api/matters", headers=token).status_code == 200
    assert node.now() >= ahead


@pytest.mark.parametrize(
    "moment", ["1999-01-01T00:00:00+00:00", "2026-01-20T00:00:00+00:00", "2190-01-01T00:00:00+00:00"]
)
def test_a_rehearsal_s_clock_takes_no_day_that_is_not_the_rehearsal_s(stage, moment):
    clerk, node = stage.person(VILLAGE), stage.host.nodes["villages-101"]
    before = node.now()
    answer = clerk.get("/api/matters", headers={"Huiyin-Rehearsal-Clock": moment})
    assert (answer.status_code, answer.json()["code"]) == (422, "moment-not-of-the-rehearsal")
    assert node.now() - before < timedelta(days=1)
