"""The examples of `deploy/` at work: a real nginx and a real Caddy with TLS in front of an office."""

import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from shared.settings.front import Front
from tests.parts.web_servers import web_server
from tests.services.network import PASSWORD, until
from tests.services.test_behind_a_proxy import DEPLOY, LOGIN, NAME, Door, opened

OURS = "127.0.0.1:8000"
"""Where the examples look for the office."""

_NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{example}
}}
"""
_CADDY = """{{
	admin off
	local_certs
	skip_install_trust
	http_port {http}
	https_port {https}
	default_bind 127.0.0.1
	storage file_system {folder}/caddy
}}
{example}"""


@dataclass(frozen=True)
class Past:
    """What a client meets who comes past the web server: `https` and `http` are its ports."""

    https: int
    http: int

    def ask(self, method: str, path: str, *, host: str = NAME, **more: Any) -> httpx.Response:
        """A request over TLS, asking for the office by its name."""
        headers = {"Host": host, **(more.pop("headers", None) or {})}
        with httpx.Client(verify=_any_certificate(), timeout=60) as client:
            address = f"https://127.0.0.1:{self.https}{path}"
            return client.request(method, address, headers=headers, extensions={"sni_hostname": NAME}, **more)


def _any_certificate() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def nginx(folder: Path, door: Door, https: int, http: int) -> list[str]:
    """The command of an nginx with the example, at other ports and with a certificate of its own."""
    certificate, key = make_certificate(folder)
    example = changed(
        (DEPLOY / "nginx.example.conf").read_text(),
        {
            OURS: f"127.0.0.1:{door.port}",
            "listen 443 ssl;": f"listen 127.0.0.1:{https} ssl;",
            "listen 80;": f"listen 127.0.0.1:{http};",
            f"/etc/ssl/{NAME}.pem": str(certificate),
            f"/etc/ssl/{NAME}.key": str(key),
        },
    )
    file = folder / "nginx.conf"
    file.write_text(_NGINX.format(folder=folder, example=example))
    command = [str(web_server("nginx")), "-p", str(folder), "-c", str(file), "-e", str(folder / "error.log")]
    tested = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stderr
    return command


def caddy(folder: Path, door: Door, https: int, http: int) -> list[str]:
    """The command of a Caddy with the example, at other ports and with an authority of its own."""
    example = changed((DEPLOY / "Caddyfile.example").read_text(), {OURS: f"127.0.0.1:{door.port}"})
    file = folder / "Caddyfile"
    file.write_text(_CADDY.format(folder=folder, http=http, https=https, example=example))
    return [str(web_server("caddy")), "run", "--config", str(file), "--adapter", "caddyfile"]


def changed(example: str, places: dict[str, str]) -> str:
    """The example for this machine; all else is as it stands."""
    for there, here in places.items():
        assert example.count(there) == 1, there
        example = example.replace(there, here)
    return example


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for the office's name that it signed itself, and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    plain = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    files = folder / "certificate.pem", folder / "certificate.key"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(key.private_bytes(*plain))
    return files


@contextmanager
def in_front(make: Callable[[Path, Door, int, int], list[str]], folder: Path, door: Door) -> Iterator[Past]:
    """A web server that runs as long as it is needed."""
    past = Past(free_port(), free_port())
    command = make(folder, door, past.https, past.http)
    environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin"}
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, env=environment)
        try:
            until(lambda: process.poll() is not None or answers(past))
            assert process.poll() is None, (folder / "said").read_text()
            yield past
        finally:
            process.terminate()
            process.wait(timeout=30)


def free_port() -> int:
    """A port of this machine that nobody has at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def answers(past: Past) -> bool:
    """Whether it takes connections with TLS."""
    try:
        return past.ask("GET", "/sign-in").status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """An office with what both examples say to set on our side."""
    with opened(tmp_path_factory.mktemp("office"), Front(("127.0.0.1",), (NAME,))) as door:
        yield door


@pytest.fixture(scope="module", params=[nginx, caddy], ids=["nginx", "caddy"])
def past(
    request: pytest.FixtureRequest, office: Door, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Past]:
    with in_front(request.param, tmp_path_factory.mktemp("front"), office) as found:
        yield found


def test_given_the_example_when_somebody_signs_in_then_the_cookie_is_secure_and_no_address_names_a_host(
    past: Past,
):
    typed = {"login": LOGIN, "password": PASSWORD}
    answer = past.ask("POST", "/sign-in", data=typed, headers={"Origin": f"https://{NAME}"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "secure" in answer.headers["set-cookie"].lower().split("; ")
    assert answer.headers["strict-transport-security"].startswith("max-age=")


def test_given_the_example_when_a_form_comes_from_another_site_then_it_is_refused(past: Past):
    typed = {"login": LOGIN, "password": PASSWORD}
    answer = past.ask("POST", "/sign-in", data=typed, headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 403


def test_given_hops_that_a_client_made_up_when_it_guesses_then_it_is_counted_by_its_own_address(past: Past):
    said = {"login": f"guessed-{past.https}", "password": "not the password"}
    codes = [
        past.ask(
            "POST",
            "/api/session",
            json=said,
            headers={"X-Forwarded-For": f"198.51.100.{number}", "Forwarded": f"for=198.51.100.{number}"},
        ).status_code
        for number in range(8)
    ]
    assert (codes[0], codes[-1]) == (401, 429)


@pytest.mark.parametrize("path", ["/statusz", "/settledz", "/n/county/statusz", "/n/county/settledz"])
def test_given_the_example_then_what_is_for_the_machine_itself_is_told_to_nobody_who_comes_past_it(
    past: Past, path: str
):
    answer = past.ask("GET", path, headers={"X-Forwarded-For": "127.0.0.1"})
    assert answer.status_code == 404 and "facts" not in answer.text


def test_given_another_name_then_nothing_of_the_office_is_answered_under_it(past: Past):
    answer = past.ask("GET", "/sign-in", host="evil.example", headers={"X-Forwarded-Host": NAME})
    assert answer.status_code == 421 or not answer.content


def test_given_a_client_that_says_it_has_tls_when_it_has_none_then_it_is_sent_to_where_there_is(past: Past):
    said = {"Host": NAME, "X-Forwarded-Proto": "https"}
    answer = httpx.get(f"http://127.0.0.1:{past.http}/matters", headers=said, timeout=60)
    assert answer.status_code == 308
    assert answer.headers["location"].startswith(f"https://{NAME}")
    assert "set-cookie" not in answer.headers


def test_an_example_that_has_lost_a_place_which_is_set_here_is_found():
    with pytest.raises(AssertionError):
        changed("reverse_proxy somewhere", {OURS: "127.0.0.1:1"})
