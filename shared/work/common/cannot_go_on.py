"""What stops a command or an order and can be mended by a person, told in one line wherever it is shown."""

from typing import ClassVar


class CannotGoOn(Exception):
    """Something that whoever reads the message can mend: a setting, a lease that another holds, an order's input.

    `code` is stable, for programs and for help. Any other error is a fault of ours and keeps its traceback.
    """

    code: ClassVar[str]
