"""Settings: read once, every gap named at once, and what may be set is used."""

from dataclasses import replace
from pathlib import Path

import pytest

from shared.settings.clock import new_rehearsal_token
from shared.settings.front import Front
from shared.settings.limits import Flow
from shared.settings.network import NETWORK_FILE, Network, SettingsMissing, read_network, write_network
from shared.work.common.closing import PERIODS, Closing
from shared.work.reports.periods import Period
from tests.parts.tiny_network import ALONE, TinyNetwork

NETWORK = Network("hui-yin", "county", "key", rehearsal=False, postgres=None, kafka=None)


def test_a_network_that_says_nothing_of_its_flow_has_the_usual_sizes(tmp_path: Path):
    write_network(tmp_path, NETWORK)
    assert read_network(tmp_path).flow == Flow()
    assert "flow" not in (tmp_path / NETWORK_FILE).read_text()


def test_the_periods_that_can_be_closed_are_those_that_reports_are_for():
    assert tuple(Period) == PERIODS


def test_back_pressure_and_batch_sizes_are_settings(tiny_on_files: TinyNetwork):
    # Given a network that has its own sizes
    tiny_on_files.set_flow(queue=7, window=8)
    # When a node is opened, then it has them, and the usual ones of what was not said
    (village,) = tiny_on_files.open(ALONE)
    assert village.settings.network.flow == Flow(queue=7, window=8)


def test_until_when_reports_are_corrected_is_a_setting_whose_faults_are_named(tmp_path: Path):
    # Given a network that closes each week, and one that writes nonsense
    own = replace(NETWORK, reports=Closing("week", 1))
    write_network(tmp_path, own)
    assert read_network(tmp_path).reports == Closing("week", 1)
    # When nonsense is read, then each fault of it is named
    with (tmp_path / NETWORK_FILE).open("a") as file:
        file.write("\nfurther = 1\n")
    text = (tmp_path / NETWORK_FILE).read_text().replace('"week"', '"fortnight"').replace("= 1\n", "= -1\n")
    (tmp_path / NETWORK_FILE).write_text(text)
    with pytest.raises(SettingsMissing) as refusal:
        read_network(tmp_path)
    assert all(name in str(refusal.value) for name in ("reports.period", "reports.days_after", "further"))


def test_every_gap_is_named_at_once(tmp_path: Path):
    # Given a file in which much is missing or wrong
    said = '[flow]\nwindow = 0\ngroup = "many"\nround = true\nqueue = 100001\npace = 3\n'
    (tmp_path / NETWORK_FILE).write_text(f'name = "hui-yin"\nrehearsal = "no"\nkafka = "k:9092"\n{said}')
    # When it is read
    with pytest.raises(SettingsMissing) as refusal:
        read_network(tmp_path)
    # Then all of it is named
    named = (
        "county_node",
        "county_signing_key",
        "rehearsal",
        "postgres",
        "window",
        "group",
        "round",
        "queue",
        "pace",
    )
    assert [name for name in named if name not in str(refusal.value)] == []


def test_a_flow_that_is_no_table_is_refused(tmp_path: Path):
    write_network(tmp_path, NETWORK)
    (tmp_path / NETWORK_FILE).write_text("flow = 3\n" + (tmp_path / NETWORK_FILE).read_text())
    with pytest.raises(SettingsMissing, match="`flow` is not a table"):
        read_network(tmp_path)


def test_trusted_proxies_and_names_are_written_and_read(tmp_path: Path):
    front = Front(("10.0.0.0/8", "2001:db8::7"), ("letters.example.gov.cn",))
    write_network(tmp_path, replace(NETWORK, front=front))
    assert read_network(tmp_path).front == front
    assert [front.trusts(one) for one in ("10.2.3.4", "2001:db8::7", "11.0.0.1", "", "unix")] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_every_gap_in_the_table_of_the_web_is_named_at_once(tmp_path: Path):
    write_network(tmp_path, replace(NETWORK, front=Front(hosts=None)))
    said = '[web]\ntrusted_proxies = ["10.0.0.1/8", "proxy", 3]\nhosts = ["https://a.example", "a.example:80"]\nport = 3\n'
    path = tmp_path / NETWORK_FILE
    path.write_text(path.read_text() + said)
    with pytest.raises(SettingsMissing) as refusal:
        read_network(tmp_path)
    named = ("10.0.0.1/8", "'proxy'", "3 is not", "https://a.example", "a.example:80", "web.port")
    assert [name for name in named if name not in str(refusal.value)] == []


def test_a_rehearsal_s_token_stands_in_the_network_s_file_and_in_no_message(tmp_path: Path):
    write_network(tmp_path, NETWORK)
    assert read_network(tmp_path).rehearsal_token == ""
    token = new_rehearsal_token()
    write_network(tmp_path, replace(NETWORK, rehearsal=True, rehearsal_token=token))
    kept = read_network(tmp_path)
    assert kept.rehearsal_token == token != new_rehearsal_token()
    assert token not in repr(kept)
    assert (tmp_path / NETWORK_FILE).stat().st_mode & 0o077 == 0
