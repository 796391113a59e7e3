"""A vehicle's passport as a file to hand on: JSON, HTML or its PACT footprint, by the ending."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from data.line import Line
from data.zones import zone
from twin.passport import Passport
from twin.report import to_json
from ui import text
from ui.reports import UnknownEnding, replace_file
from ui.reports import passport_words as p
from ui.reports import words as w
from ui.reports.blocks import Bar, Bars, Block, Column, Document, Note, Section, Table, Tile
from ui.reports.carbon import factor_tables
from ui.reports.html import render
from ui.reports.words import Language, Words

ENDINGS = (".json", ".html")
_PACT = ".pact.json"
_LEAST_KWH = 0.005  # a station that took less shows nothing in the table
_NOTHING = {"direct": 0.0, "shared": 0.0}
_PARTS_OF_ACCOUNT = ("direct", "shared", "scrap", "total")


class NoFootprint(ValueError):
    """A PACT file was asked for, and the passport has no footprint to put there."""


def check_passport_path(path: Path) -> None:
    """Raises UnknownEnding unless the ending says which format is wanted."""
    if path.suffix.lower() not in ENDINGS:
        raise UnknownEnding(f"{path}: a passport is .json, .html or {_PACT}")


def write_passport(passport: Passport, line: Line, path: Path, language: Language) -> None:
    """Writes a passport in the format of the file's ending; the file is whole or not there.

    Raises UnknownEnding, NoFootprint, or OSError where the file cannot be written.
    """
    check_passport_path(path)
    say = _Say(language, line)
    if path.name.lower().endswith(_PACT):
        if passport["pact"] is None:
            raise NoFootprint(f"{path}: {_reasons(passport, _Say('en', line))}")
        replace_file(path, to_json(passport["pact"]))
    elif path.suffix.lower() == ".json":
        replace_file(path, to_json(passport))
    else:
        replace_file(path, render(document(passport, line, say)))


class _Say(Words):
    """A passport's phrases, and the report's names of things, in one language."""

    def __init__(self, language: Language, line: Line) -> None:
        super().__init__(language, line, p.TEXTS)
        self._zone = zone(line.plant.timezone)

    def evidence(self, mark: str) -> str:
        """An evidence mark."""
        return self.of(w.EVIDENCE, mark)

    def time(self, iso: str | None, otherwise: str) -> str:
        """A moment in plant time."""
        if iso is None:
            return otherwise
        return f"{datetime.fromisoformat(iso).astimezone(self._zone):%Y-%m-%d %H:%M:%S}"


def document(passport: Passport, line: Line, say: _Say) -> Document:
    """The passport as it is read."""
    sections = [
        Section(say("account"), tuple(_account(passport, say))),
        Section(say("books"), tuple(_books(passport, say))),
        Section(say("boundary"), tuple(_boundary(passport, say))),
        Section(say("parts"), (_parts(passport, say), Note(say("parts_note"), soft=True)))
        if passport["parts"]
        else None,
        Section(say("upstream"), tuple(_upstream(passport, say))),
        *_scenarios(passport, say),
        Section(say("by_station"), (_stations(passport, say),)),
        Section(say("route"), (_route(passport, say),)),
    ]
    return Document(
        language=say.language,
        title=f"{say('title')} {passport['vehicle']}",
        plant=say.name(line.plant.names),
        sentence=say("sentence"),
        facts=tuple(_facts(passport, line, say)),
        tiles=tuple(_tiles(passport, say)),
        sections=tuple(section for section in sections if section is not None),
        digest=(say("digest"), passport["logs"][-1]["log_digest"], say("digest_note")),
    )


def _facts(passport: Passport, line: Line, say: _Say) -> Iterable[tuple[str, str]]:
    comma = say("comma")
    yield say("vehicle"), passport["vehicle"]
    variant = passport["variant"]
    yield say("variant"), text.DASH if variant is None else say.variant(variant)
    yield say("line"), f"{say.name(line.plant.names)} ({passport['line']})"
    status = [say(passport["status"]), *([say("reworked")] if passport["reworked"] else [])]
    yield say("status"), comma.join(status)
    begin = say.time(passport["entered"], say("unseen"))
    end = say.time(passport["completed"], say("in_progress"))
    yield say("on_line"), say("to", begin=begin, end=end)
    whole = say("is_complete" if passport["complete"] else "is_partial")
    final = say("is_final" if passport["final"] else "is_provisional")
    yield say("complete"), say("separator").join((whole, final))
    spans = [
        say("to", begin=say.time(log["from"], ""), end=say.time(log["to"], ""))
        for log in passport["logs"]
    ]
    yield say("logs"), say("separator").join(spans)


def _tiles(passport: Passport, say: _Say) -> Iterable[Tile]:
    energy, carbon = passport["energy_kwh"], passport["carbon_kg"]
    marks = [row["evidence"] for row in energy["by_carrier"].values()]
    evidence = say.evidence(max(marks, key=("measured", "estimated", "modelled").index))
    upstream = passport["upstream"]
    yield _tile(say("energy"), energy["total"], "kWh", evidence)
    yield _tile(say("carbon"), carbon["location"]["total"], "kg CO₂e", evidence)
    yield _tile(say("carbon_product"), carbon["product"]["total"], "kg CO₂e", evidence)
    known = None if upstream is None else upstream["kgco2e"]
    yield _tile(say("upstream_tile"), known, "kg CO₂e", "")


def _tile(label: str, value: float | None, unit: str, evidence: str) -> Tile:
    shown = text.number(value, 1)
    return Tile(label, shown, "" if shown == text.DASH else unit, "", "", evidence)


def _account(passport: Passport, say: _Say) -> Iterable[Block]:
    energy = passport["energy_kwh"]
    columns = (
        Column(say("carrier"), wide=1.6),
        *(Column(say(name), figures=True) for name in _PARTS_OF_ACCOUNT),
        Column(say("evidence")),
    )
    rows = [
        (
            say.of(w.CARRIERS, carrier),
            *(text.number(row[name], 2) for name in _PARTS_OF_ACCOUNT),
            say.evidence(row["evidence"]),
        )
        for carrier, row in energy["by_carrier"].items()
    ]
    rows.append((say("total"), *(text.number(energy[n], 2) for n in _PARTS_OF_ACCOUNT), ""))
    yield Table(columns, tuple(rows), total=True)
    yield Note(say("account_note"), soft=True)
    yield _workshops(passport, say)
    if passport["parts_unknown"]:
        yield Note(say("parts_unknown"))


def _workshops(passport: Passport, say: _Say) -> Bars:
    energy = passport["energy_kwh"]
    amounts = [
        (say.workshop(name), row["direct"] + row["shared"])
        for name, row in energy["by_workshop"].items()
    ]
    amounts.sort(key=lambda each: -each[1])
    earlier = energy["earlier_logs"]
    carried = earlier["direct"] + earlier["shared"]
    amounts += [(say("earlier"), carried)] if carried else []
    amounts += [(say("scrap_row"), energy["scrap"])] if energy["scrap"] else []
    longest = max((abs(kwh) for _, kwh in amounts), default=0.0)
    return Bars(
        title=say("by_workshop"),
        bars=tuple(
            Bar(
                label=label,
                figure=text.number(kwh, 1),
                share=text.percent(kwh / energy["total"]) if energy["total"] else text.DASH,
                length=abs(kwh) / longest if longest else 0.0,
                negative=kwh < 0,
            )
            for label, kwh in amounts
        ),
        total=(say("total"), text.number(energy["total"], 1)),
        half=False,
    )


def _books(passport: Passport, say: _Say) -> Iterable[Block]:
    columns = (
        Column(say("book"), wide=1.6),
        *(Column(say(name), figures=True) for name in _PARTS_OF_ACCOUNT),
    )
    rows = tuple(
        (
            say.of(w.BOOKS, view),
            *(text.number(row[name], 2) for name in _PARTS_OF_ACCOUNT),
        )
        for view, row in passport["carbon_kg"].items()
    )
    yield Table(columns, rows)
    yield Note(say("books_note"), soft=True)
    yield from factor_tables(passport, say)


def _boundary(passport: Passport, say: _Say) -> Iterable[Note]:
    reach = passport["footprint"]
    yield Note(say(reach["boundary"]))
    if reach["cradle_to_gate_kgco2e"] is not None:
        yield Note(say("cradle_sum", kg=text.number(reach["cradle_to_gate_kgco2e"], 1)))
    there = passport["pact"] is not None
    yield Note(say("pact_there") if there else _reasons(passport, say), soft=True)


def _reasons(passport: Passport, say: _Say) -> str:
    words = [say.of(p.MISSING, name) for name in passport["pact_missing"]]
    return say("pact_not", reasons=say("comma").join(words))


def _parts(passport: Passport, say: _Say) -> Table:
    columns = (
        Column(say("part"), wide=1.2),
        Column(say("at"), wide=1.6),
        Column(say("when"), wide=1.6),
        Column(say("kwh"), figures=True, wide=0.8),
        Column(say("kg_location"), figures=True),
        Column(say("evidence"), wide=0.9),
    )
    rows = tuple(
        (
            part["part"],
            say.place(part["station"]),
            say.time(part["at"], text.DASH),
            text.number(part["energy_kwh"], 2),
            text.number(part["carbon_kg"]["location"], 2),
            say.evidence(part["evidence"]),
        )
        for part in passport["parts"]
    )
    return Table(columns, rows)


def _stations(passport: Passport, say: _Say) -> Table:
    columns = (
        Column(say("station"), wide=2.4),
        Column(say("kwh_direct"), figures=True),
        Column(say("kwh_shared"), figures=True),
        Column(say("kg_location"), figures=True),
    )
    carbon = passport["carbon_kg"]["location"]
    energy = passport["energy_kwh"]
    rows = [
        _amounts(say.place(place), row, carbon["by_station"].get(place, _NOTHING))
        for place, row in energy["by_station"].items()
        if abs(row["direct"]) + abs(row["shared"]) >= _LEAST_KWH
    ]
    if any(energy["earlier_logs"].values()):
        rows.append(_amounts(say("earlier"), energy["earlier_logs"], carbon["earlier_logs"]))
    return Table(columns, tuple(rows))


def _amounts(label: str, kwh: Mapping[str, float], kg: Mapping[str, float]) -> tuple[str, ...]:
    return (
        label,
        text.number(kwh["direct"], 2),
        text.number(kwh["shared"], 2),
        text.number(math.fsum((kg["direct"], kg["shared"])), 2),
    )


def _route(passport: Passport, say: _Say) -> Table:
    columns = (
        Column(say("station"), wide=2.2),
        Column(say("workshop"), wide=1.2),
        Column(say("enter"), wide=1.6),
        Column(say("leave"), wide=1.6),
        Column(say("stay"), figures=True),
    )
    rows = tuple(
        (
            say.place(visit["station"]),
            say.workshop(visit["workshop"]),
            say.time(visit["enter"], text.DASH),
            say.time(visit["leave"], say("still")),
            _stay(visit),
        )
        for visit in passport["route"]
    )
    return Table(columns, rows)


def _stay(visit: Mapping[str, Any]) -> str:
    if visit["leave"] is None:
        return text.DASH
    begin, end = (datetime.fromisoformat(visit[key]) for key in ("enter", "leave"))
    return text.stopwatch((end - begin).total_seconds())


def _upstream(passport: Passport, say: _Say) -> Iterable[Block]:
    upstream = passport["upstream"]
    if upstream is None:
        yield Note(say("upstream_none"))
        return
    kg = text.number(upstream["kgco2e"], 1)
    if upstream["basis"] == "line_file":
        yield Note(say("upstream_line_file", kg=kg))
        return
    known = sum(1 for part in upstream["parts"] if part["kgco2e"] is not None)
    counts = {"known": known, "all": len(upstream["parts"])}
    yield Note(say("upstream_bom", kg=kg, file=upstream["file"], **counts))
    for fault in upstream["faults"]:
        yield Note(fault, soft=True)
    columns = (
        Column(say("part"), wide=1.8),
        Column(say("mass"), figures=True),
        Column(say("material")),
        Column(say("recycled"), figures=True),
        Column(say("kg"), figures=True),
        Column(say("basis"), wide=1.6),
    )
    yield Table(columns, tuple(_bill_row(part, say) for part in upstream["parts"]))


def _bill_row(part: Mapping[str, Any], say: _Say) -> tuple[str, ...]:
    basis = {"footprint": say("footprint"), "part": say("own"), "material": say("material")}
    return (
        part["en" if say.language == "en" else "zh"],
        text.number(part["mass_kg"], 1),
        part["material"] or text.DASH,
        text.percent(part["recycled_share"], 0),
        text.number(part["kgco2e"], 1),
        basis.get(part["basis"], text.DASH),
    )


def _scenarios(passport: Passport, say: _Say) -> Iterable[Section]:
    use, end = passport["use_phase"], passport["end_of_life"]
    if use is not None:
        years = say("comma").join(
            f"{each['year']}: {text.number(each['kgco2e_per_kwh'], 3)}" for each in use["grid"]
        )
        line = say(
            "use_line",
            kg=text.number(use["kgco2e"], 0),
            km=text.number(use["km"], 0),
            kwh=text.number(use["kwh_per_100km"], 1),
            litres=text.number(use["l_per_100km"], 1),
        )
        grid = (Note(say("grid_line", years=years), soft=True),) if years else ()
        yield Section(say("use"), (Note(line), *grid))
    if end is not None:
        yield Section(say("end"), (Note(say("end_line", kg=text.number(end["kgco2e"], 0))),))
