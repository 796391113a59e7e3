"""What a variant of the product is called on the screens, and its shorter forms."""

from __future__ import annotations

from data.line import Line
from ui import text
from ui.desk import Desk

_LONGEST_SIGN = 4  # an id of so few letters is a sign that people speak: BEV, SUV


def variant_name(desk: Desk, line: Line, id_: str | None) -> str:
    """A variant's name; an id that the line file does not name stays as it is."""
    for variant in line.variants:
        if variant.id == id_:
            return desk.name(variant.names)
    return id_ or text.DASH


def variant_forms(desk: Desk, line: Line, id_: str) -> tuple[str, ...]:
    """Its name, then what may stand for it where that is too long; longest first.

    Only English writes an id for a name: among Chinese words it would be a foreign one.
    """
    name = variant_name(desk, line, id_)
    if desk.language == "zh" or len(id_) > _LONGEST_SIGN:
        return (name,)
    return (name, id_.upper())
