"""What is said about a form that was filled wrongly."""

from datetime import date

from pydantic import BaseModel, Field, ValidationError

from shared.web.form import with_errors
from shared.web.languages import Language


class Order(BaseModel):
    summary: str = Field(min_length=5, max_length=10)
    day: date
    count: int = Field(ge=1)
    unit: str


def complaints(language: Language, **typed: str) -> dict[str, str]:
    try:
        Order.model_validate(typed)
    except ValidationError as problem:
        return dict(with_errors(language, typed, problem).errors)
    raise AssertionError("the order was fine")


def test_each_field_gets_one_sentence_that_says_what_to_do():
    typed = {"summary": "路灯", "day": "tomorrow", "count": "0"}
    assert complaints(Language.ZH, **typed) == {
        "summary": "请至少填写 5 个字",
        "day": "请按年-月-日填写日期，例如 2026-03-27",
        "count": "请填写不小于 1 的数",
        "unit": "请填写此项",
    }


def test_the_same_sentences_exist_in_english():
    typed = {"summary": "x" * 11, "day": "2026-03-27", "count": "1", "unit": "u"}
    assert complaints(Language.EN, **typed) == {"summary": "Shorten this text to 10 characters"}
