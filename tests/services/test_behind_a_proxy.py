"""An office behind a proxy: whom it brings is known from trusted proxies alone, and nothing is built from a name."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from services.running import running
from shared.settings.front import Front
from shared.settings.network import read_network, write_network
from shared.web.front import FORWARDING
from tests.parts.forwarding import ForwardingProxy
from tests.services.network import COUNTY, FOUNDED, PASSWORD, found_small

NAME = "letters.example.gov.cn"
LOGIN = "clerk.behind.proxy"
DEPLOY = Path(__file__).parents[2] / "deploy"


@dataclass(frozen=True)
class Door:
    """The county's node alone at its address, as seen past the proxy."""

    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.get(self.address + path, headers=named, timeout=60)


@contextmanager
def opened(folder: Path, front: Front) -> Iterator[Door]:
    """A real network of which the county's node is served, with this front."""
    data = found_small(folder / "network", rehearsal=False)
    write_network(data, replace(read_network(data), front=front))
    with running(data, ["county"], port=0, alone=True) as (host, web):
        county = host.nodes["county"]
        unit = next(one.unit for one in county.directory.units.values() if one.code == COUNTY)
        county.accounts.create(
            LOGIN,
            "值班员",
            unit,
            "petition_clerk",
            by="setup",
            at=FOUNDED,
            password=PASSWORD,
            must_change=False,
        )
        yield Door(web.port)


@pytest.fixture(scope="module")
def trusting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """An office that trusts a proxy on its own machine and has a name."""
    with opened(tmp_path_factory.mktemp("trusting"), Front(("127.0.0.1",), (NAME,))) as door:
        yield door


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """An office that names nothing."""
    with opened(tmp_path_factory.mktemp("alone"), Front()) as door:
        yield door


@pytest.fixture
def proxied(trusting: Door) -> Iterator[str]:
    """The address of a proxy with TLS in front of the office."""
    proxy = ForwardingProxy(trusting.port, X_Forwarded_Proto="https", X_Forwarded_Host=NAME)
    yield proxy.address
    proxy.close()


def wrong(address: str, times: int, client: str, login: str = LOGIN) -> list[int]:
    """Wrong passwords of a client, as the proxy in front says."""
    said = {"login": login, "password": "not the password"}
    headers = {"X-Forwarded-For": client}
    answers = [
        httpx.post(f"{address}/api/session", json=said, headers=headers, timeout=60) for _ in range(times)
    ]
    return [answer.status_code for answer in answers]


def test_given_a_trusted_proxy_with_tls_then_the_cookie_is_secure_and_hsts_is_sent(proxied: str):
    typed = {"login": LOGIN, "password": PASSWORD}
    answer = httpx.post(f"{proxied}/sign-in", data=typed, headers={"Origin": f"https://{NAME}"}, timeout=60)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "secure" in answer.headers["set-cookie"].lower().split("; ")
    assert answer.headers["strict-transport-security"].startswith("max-age=")


def test_given_a_form_from_another_site_through_the_proxy_then_it_is_refused(proxied: str):
    typed = {"login": LOGIN, "password": PASSWORD}
    answer = httpx.post(
        f"{proxied}/sign-in", data=typed, headers={"Origin": "https://elsewhere.example"}, timeout=60
    )
    assert answer.status_code == 403


def test_given_an_office_that_trusts_nobody_then_what_a_stranger_says_of_himself_is_not_heard(alone: Door):
    said = {
        "X_Forwarded_Proto": "https",
        "X_Forwarded_Host": "elsewhere.example",
        "X_Forwarded_For": "192.0.2.9",
    }
    answer = alone.get("/sign-in", **said)
    assert answer.status_code == 200 and "strict-transport-security" not in answer.headers


