"""The header of a report: which line, when, and how complete its data are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from data.line import Line
from data.zones import zone
from twin import shifts
from twin.report import Report
from ui import text
from ui.reports import words as w
from ui.reports.energy import largest_first
from ui.reports.words import Words

_MOST_GAPS = 3  # in the header; all of them stand in their table
_SHORTEST_SHIFT_NS = 60_000_000_000  # less of a shift is the margin of a session


def facts(report: Report, line: Line, words: Words) -> Iterable[tuple[str, str]]:
    """The header: which line, when, and how complete its data are."""
    yield words("line"), f"{words.name(line.plant.names)} ({report['line']})"
    begin, end = moment(report["from"]), moment(report["to"])
    if begin is None or end is None:
        yield words("period"), words("no_period")
    else:
        yield words("period"), f"{span(begin, end, line, words)} ({_zone(begin, line)})"
        yield words("period_utc"), words("to", begin=_utc(begin), end=_utc(end))
        yield words("duration"), text.duration((end - begin).total_seconds())
        names = _shifts(begin, end, line, words)
        if names:
            yield words("shift"), names
    yield words("data"), _completeness(report, words)
    shares = _evidence_shares(report, words)
    if shares:
        yield words("evidence"), words("evidence_line", shares=shares)
    yield words("allocation_label"), _allocation(report, words)
    gaps = report["gaps"]
    if gaps:
        lines = [_gap_line(gap, line, words) for gap in gaps[:_MOST_GAPS]]
        if len(gaps) > _MOST_GAPS:
            lines.append(words("more_gaps", n=len(gaps) - _MOST_GAPS))
        yield words("gap_label"), words("separator").join(lines)
    if report["lost"]["samples"]:
        shown = text.number(report["lost"]["samples"], 0)
        yield words("lost_label"), words("lost_line", n=shown)
    if report["quality"]["recovered"]:
        shown = text.number(report["quality"]["recovered"], 0)
        yield words("recovered_label"), words("recovered_line", n=shown)


def moment(iso: str | None) -> datetime | None:
    """A moment of the report; None where there is none."""
    return None if iso is None else datetime.fromisoformat(iso)


def span(begin: datetime, end: datetime, line: Line, words: Words) -> str:
    """Two moments in plant time; the date once where it is the same."""
    first, last = (each.astimezone(zone(line.plant.timezone)) for each in (begin, end))
    pattern = "%H:%M:%S" if first.date() == last.date() else "%Y-%m-%d %H:%M:%S"
    return words("to", begin=f"{first:%Y-%m-%d %H:%M:%S}", end=f"{last:{pattern}}")


def local(iso: str | None, line: Line, words: Words) -> str:
    """A moment in plant time; what is not over yet says so."""
    at = moment(iso)
    if at is None:
        return words("open")
    return f"{at.astimezone(zone(line.plant.timezone)):%Y-%m-%d %H:%M:%S}"


def covered(report: Report) -> float | None:
    """Share of the period in which no source was silent; None without a period."""
    begin, end = moment(report["from"]), moment(report["to"])
    if begin is None or end is None or end <= begin:
        return None
    spans = sorted(
        (moment(gap["from"]) or begin, moment(gap["to"]) or end) for gap in report["gaps"]
    )
    silent_s, at = 0.0, begin
    for gap_begin, gap_end in spans:
        first, last = max(gap_begin, at), min(gap_end, end)
        silent_s += max(0.0, (last - first).total_seconds())
        at = max(at, last)
    return 1.0 - silent_s / (end - begin).total_seconds()


def _zone(at: datetime, line: Line) -> str:
    offset = f"{at.astimezone(zone(line.plant.timezone)):%z}"
    return f"{line.plant.timezone}, UTC{offset[:3]}:{offset[3:]}"


def _utc(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}Z"


def _shifts(begin: datetime, end: datetime, line: Line, words: Words) -> str:
    spans = shifts.windows(line, _ns(begin), _ns(end))
    names = dict.fromkeys(
        window.shift.name
        for window in spans
        if window.shift is not None and window.to_ns - window.from_ns >= _SHORTEST_SHIFT_NS
    )
    return words("comma").join(words.of(w.SHIFTS, name) for name in names)


def _ns(at: datetime) -> int:
    return int(at.timestamp()) * 1_000_000_000 + at.microsecond * 1000


def _completeness(report: Report, words: Words) -> str:
    quality = report["quality"]
    key = "data_line_one" if quality["gaps"] == 1 else "data_line"
    counts = {name: text.number(quality[name], 0) for name in ("samples", "bad", "gaps")}
    sentence = words(key, covered=text.percent(covered(report)), **counts)
    names = ("uncertain", "late", "duplicates", "dropped")
    flaws = [
        words("flaw", n=text.number(quality[n], 0), what=words(n)) for n in names if quality[n]
    ]
    return words("separator").join([sentence, *([words("comma").join(flaws)] if flaws else [])])


def _evidence_shares(report: Report, words: Words) -> str:
    energy = report["energy_kwh"]
    shares = [
        f"{words.of(w.EVIDENCE, name)} {text.percent(kwh / energy['total'])}"
        for name, kwh in largest_first(energy["by_evidence"])
        if energy["total"]
    ]
    return words("comma").join(shares)


def _allocation(report: Report, words: Words) -> str:
    """By which rule each pool of energy is put on vehicles."""
    return words("comma").join(
        words("allocation_line", pool=words(f"pool_{pool}"), rule=words(f"rule_{rule}"))
        for pool, rule in report["allocation"].items()
    )


def _gap_line(gap: Mapping[str, Any], line: Line, words: Words) -> str:
    begin, end = moment(gap["from"]), moment(gap["to"])
    assert begin is not None
    length = text.duration(gap["seconds"])
    if end is None:
        opened, open_ = local(gap["from"], line, words), words("open")
        return words("gap_line", source=gap["source"], begin=opened, end=open_, length=length)
    plant_zone = zone(line.plant.timezone)
    shown = [f"{each.astimezone(plant_zone):%H:%M:%S}" for each in (begin, end)]
    return words("gap_line", source=gap["source"], begin=shown[0], end=shown[1], length=length)
