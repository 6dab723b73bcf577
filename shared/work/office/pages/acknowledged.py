"""What the pages of accounts answer."""

from shared.work.common.refusals import Kind, Refusal

Acknowledged = tuple[str, str]
"""What to say, and the secret that is shown once."""


class UnknownAct(Refusal):
    """The form asks for something that is not done with accounts."""

    code = "unknown-act"
    sentence = "This is not done with an account. Use the buttons on the page of accounts."
    kind = Kind.WRONG_INPUT
