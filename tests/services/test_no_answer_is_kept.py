"""No browser and no proxy between keeps what a program was answered."""

from services.network import app_of
from shared.web.app import routes_of
from tests.services.asking import asked, things_of
from tests.services.network import COUNTY, DEPARTMENT, Stage


def test_every_json_answer_says_that_nobody_keeps_it(stage: Stage) -> None:
    # Given a matter, a letter, a report, and somebody who reads them
    things, director = things_of(stage, "county", DEPARTMENT), stage.person(COUNTY, "director")
    told: dict[str, str] = {}
    # When every JSON door is asked, allowed or not
    for route in routes_of(app_of("county")):
        if "GET" in route.methods and route.path.startswith("/api/"):
            try:
                address = asked("GET", route.path, things).address
            except KeyError:
                address = route.path
            told[address] = director.get(address).headers["cache-control"]
    # Then each answer says so
    assert len(told) > 10
    assert {address: said for address, said in told.items() if said != "no-store"} == {}
