"""Vehicle identification numbers (ISO 3779) with their check digit."""

from __future__ import annotations

_ALPHABET = "ABCDEFGHJKLMNPRSTUVWXYZ"  # no I, O and Q
_VALUES = {str(n): n for n in range(10)} | dict(
    zip(
        _ALPHABET,
        (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9),
        strict=True,
    )
)
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_MAKER = "LGN"  # L is China
_YEAR_AND_PLANT = "TG"
SERIALS = 1_000_000


def check_digit(vin: str) -> str:
    """The ninth character that a number of 17 characters must have."""
    rest = sum(_VALUES[c] * weight for c, weight in zip(vin, _WEIGHTS, strict=True)) % 11
    return "X" if rest == 10 else str(rest)


def vin(model: int, serial: int) -> str:
    """The number of the vehicle ``serial`` (modulo SERIALS) of the variant number ``model``."""
    letter = _ALPHABET[model % len(_ALPHABET)]
    bare = f"{_MAKER}{letter}CU24{0}{_YEAR_AND_PLANT}{serial % SERIALS:06d}"
    return bare[:8] + check_digit(bare) + bare[9:]


def serial_of(number: str) -> int | None:
    """The serial of a vehicle number that ``vin`` made; None of any other."""
    digits = number[-6:]
    return int(digits) if number.startswith(_MAKER) and digits.isdecimal() else None
