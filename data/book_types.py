"""What every entry of a book of factors, claims or prices is written with."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

Text = Annotated[str, Field(min_length=1)]
Evidence = Literal["supplied", "seen", "recalled", "computed"]
EnergyCarrier = Literal["electricity", "natural_gas", "lpg", "diesel", "heat", "steam"]
FIRST_YEAR, LAST_YEAR = 1990, 2200


def _in_range(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"must lie in {FIRST_YEAR} to {LAST_YEAR}")
    return day


Day = Annotated[date, AfterValidator(_in_range)]


def toml(value: object) -> str:
    """A value as TOML writes it, on one line."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case date():
            return value.isoformat()
        case Mapping():
            return "{ " + ", ".join(f"{key} = {toml(each)}" for key, each in value.items()) + " }"
        case tuple():
            return "[" + ", ".join(map(toml, value)) + "]"
        case _:
            return repr(value)


def row_lines(section: str, book: str, row: object) -> Iterable[str]:
    """A row of a book as an array's table; what is None is left out, ``from_`` is ``from``."""
    yield from ("", f"[[{section}]]", f"book = {toml(book)}")
    for name in type(row).__slots__:  # type: ignore[attr-defined]
        value = getattr(row, name)
        if value is not None:
            yield f"{name.removesuffix('_')} = {toml(value)}"
