"""Blocks of running numbers: whoever numbers records without knowing what another gave takes a block of its own."""

NUMBERS_OF_A_LIFE = 100_000
"""Running numbers of a year that belong to one life of an office at one node. Unit: numbers; a county's office registers
some thousands a year, and after a restore it is not known which of them were given on paper and are lost."""
LIVES_OF_A_HOME = 20
"""Lives (a node begins another when it is restored) that one node may have while it keeps an office. Unit: lives; a
restore is an event of years."""


def life_of(home: int, incarnation: int) -> int:
    """Which block an office's records take at its `home`-th node, in an incarnation of that node; both count from 1."""
    return (home - 1) * LIVES_OF_A_HOME + incarnation


def numbers_before(life: int) -> int:
    """The last number that an earlier life may have given; 0 in the first."""
    return (life - 1) * NUMBERS_OF_A_LIFE
