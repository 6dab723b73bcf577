"""Which HTTP status a refusal has: the one place where the reasons of the work meet the words of the wire."""

from shared.work.common.refusals import Kind, Refusal

STATUSES = {
    Kind.NOT_KNOWN_WHO: 401,
    Kind.NOT_ALLOWED: 403,
    Kind.NOT_FOUND: 404,
    Kind.AS_IT_STANDS: 409,
    Kind.WRONG_INPUT: 422,
    Kind.TOO_OFTEN: 429,
    Kind.NOT_AT_THE_MOMENT: 503,
}


def status_of(refusal: Refusal | type[Refusal]) -> int:
    """The HTTP status that a refusal is answered with."""
    return STATUSES[refusal.kind]
