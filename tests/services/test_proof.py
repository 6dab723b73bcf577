"""What a petitioner takes home can be checked by anybody, with a key and nothing else."""

import base64
import html
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote
from uuid import UUID
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser
from sqlalchemy import insert

from services.running import running
from shared.node.node import Node
from shared.proof.inclusion import Inclusion
from shared.proof.making import REST
from shared.proof.promise import Promise
from shared.proof.tables import ALARMS
from shared.settings.network import node_names
from tests.journeys.processes import huiyin
from tests.services.browsing import window
from tests.services.network import COUNTY, LONE_VILLAGE, NODE_OF, Stage, found_small, petition, until

NODE = NODE_OF[LONE_VILLAGE]
LATER = REST + timedelta(seconds=1)


class Proved:
    """A matter with its promise; the network it was registered in, and its folder."""

    def __init__(self, stage: Stage, data: Path) -> None:
        self.stage, self.data = stage, data
        self.village = stage.host.nodes[NODE]
        clerk = stage.person(LONE_VILLAGE)
        made = clerk.done("register-matter", petition(unit=str(stage.unit(LONE_VILLAGE))))
        self.number, self.fact, self.case = made["number"], made["facts"][0], made["case"]
        self.receipt = clerk.get(f"/matters/{made['case']}/receipt").text
        self.query_code = re.search(r'receipt__code">[^<]*<strong>([^<]+)', self.receipt)[1]  # type: ignore[index]
        self.promise = html.unescape(re.search(r"<pre[^>]*>(.*?)</pre>", self.receipt, re.S)[1])  # type: ignore[index]

    def key(self) -> str:
        """The village's public key."""
        return self.village.keys.public_signing()

    def later(self) -> None:
        """Let the time pass until the next checkpoint, and its signatures come."""
        moment = self.village.now() + LATER
        self.stage.person(LONE_VILLAGE).at(moment).get("/readyz")
        county = self.stage.host.nodes["county"]
        until(lambda: county.proofs.inclusion(UUID(self.fact)))

    def ask(self, node: str) -> dict:
        """The public question about the matter."""
        said = {"number": self.number, "query_code": self.query_code}
        return self.stage.anybody(node).send("POST", "/api/ask", json=said).json()

    def leaf(self) -> str:
        """What stands beside the fact's number on the receipt."""
        return base64.b64encode(Promise.read(self.promise, self.key()).leaf).decode()


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proved]:
    data = found_small(tmp_path_factory.mktemp("proof") / "network")
    with running(data, node_names(data), port=0) as (host, web):
        made = Proved(Stage(host, f"http://127.0.0.1:{web.port}"), data)
        assert made.ask("county").get("proof", "") == ""
        made.later()
        yield made


def test_the_receipt_carries_the_promise_as_a_drawing_and_as_a_text(proved: Proved):
    made = Promise.read(proved.promise, proved.key())
    assert str(made.fact) == proved.fact
    drawing = re.search(r"<svg.*?</svg>", proved.receipt, re.S)
    assert drawing and ElementTree.fromstring(drawing[0]).get("class") == "qr"
    assert "羅" not in proved.promise and petition()["summary"] not in proved.promise


def test_the_promise_is_checked_offline_with_the_key_alone(proved: Proved, tmp_path: Path):
    paper = tmp_path / "promise.txt"
    paper.write_text(proved.promise)
    said = json.loads(huiyin("check-promise", paper, "--key", proved.key(), "--json").stdout)
    assert said["fact"] == proved.fact
    assert said["log"].split("/")[1] == NODE
    by_text = huiyin("check-promise", proved.promise, "--data", proved.data)
    assert proved.fact in by_text.stdout


def test_a_promise_that_was_changed_or_given_by_another_does_not_hold(proved: Proved, tmp_path: Path):
    changed = proved.promise.replace("within 8", "within 1")
    assert "did not sign" in huiyin("check-promise", changed, "--data", proved.data, expect=1).stderr
    county = proved.stage.host.nodes["county"].keys.public_signing()
    assert "did not sign" in huiyin("check-promise", proved.promise, "--key", county, expect=1).stderr
    assert "does not hold" in huiyin("check-promise", "not\na promise", "--key", county, expect=1).stderr
    assert "--key" in huiyin("check-promise", proved.promise, expect=2).stderr


def test_the_proof_follows_under_the_number_and_keeps_the_promise(proved: Proved, tmp_path: Path):
    proof = proved.ask("county")["proof"]
    assert Promise.read(proved.promise, proved.key()).is_kept_by(Inclusion.read(proof))
    file, paper = tmp_path / "case.tlog-proof", tmp_path / "promise.txt"
    file.write_text(proof)
    paper.write_text(proved.promise)
    said = json.loads(
        huiyin("proof", "check", file, "--promise", paper, "--data", proved.data, "--json").stdout
    )
    assert "county" in said["witnesses"]
    offline = huiyin("proof", "check", file, "--promise", paper, "--key", proved.key())
    assert "fact 1 of" in offline.stdout


def test_a_proof_of_something_else_does_not_hold(proved: Proved, tmp_path: Path):
    proof = proved.ask("county")["proof"]
    other = base64.b64encode(bytes(32)).decode()
    file = tmp_path / "proof"
    file.write_text(proof)
    said = huiyin("proof", "check", file, "--leaf", other, "--key", proved.key(), expect=1)
    assert "is not in the log" in said.stderr
    file.write_text(proof.replace("index 0", "index 1"))
    assert huiyin("proof", "check", file, "--leaf", other, "--key", proved.key(), expect=1)


