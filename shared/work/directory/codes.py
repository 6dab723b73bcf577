"""Which code a unit may bear: administrative division codes of twelve digits, as the statistics bureau gives them.

Digits 1 to 6 name the county, 7 to 9 the township, 10 to 12 the village or community; an office that is none of these
has a number of its own within the county or township that it belongs to. Source: domain reference, section 1 (GB/T 2260 and
GB/T 10114).
"""

from shared.work.common.refusals import Kind, Refusal
from shared.work.common.unit_info import UnitInfo
from shared.work.common.words import UnitKind

_COUNTY, _TOWNSHIP = 6, 9
"""Digits that name the county, and the township with it."""
_PLACES = frozenset({UnitKind.VILLAGE, UnitKind.COMMUNITY})


class WrongPlace(Refusal):
    """A unit of this kind does not belong below that one."""

    code = "wrong-place"
    sentence = (
        "An office of this kind does not belong below %(name)s. Townships and departments belong to the county,"
        " villages and communities to a township."
    )
    kind = Kind.WRONG_INPUT


class CodeOfAnotherPlace(Refusal):
    """The code names another county or township than the one that the unit belongs to."""

    code = "code-of-another-place"
    sentence = "The code %(code)s does not fit %(name)s: it must begin with %(begin)s and end like a code of its kind."
    kind = Kind.WRONG_INPUT


class CodeTaken(Refusal):
    """Another open unit bears the code."""

    code = "code-taken"
    sentence = (
        "The code %(code)s is the code of %(name)s. Look it up again, or give that office its new code first."
    )
    kind = Kind.WRONG_INPUT


def require_fitting(code: str, kind: str, parent: UnitInfo) -> None:
    """Refuse a kind that does not belong below the parent, or a code of another place.

    Errors: WrongPlace, CodeOfAnotherPlace.
    """
    above: dict[UnitKind, set[UnitKind]] = {
        UnitKind.COUNTY: set(),
        UnitKind.TOWNSHIP: {UnitKind.COUNTY},
        UnitKind.DEPARTMENT: {UnitKind.COUNTY, UnitKind.TOWNSHIP},
    }
    if parent.kind not in above.get(UnitKind(kind), {UnitKind.TOWNSHIP}):
        raise WrongPlace(name=parent.name, field="parent")
    begin = parent.code[: _COUNTY if parent.kind == UnitKind.COUNTY else _TOWNSHIP]
    ends_well = {
        UnitKind.TOWNSHIP: code[_COUNTY:_TOWNSHIP] != "000" and code[_TOWNSHIP:] == "000",
        UnitKind.DEPARTMENT: code[_TOWNSHIP:] != "000",
    }.get(UnitKind(kind), code[_TOWNSHIP:] != "000")
    if not code.startswith(begin) or not ends_well:
        raise CodeOfAnotherPlace(code=code, name=parent.name, begin=begin, field="code")
