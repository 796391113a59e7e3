"""What a variant of the product is called on the screens, and its shorter forms."""

from __future__ import annotations

from data.line import Line
from ui import text
from ui.desk import Desk

_LONGEST_SIGN = 4  # an id of so few letters is a sign that people use in either language: BEV, SUV


def variant_name(desk: Desk, line: Line, id_: str | None) -> str:
    """A variant's name; an id that the line file does not name stays as it is."""
    for variant in line.variants:
        if variant.id == id_:
            return desk.name(variant.names)
    return id_ or text.DASH


def variant_forms(desk: Desk, line: Line, id_: str) -> tuple[str, ...]:
    """Its name, then what may stand for it where that is too long; longest first."""
    name = variant_name(desk, line, id_)
    return (name,) if len(id_) > _LONGEST_SIGN else (name, id_.upper())
