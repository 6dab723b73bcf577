"""The most of a day: of one person, of an office, and what a director gives beyond it."""

import pytest

from shared.work.common.quota import (
    DayUse,
    MattersOfOfficeReached,
    MattersOfPersonReached,
    Quotas,
    TextReached,
    VersionsReached,
)
from shared.work.common.words import Quota

SMALL = Quotas(matters_of_a_person=2, matters_of_an_office=3, text_of_a_person=1, versions_of_a_report=2)
ANNA, BO = "a", "b"


def used(**matters: int) -> DayUse:
    use = DayUse()
    use.matters.update(matters)
    return use


def test_given_as_many_matters_as_one_person_may_when_one_more_then_it_is_refused_and_says_how_many():
    with pytest.raises(MattersOfPersonReached) as refused:
        used(a=2).require_matter(SMALL, ANNA)
    assert refused.value.facts == {"most": 2}
    used(a=2).require_matter(SMALL, BO)
    used(a=1).require_matter(SMALL, ANNA)


def test_given_as_many_matters_as_one_office_may_when_anybody_of_it_registers_then_it_is_refused():
    with pytest.raises(MattersOfOfficeReached) as refused:
        used(a=2, c=1).require_matter(SMALL, BO)
    assert refused.value.facts == {"most": 3}


def test_given_a_raise_for_one_person_then_it_is_that_persons_alone_and_the_office_has_room_for_it():
    use = used(a=2, c=1)
    use.raise_by(Quota.MATTERS, ANNA, 1)
    use.require_matter(SMALL, ANNA)
    use.raise_by(Quota.TEXT, ANNA, 5)
    use.matters[ANNA] += 1
    with pytest.raises(MattersOfOfficeReached):
        use.require_matter(SMALL, BO)
    with pytest.raises(MattersOfPersonReached):
        use.require_matter(SMALL, ANNA)


def test_given_a_raise_for_everybody_then_each_person_has_it():
    use = used(a=2, b=2)
    use.raise_by(Quota.MATTERS, "", 2)
    use.require_matter(SMALL, ANNA)
    use.require_matter(SMALL, BO)


def test_text_is_counted_in_kilobytes_and_the_last_byte_that_fits_is_taken():
    use = DayUse()
    use.text[ANNA] = 900
    use.require_text(SMALL, ANNA, 100)
    with pytest.raises(TextReached) as refused:
        use.require_text(SMALL, ANNA, 101)
    assert refused.value.facts == {"most": 1}
    use.raise_by(Quota.TEXT, ANNA, 1)
    use.require_text(SMALL, ANNA, 1_100)


def test_a_report_has_no_more_versions_than_it_may_unless_that_is_raised():
    use = DayUse()
    use.require_version(SMALL, ANNA, 1)
    with pytest.raises(VersionsReached):
        use.require_version(SMALL, ANNA, 2)
    use.raise_by(Quota.VERSIONS, "", 1)
    use.require_version(SMALL, ANNA, 2)


def test_the_usual_is_far_above_what_hands_can_do():
    # A clerk who needs two minutes for a matter, eight hours long; a petition of a thousand characters each time.
    usual, matters = Quotas(), 8 * 30
    assert usual.matters_of_a_person > 4 * matters
    assert usual.text_of_a_person > 4 * matters * 3
    assert usual.matters_of_an_office > usual.matters_of_a_person
