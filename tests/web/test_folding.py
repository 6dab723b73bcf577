"""What people type in many ways is folded in one place, and what must not be folded stays: one table for all fields."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from shared import data
from shared.orders.example import example_of
from shared.orders.folding import folded, matter_number_of, query_code_of
from shared.orders.input import Input, shown
from shared.work.catalogue import ORDERS
from shared.work.matters.orders.petition_input import PetitionerInput
from shared.work.matters.orders.registering import PETITION, RegisterMatter

NUMBER, CODE = "100201-2026-00001-7", "7KQ2M9XWAB"

NUMBERS = {
    "as it stands": "100201-2026-00001-7",
    "full-width": "１００２０１－２０２６－００００１－７",
    "en dash": "100201–2026–00001–7",
    "em dash": "100201—2026—00001—7",
    "minus": "100201−2026−00001−7",
    "small hyphen": "100201﹣2026﹣00001﹣7",
    "no-break hyphen": "100201\u20112026\u201100001\u20117",
    "long vowel of kana": "100201ー2026ー00001ー7",
    "line of a box": "100201─2026─00001─7",
    "blanks": " 100201 - 2026 - 00001 - 7 ",
    "wide blanks": "\u3000100201\u00a0-\u20032026-00001-7\u3000",
    "blanks for dashes": "100201 2026 00001 7",
    "neither": "1002012026000017",
    "tab and line break": "\t100201-2026-00001-7\r\n",
    "zero-width": "100201\u200b-2026\u200c-00001\u2060-7",
    "byte order mark": "\ufeff100201-2026-00001-7",
    "soft hyphen": "100201-2026\u00ad-00001-7",
    "isolates": "\u2066100201-2026-00001-7\u2069",
    "filler": "100201-2026-00001-7\u3164\uffa0\u2800",
    "keyboard's pictures": "1\ufe0f\u20e300201-2026-00001-7",
    "Arabic digits": "١٠٠٢٠١-٢٠٢٦-٠٠٠٠١-٧",
    "mathematical digits": "𝟏𝟎𝟎𝟐𝟎𝟏-𝟐𝟎𝟐𝟔-𝟎𝟎𝟎𝟎𝟏-𝟕",
}


@pytest.mark.parametrize("way", NUMBERS)
def test_a_matters_number_is_one_number_however_it_is_typed(way):
    assert matter_number_of(NUMBERS[way]) == NUMBER


@pytest.mark.parametrize(
    "typed",
    [
        "7KQ2M9XWAB",
        "7kq2m9xwab",
        "7KQ2-M9XW-AB",
        "7KQ2 M9XW AB",
        "７ＫＱ２Ｍ９ＸＷＡＢ",
        "7KQ2–M9XW\u200bAB\u3000",
    ],
)
def test_a_query_code_is_one_code_however_it_is_typed(typed):
    assert query_code_of(typed) == CODE


@pytest.mark.parametrize("control", ["\0", "\x07", "\x1b"])
def test_a_control_sign_is_never_folded_away(control):
    assert folded(f"12{control}") == f"12{control}"


FIELDS: dict[str, tuple[str, Any]] = {
    "persons": ("１２", 12),
    "received_on": ("２０２６－０３－２６", date(2026, 3, 26)),
}


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("around", ["{}", " {}\u3000", "\ufeff{}", "{}\u200b", "\u3164{}"])
def test_a_figure_and_a_day_are_read_however_they_are_typed(field, around):
    typed, meant = FIELDS[field]
    assert getattr(_petition(**{field: around.format(typed)}), field) == meant


@pytest.mark.parametrize("order", ["open-unit", "rename-unit"])
def test_a_units_code_is_read_however_it_is_typed(order):
    given = ORDERS[order].model_validate(
        example_of(ORDERS[order]) | {"code": "４３０３２１ １０１\u200b２９９"}
    )
    assert given.model_dump()["code"] == "430321101299"


def _every_text() -> Iterator[tuple[str, str, bool]]:
    """Every text of every order that a person fills in: order, field, and whether it is a long one."""
    for name, order in ORDERS.items():
        for field, info in order.model_fields.items():
            if "str" in str(info.annotation) and isinstance(order.DECLARED.sample.get(field), str):
                yield name, field, shown(info) == "textarea"


TEXTS = [*_every_text()]
UNSEEN = ["\u200b", "\u3164", "\u2800", "\ufeff", "\u2060\u00ad", "\ufe0f", "\u115f\u1160", "\U000e0001"]


@pytest.mark.parametrize(("name", "field", "area"), TEXTS)
@pytest.mark.parametrize("unseen", UNSEEN)
def test_a_text_of_which_nothing_is_seen_is_refused_at_its_field(name, field, area, unseen):
    assert _complaint(name, field, unseen) in ("nothing_visible", "string_pattern_mismatch")


TURNING = ["\u202e", "\u202a", "\u2066", "\u2028", "\u2029", "\x85", "\n", "\t", "\x9f"]


@pytest.mark.parametrize(("name", "field", "area"), [text for text in TEXTS if not text[2]])
@pytest.mark.parametrize("turning", TURNING)
def test_a_single_line_takes_no_sign_that_breaks_or_turns_it(name, field, area, turning):
    assert _complaint(name, field, f"甲{turning}乙") in ("not_one_line", "string_pattern_mismatch")


@pytest.mark.parametrize(("name", "field", "area"), [text for text in TEXTS if text[2]])
def test_a_long_text_has_as_many_lines_as_it_was_told_in(name, field, area):
    told = "一、路灯不亮\n二、已报三次\tوشكرا"
    given = ORDERS[name].model_validate(example_of(ORDERS[name]) | {field: told})
    assert given.model_dump()[field] == told


STAYS = [
    *sorted({row["name_zh"] for row in data.rows(data.EDGE_CASES)}),
    "𠅤𫠚𰀀\U000323b0",
    "葛\U000e0100城",
    "辻\ufe00",
    "买买提·吐尔逊",
    "\ue000某",
    "张　三",
    "e\u0301 ﬁ ①",
    "家👨‍👩‍👧",
    "عرب",
]


@pytest.mark.parametrize("name", STAYS)
def test_a_name_stays_as_it_was_written(name):
    assert PetitionerInput(name=name).name == name


def _petition(**changed: Any) -> RegisterMatter:
    return RegisterMatter.model_validate(example_of(RegisterMatter) | PETITION | changed)


def _complaint(name: str, field: str, typed: str) -> str:
    order: type[Input] = ORDERS[name]
    with pytest.raises(ValidationError) as wrong:
        order.model_validate(example_of(ORDERS[name]) | {field: typed})
    (error,) = wrong.value.errors()
    assert error["loc"] == (field,)
    return error["type"]
