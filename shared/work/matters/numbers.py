"""Register numbers, and the number on the receipt."""


def matter_number(mark: str, year: int, register_no: int) -> str:
    """The number on the receipt: register mark, year, running number and a check digit.

    The check digit (ISO 7064 mod 11,10 over the digits) catches one mistyped digit on the phone.
    """
    body = f"{mark}-{year}-{register_no:05d}"
    return f"{body}-{check_digit(body)}"


def year_and_number(number: str) -> tuple[int, int]:
    """The year and the register number of a matter's number. Errors: ValueError."""
    _, year, register_no, _ = number.rsplit("-", 3)
    return int(year), int(register_no)


def check_digit(text: str) -> int:
    """ISO/IEC 7064 MOD 11,10 check digit over the decimal digits of `text`."""
    product = 10
    for digit in (int(sign) for sign in text if sign.isdigit()):
        total = (digit + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10