def test_given_one_mistyping_office_behind_the_proxy_then_another_office_is_not_kept_out(trusting: Door):
    # Given an office in which many names are mistyped until its address has to wait
    codes = [
        code
        for number in range(60)
        for code in wrong(trusting.address, 1, "203.0.113.7", login=f"nobody{number}")
    ]
    assert codes[-1] == 429
    # When somebody of another office mistypes once, then it is only wrong
    assert wrong(trusting.address, 1, "203.0.113.8") == [401]


def test_given_hops_that_a_client_made_up_then_the_address_that_the_trusted_proxy_saw_counts(trusting: Door):
    for number in range(60):
        wrong(trusting.address, 1, f"198.51.100.{number}, 203.0.113.77", login=f"no-one{number}")
    assert wrong(trusting.address, 1, "198.51.100.200, 203.0.113.77", login="somebody") == [429]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", f"{NAME}.evil.example", "[::bad", "a b"])
@pytest.mark.parametrize("path", ["/sign-in", "/api/openapi.json", "/static/huiyin.css", "/nowhere"])
def test_given_a_name_that_is_not_listed_then_nothing_is_answered_under_it(
    trusting: Door, alone: Door, host: str, path: str
):
    for door in (trusting, alone):
        answer = door.get(path, Host=host)
        assert answer.status_code == 421, host
        assert host not in answer.text


@pytest.mark.parametrize("host", [NAME, NAME.upper(), f"{NAME}:8443", "localhost", "127.0.0.1", "[::1]:8080"])
def test_given_a_listed_name_or_the_machine_itself_then_it_is_answered(trusting: Door, host: str):
    assert trusting.get("/sign-in", Host=host).status_code == 200


def test_given_a_network_of_an_earlier_release_then_any_name_is_answered_as_before(tmp_path: Path):
    with opened(tmp_path, Front(hosts=None)) as door:
        assert door.get("/sign-in", Host="as.it.was.example").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/matters",
        "/matters/",
        "/static",
        "/static/",
        "//evil.example/",
        "/%2f/evil.example/",
        "/password",
    ],
)
def test_no_redirect_names_a_host(trusting: Door, path: str):
    answer = trusting.get(path, Host=NAME)
    location = answer.headers.get("location", "/")
    assert location.startswith("/") and not location.startswith(("//", "/\\")), (path, location)


def test_the_examples_say_what_the_doors_read_and_take_away_what_a_client_says_of_itself():
    for name in ("Caddyfile.example", "nginx.example.conf"):
        said = (DEPLOY / name).read_text().lower()
        for header in ("x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"):
            assert header.encode() in FORWARDING
            assert re.search(rf"(proxy_set_header|header_up)\s+{header}\s+\S", said), (name, header)
        assert "statusz" in said and "settledz" in said, name
        assert "trusted_proxies" in said and "hosts" in said, f"{name} says what to set on our side"


@pytest.mark.parametrize("path", ["/statusz", "/settledz"])
def test_what_is_for_the_machine_s_own_supervision_is_told_to_no_stranger(
    trusting: Door, proxied: str, path: str
):
    # Given the machine itself, then it is told
    assert trusting.get(path).status_code == 200
    # When a stranger asks through the proxy, or says that he is the machine, then he is not
    for answer in (
        httpx.get(proxied + path, headers={"X-Forwarded-For": "203.0.113.9"}, timeout=60),
        trusting.get(path, X_Forwarded_For="203.0.113.9"),
        trusting.get(path, X_Forwarded_For="127.0.0.1"),
        trusting.get(path, Forwarded="for=127.0.0.1"),
    ):
        assert answer.status_code in (401, 404, 303), answer.text
        assert "facts" not in answer.text


def test_numbers_of_a_node_are_for_whoever_may_see_its_state(trusting: Door):
    with httpx.Client(base_url=trusting.address, timeout=60) as far:
        far.headers["X-Forwarded-For"] = "203.0.113.10"
        far.post("/api/session", json={"login": LOGIN, "password": PASSWORD})
        assert far.get("/statusz").json()["node"] == "county"
        assert far.get("/settledz").status_code == 404