def test_anybody_gets_checkpoint_proof_and_growth_of_a_log(proved: Proved):
    stranger = proved.stage.anybody(NODE)
    said = stranger.get("/api/proof").json()
    assert said["size"] >= 1 and said["witnessed"]["county"] == said["size"]
    proof = stranger.get(f"/api/proof/facts/{proved.fact}?leaf={quote(proved.leaf())}").json()["proof"]
    assert Inclusion.read(proof).index == 0
    grown = stranger.get(f"/api/proof/consistency?first=0&second={said['size']}").json()
    assert grown["proof"] == []


@pytest.mark.parametrize("node", [NODE, "county"])
def test_a_fact_whose_number_was_guessed_is_not_told_from_one_that_never_was(proved: Proved, node: str):
    # Given the number of a fact, which follows from public values, and one of nothing
    stranger, unknown = proved.stage.anybody(node), "00000000-0000-4000-8000-000000000000"
    other = quote(base64.b64encode(bytes(32)).decode())
    # When a stranger asks without what stands on the receipt, then both answers are the same
    for leaf in ("", f"?leaf={other}", "?leaf=%ff"):
        guessed, never = (stranger.get(f"/api/proof/facts/{fact}{leaf}") for fact in (proved.fact, unknown))
        assert (
            (guessed.status_code, guessed.json()) == (never.status_code, never.json()) == (404, never.json())
        )
    # And the receipt proves it, with its plus signs as an address carries them
    assert stranger.get(f"/api/proof/facts/{proved.fact}?leaf={proved.leaf()}").status_code == 200


def test_commands_say_the_same_as_the_pages(proved: Proved):
    where = ("--data", proved.data, "--name", NODE)
    fact = huiyin("proof", "fact", proved.fact, *where).stdout
    assert Inclusion.read(fact).index == 0
    by_number = json.loads(huiyin("proof", "fact", *where, "--number", proved.number, "--json").stdout)
    assert by_number == {"fact": proved.fact, "proof": fact.removesuffix("\n")}
    at_county = huiyin("proof", "fact", proved.fact, "--data", proved.data, "--name", "county").stdout
    assert Inclusion.read(at_county).holds(Promise.read(proved.promise, proved.key()).leaf)
    note = proved.stage.anybody(NODE).get("/api/proof").json()["note"]
    assert huiyin("proof", "checkpoint", *where).stdout.removesuffix("\n") == note
    assert (
        json.loads(huiyin("proof", "consistency", *where, "--from", 0, "--to", 1, "--json").stdout)["proof"]
        == []
    )
    keys = json.loads(huiyin("proof", "keys", "--data", proved.data, "--json").stdout)
    assert keys[NODE]["log"].startswith(f"{note.splitlines()[0]}+")


def test_what_cannot_be_proved_is_refused_in_words(proved: Proved):
    where = ("--data", proved.data, "--name", NODE)
    unknown = "00000000-0000-4000-8000-000000000000"
    assert "no proof" in huiyin("proof", "fact", unknown, *where, expect=2).stderr
    assert (
        "smaller one first" in huiyin("proof", "consistency", *where, "--from", 9, "--to", 4, expect=2).stderr
    )
    stranger = proved.stage.anybody(NODE)
    answers = [
        stranger.get(f"/api/proof/facts/{unknown}"),
        stranger.get("/api/proof/consistency?first=5&second=2"),
        stranger.get("/proof?fact=nothing"),
        stranger.get("/proof?first=x&second=2"),
    ]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert [answer.json()["code"] for answer in answers[:2]] == ["no-proof-yet", "no-such-sizes"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_fit_a_phone_and_need_no_script(proved: Proved, browser: Browser, language: str):
    with window(browser, proved.stage.door(NODE), language) as surfer:
        surfer.open("/proof").open(f"/proof?fact={proved.fact}&leaf={quote(proved.leaf())}")
        assert "c2sp.org/tlog-proof@v1" in surfer.text()
        surfer.open("/proof?first=0&second=1").open("/proof?fact=nothing")
    with window(browser, proved.stage.door("county"), language) as surfer:
        surfer.open("/ask").send(number=proved.number, query_code=proved.query_code)
        assert "c2sp.org/tlog-proof@v1" in surfer.text()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_receipt_with_its_code_is_one_printed_page(proved: Proved, browser: Browser, language: str):
    login = proved.stage.account(LONE_VILLAGE, "petition_clerk")
    with window(browser, proved.stage.door(NODE), language, login=login) as surfer:
        paper = surfer.open(f"/matters/{proved.case}/receipt").page.pdf(prefer_css_page_size=True)
    assert re.findall(rb"/Type /Pages\s.*?/Count (\d+)", paper, re.S) == [b"1"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_alarm_stands_on_the_countys_first_page_and_on_the_state_of_the_computer(
    proved: Proved, browser: Browser, language: str
):
    county = proved.stage.host.nodes["county"]
    alarm(county, proved.village)
    login = proved.stage.account(COUNTY, "director")
    words = {"zh": "日志变短了", "en": "A log is shorter than it was"}
    with window(browser, proved.stage.door("county"), language, login=login) as surfer:
        for path in ("/", "/state"):
            assert words[language] in surfer.open(path).text()
    assert proved.stage.anybody("county").get("/statusz").json()["proof"]["alarms"][0]["source"] == NODE


def alarm(finder: Node, about: Node) -> None:
    """A roll-back that the county found; how it is found, the tests of the proof tell."""
    row = {"kind": "rolled-back", "found_by": finder.name, "source": about.name, "size": 1, "note": ""}
    row |= {"log": str(about.log_name), "found_at": "2026-03-26T01:00:00.000000Z", "witnessed_size": 2}
    with finder.engine.begin() as connection:
        connection.execute(insert(ALARMS).prefix_with("OR IGNORE").values(row))
