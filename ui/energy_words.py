"""What the parts of the energy screen are called, in the language that is on."""

from __future__ import annotations

from ui import words
from ui.names import PlaceNames
from ui.words import translate


def part(cut: str, id_: str, names: PlaceNames) -> str:
    """A part of a cut (workshop, end_use, carrier or state)."""
    if id_ == "unexplained":
        return words.state(id_)
    match cut:
        case "workshop":
            return names.workshop(id_)
        case "end_use":
            return words.end_use(id_)
        case "carrier":
            return words.carrier(id_)
        case _:
            return words.state(id_)


def place(column: str, id_: str, names: PlaceNames) -> str:
    """A place of the picture of flows."""
    match column:
        case "source":
            return source(id_)
        case "shop":
            return part("workshop", id_, names)
        case "state":
            return translate("Energy", "base, no station") if id_ == "none" else words.state(id_)
        case _:
            return end(id_)


def source(id_: str) -> str:
    """Where energy comes from: a way into the plant, or a fuel."""
    match id_:
        case "import" | "electricity":
            return translate("Energy", "grid")
        case "generate":
            return translate("Energy", "own PV")
        case "discharge":
            return translate("Energy", "storage")
        case _:
            return words.carrier(id_)


def end(id_: str) -> str:
    """Where energy ends."""
    match id_:
        case "direct":
            return translate("Energy", "vehicles, direct")
        case "shared":
            return translate("Energy", "vehicles, shared")
        case "wip":
            return translate("Energy", "in progress")
        case "losses":
            return translate("Energy", "losses")
        case _:
            return words.state(id_)
