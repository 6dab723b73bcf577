"""Refusals of whoever asks for a proof, by page or by command."""

from shared.work.common.refusals import Kind, Refusal


class NoProofYet(Refusal):
    """No witnessed checkpoint holds such a fact, or there is no such fact."""

    code = "no-proof-yet"
    sentence = (
        "There is no proof of this fact here yet, or number and leaf are not those of one receipt. Another office signs for "
        "it within minutes while the connection works; check both, or ask again later."
    )
    kind = Kind.NOT_FOUND


class NoSuchSizes(Refusal):
    """The log never had these sizes, or they are the wrong way round."""

    code = "no-such-sizes"
    sentence = "Give two sizes that this log has had, the smaller one first. It has %(size)s facts now."
    kind = Kind.NOT_FOUND
