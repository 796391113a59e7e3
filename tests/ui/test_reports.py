"""Report files: what a reader finds in them, in both languages."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import string
import subprocess
import sys
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, get_args

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QTranslator
from PySide6.QtWidgets import QApplication

from data.line import END_USES, Line, Names
from data.line_file import load_line
from tests.ui.ten_minutes import BOOKS, LINE, result
from twin.accounts import allot
from twin.kpi import KPIS
from twin.ledger import close
from twin.mirror import Mirror
from twin.report import Report, build, to_json
from ui import text
from ui import words as screens
from ui.reports import (
    ENDINGS,
    UnknownEnding,
    blocks,
    content,
    energy,
    figures,
    header,
    words,
    write_report,
)
from ui.reports.words import Language, Words
from ui.text import DASH

LANGUAGES: tuple[Language, ...] = get_args(Language)
SECOND = timedelta(seconds=1)
REPO = Path(__file__).parents[2]
TABLES: dict[str, Mapping[str, words.Pair]] = {
    name: table
    for name, table in vars(words).items()
    if name.isupper() and isinstance(table, dict) and table
}


@pytest.fixture(scope="module")
def report() -> Report:
    """Ten minutes of two stations: a vehicle, a failure, a gap, a market book that is missing."""
    made = result().report()
    return dict(json.loads(to_json(made)))


def written(report: Report, path: Path, language: Language = "en", line: Line = LINE) -> bytes:
    write_report(report, line, path, language)
    return path.read_bytes()


class Page(HTMLParser):
    """A page's text, tags and attributes."""

    def __init__(self, source: bytes) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self.text = ""
        self._quiet = False
        self.feed(source.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= dict(attrs)
        self._quiet = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._quiet = False

    def handle_data(self, data: str) -> None:
        self.text += "" if self._quiet else data


def test_json_is_the_report_itself(report: Report, tmp_path: Path) -> None:
    assert written(report, tmp_path / "r.json", "zh") == to_json(report)


@pytest.mark.parametrize("language", LANGUAGES)
def test_html_stands_alone(report: Report, tmp_path: Path, language: Language) -> None:
    source = written(report, tmp_path / "r.html", language)
    page = Page(source)
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert not {"src", "href", "onload"} & set(page.attributes)
    assert b"url(" not in source
    assert b"http" not in source
    assert page.attributes["lang"] == {"en": "en", "zh": "zh-CN"}[language]


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("en", ["Two stations", "2026-03-02 06:00:00 to 06:10:00", "Asia/Shanghai, UTC+08:00"]),
        ("en", ["2026-03-01 22:00:00Z to 2026-03-01 22:10:00Z", "06:05:00 to 06:06:40", "d1935"]),
        ("en", ["data for 83.3\u202f% of the period", "measured", "estimated", "▲ above target"]),
        ("en", ["S1 One", "rest of FEED", "Market-based", "failed", "cn_grid_national_2023"]),
        ("zh", ["两工位", "2026-03-02 06:00:00 至 06:10:00", "实测", "估算", "▲ 高于目标"]),
        ("zh", ["S1 一", "FEED 余量", "基于市场", "故障", "日志摘要", "d1935", "中断 1 次"]),
    ],
)
def test_html_says(report: Report, tmp_path: Path, language: Language, wanted: list[str]) -> None:
    text = Page(written(report, tmp_path / "r.html", language)).text
    assert [phrase for phrase in wanted if phrase not in text] == []


def test_chinese_has_no_english_left(report: Report, tmp_path: Path) -> None:
    """But ids, units, abbreviations and the zone's name."""
    text = Page(written(report, tmp_path / "r.html", "zh")).text
    known = {"two", "UTC", "Asia", "Shanghai", "plc", "min", "kWh", "kg", "CO", "kW", "FEED", "CNY"}
    known |= {"GB", "kgce"}
    for factor in report["factors"]:
        text = text.replace(factor["factor"], "")
    found = set(re.findall(r"[A-Za-z]{2,}", text)) - known
    assert found == set()


def test_names_of_the_line_are_text(report: Report, tmp_path: Path) -> None:
    trap = Names('</style><script>alert("a&b")</script>', "<b>")
    stations = (replace(LINE.stations[0], names=trap), LINE.stations[1])
    line = replace(LINE, stations=stations, plant=replace(LINE.plant, names=trap))
    page = Page(written(report, tmp_path / "r.html", "en", line))
    assert "script" not in page.tags
    assert trap.en in page.text


def test_what_is_not_known_is_a_dash(report: Report) -> None:
    page = content.document(report, LINE, "en")
    carbon = next(s for s in page.sections if s.title == "Carbon").blocks[0]
    assert isinstance(carbon, blocks.Table)
    market = next(row for row in carbon.rows if row[0] == "Market-based")
    assert market[2:] == (DASH, DASH, DASH)
    rows = [r for b in page.sections[0].blocks if isinstance(b, blocks.Table) for r in b.rows]
    assert {row[1] for row in rows if row[0] == "Peak, 15 min"} == {DASH}


@pytest.mark.parametrize("language", LANGUAGES)
def test_key_figures_stand_by_theme(report: Report, language: Language) -> None:
    page = content.document(report, LINE, language)
    tables = [b for b in page.sections[0].blocks if isinstance(b, blocks.Table)]
    themes = ["Production", "Quality", "Energy", "Carbon"]
    chinese = ["生产", "质量", "能源", "碳排放"]
    assert [table.title for table in tables] == (themes if language == "en" else chinese)
    number = LANGUAGES.index(language)
    shown = [row[0] for table in tables for row in table.rows]
    assert shown == [pair[number] for pair in words.KPIS.values()]


def test_key_figures_by_hour_and_shift_and_workshop(report: Report) -> None:
    changed = deepcopy(report)
    hour = changed["kpi_by"]["hour"]["2026-03-02T06:00+08:00"]
    changed["kpi_by"]["hour"]["2026-03-02T07:00+08:00"] = {"jph": hour["jph"]}
    page = content.document(changed, LINE, "en")
    tables = next(s for s in page.sections if s.title == "Key figures by time and place").blocks
    assert [t.title for t in tables if isinstance(t, blocks.Table)] == ["By hour of plant time"]
    table = tables[0]
    assert isinstance(table, blocks.Table)
    heads = [column.title for column in table.columns]
    first, second = (dict(zip(heads, row, strict=True)) for row in table.rows)
    assert first["Hour"] == "2026-03-02 06:00"
    assert first["Energy, kWh"] == text.number(hour["energy_total"]["value"], 1)
    assert second["Energy, kWh"] == DASH
    assert second["Vehicles per hour, per h"] == first["Vehicles per hour, per h"]


def test_bars_are_to_scale(report: Report) -> None:
    page = content.document(report, LINE, "en")
    for section in page.sections:
        for block in section.blocks:
            if isinstance(block, blocks.Bars) and block.bars:
                assert max(bar.length for bar in block.bars) == 1.0
                assert all(bar.length >= 0 for bar in block.bars)


def test_a_negative_rest_is_shown_as_one(report: Report) -> None:
    changed = deepcopy(report)
    changed["energy_kwh"]["by_station"]["FEED"] = -2.0
    page = content.document(changed, LINE, "en")
    bars = [b for s in page.sections for b in s.blocks if isinstance(b, blocks.Bars)]
    rest = next(bar for each in bars for bar in each.bars if bar.label == "rest of FEED")
    assert rest.negative
    assert rest.figure == "−2.0"


@pytest.fixture(params=LANGUAGES)
def workbook(request: pytest.FixtureRequest, report: Report, tmp_path: Path) -> Any:
    source = written(report, tmp_path / "r.xlsx", request.param)
    return request.param, openpyxl.load_workbook(io.BytesIO(source))


def test_xlsx_has_its_sheets(workbook: Any) -> None:
    language, book = workbook
    english = [
        "summary",
        "kpis",
        "energy",
        "carbon",
        "downtime",
        "quality",
        "cost and supply",
        "kpis by scope",
    ]
    chinese = ["概要", "指标", "能源", "碳排放", "停机", "数据质量", "费用与供应", "分项指标"]
    assert book.sheetnames == (english if language == "en" else chinese)


def test_xlsx_numbers_are_numbers(workbook: Any, report: Report) -> None:
    _language, book = workbook
    kpis, energy, carbon, downtime = book.worksheets[1:5]
    by_id = {row[6]: row for row in kpis.iter_rows(min_row=2, values_only=True)}
    assert set(by_id) == set(KPIS)
    assert by_id["jph"][1] == pytest.approx(report["kpi"]["jph"]["value"], rel=1e-15)
    assert by_id["jph"][3] == 54
    assert by_id["oee"][1] == pytest.approx(report["kpi"]["oee"]["value"] * 100)
    assert by_id["peak_demand"][1] == DASH
    assert "kWh" in energy["C1"].value
    stations = {row[4]: row[2] for row in energy.iter_rows(min_row=2, values_only=True)}
    for id_, kwh in report["energy_kwh"]["by_station"].items():
        assert stations[id_] == pytest.approx(kwh)
    location = [cell.value for cell in carbon[2]][1:4]
    assert location == pytest.approx(
        [report["carbon_kg"]["location"][key] for key in ("scope1", "scope2", "total")]
    )
    assert "kg CO₂e" in carbon["B1"].value
    factors = {row[2]: row[3] for row in carbon.iter_rows(min_row=6, values_only=True)}
    assert factors["cn_grid_national_2023"] == 0.5306
    seconds = {row[3]: row[2] for row in downtime.iter_rows(min_row=2, max_row=3, values_only=True)}
    assert seconds["S1"] == pytest.approx(report["downtime"]["S1"]["failed"])


def test_xlsx_has_every_figure_of_every_scope(workbook: Any, report: Report) -> None:
    rows = workbook[1].worksheets[-1].iter_rows(min_row=2, values_only=True)
    found = {(row[8], row[2]): row[3] for row in rows if row[8]}
    kpi = words.KPIS["energy_total"][LANGUAGES.index(workbook[0])]
    for kind in ("workshop", "station", "shift", "hour"):
        for name, by_id in report["kpi_by"][kind].items():
            if "energy_total" in by_id:
                assert found[name, kpi] == pytest.approx(by_id["energy_total"]["value"])


def test_xlsx_gaps_are_moments_of_plant_time(workbook: Any) -> None:
    moments = [
        cell.value
        for row in workbook[1].worksheets[5].iter_rows()
        for cell in row
        if isinstance(cell.value, datetime)
    ]
    assert moments == [datetime(2026, 3, 2, 6, 5), datetime(2026, 3, 2, 6, 6, 40)]


def test_xlsx_is_the_same_for_the_same_report(report: Report, tmp_path: Path) -> None:
    assert written(report, tmp_path / "a.xlsx") == written(report, tmp_path / "b.xlsx")


@pytest.mark.parametrize("language", LANGUAGES)
def test_pdf_is_a4_and_numbered(
    report: Report, tmp_path: Path, language: Language, qapp: QApplication
) -> None:
    source = written(report, tmp_path / "r.pdf", language)
    assert source.startswith(b"%PDF")
    boxes = {
        tuple(map(float, box.split())) for box in re.findall(rb"/MediaBox \[([^]]+)\]", source)
    }
    assert boxes == {(0, 0, 595, 842)}
    pages = len(re.findall(rb"/Type\s*/Page\b", source))
    assert pages >= 2
    if shutil.which("pdftotext"):
        text = subprocess.run(
            ["pdftotext", "-layout", str(tmp_path / "r.pdf"), "-"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        wanted = (
            ["Energy and carbon report", "S1 One"] if language == "en" else ["能源与碳排放报告"]
        )
        wanted += ["d1935", *(f"{page} / {pages}" for page in range(1, pages + 1))]
        # Spaces are gaps in a PDF, and found again by guessing.
        bare = text.replace(" ", "")
        assert [phrase for phrase in wanted if phrase.replace(" ", "") not in bare] == []


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext is not installed")
def test_pdf_breaks_titles_between_words(
    report: Report, tmp_path: Path, qapp: QApplication
) -> None:
    changed = deepcopy(report)
    hours = changed["kpi_by"]["hour"]
    hours["2026-03-02T07:00+08:00"] = hours["2026-03-02T06:00+08:00"]
    written(changed, tmp_path / "r.pdf", "en")
    text = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "r.pdf"), "-"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    page = content.document(changed, LINE, "en")
    (table,) = next(s for s in page.sections if s.title == "Key figures by time and place").blocks
    assert isinstance(table, blocks.Table)
    titles = {word for column in table.columns for word in column.title.split()}
    assert {word for word in titles if word.isascii()} <= set(text.split())


def test_pdf_needs_neither_application_nor_screen_and_the_rest_no_qt(
    report: Report, tmp_path: Path
) -> None:
    (tmp_path / "r.json").write_bytes(to_json(report))
    code = f"""
import json, sys
from pathlib import Path
from tests.twin.streams import two_stations
from ui.reports import write_report
folder = Path({str(tmp_path)!r})
report = json.loads((folder / "r.json").read_bytes())
for name in ("again.json", "r.html", "r.xlsx"):
    write_report(report, two_stations(), folder / name, "zh")
assert not [name for name in sys.modules if name.startswith("PySide6")]
for name in ("a.pdf", "b.pdf"):
    write_report(report, two_stations(), folder / name, "zh")
"""
    screens = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {key: value for key, value in os.environ.items() if key not in screens}
    subprocess.run([sys.executable, "-c", code], check=True, cwd=REPO, env=environment)
    assert (tmp_path / "b.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("name", ["r.doc", "r", "r.htm", ".html"])
def test_an_unknown_ending_says_which_there_are(report: Report, tmp_path: Path, name: str) -> None:
    with pytest.raises(UnknownEnding) as fault:
        write_report(report, LINE, tmp_path / name, "en")
    message = str(fault.value)
    assert "\n" not in message
    assert all(ending in message for ending in (name, *ENDINGS))
    assert list(tmp_path.iterdir()) == []


def test_endings_may_be_large(report: Report, tmp_path: Path) -> None:
    assert written(report, tmp_path / "R.JSON") == to_json(report)


@pytest.mark.parametrize("ending", [".json", ".html", ".xlsx"])
def test_nothing_half_written_is_left(report: Report, tmp_path: Path, ending: str) -> None:
    taken = tmp_path / f"r{ending}"
    taken.mkdir()
    with pytest.raises(OSError, match="cannot be written") as fault:
        write_report(report, LINE, taken, "en")
    assert str(taken) in str(fault.value)
    assert list(tmp_path.iterdir()) == [taken]


def test_a_report_takes_the_place_of_the_last(report: Report, tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text("old")
    assert written(report, tmp_path / "r.json") == to_json(report)
    assert [path.name for path in tmp_path.iterdir()] == ["r.json"]


# --- words ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TABLES)
def test_both_languages_say_the_same(name: str) -> None:
    for key, (english, chinese) in TABLES[name].items():
        assert bool(english) == bool(chinese), key
        fields = [
            {field for _, field, _, _ in string.Formatter().parse(t) if field}
            for t in (english, chinese)
        ]
        assert fields[0] == fields[1], key


def test_every_kpi_and_end_use_has_a_word() -> None:
    assert set(words.KPIS) == set(KPIS)
    assert set(words.END_USES) == set(END_USES)
    assert words.LESS_IS_BETTER == screens.LESS_IS_BETTER
    assert words.MORE_IS_BETTER == screens.MORE_IS_BETTER


SHARED = [
    (words.STATES, screens.state),
    (words.KPIS, screens.kpi),
    (words.EVIDENCE, screens.evidence),
    (words.CARRIERS, screens.carrier),
    (words.UNITS, screens.unit),
]


def test_reports_call_things_what_the_screens_call_them(qapp: QApplication) -> None:
    chinese = QTranslator()
    assert chinese.load(str(REPO / "ui" / "translations" / "greenline_zh.qm"))
    english = [{id_: word(id_) for id_ in table} for table, word in SHARED]
    qapp.installTranslator(chinese)
    try:
        translated = [{id_: word(id_) for id_ in table} for table, word in SHARED]
    finally:
        qapp.removeTranslator(chinese)
    for number, tongue in enumerate((english, translated)):
        for (table, _), said in zip(SHARED, tongue, strict=True):
            assert {id_: pair[number] for id_, pair in table.items()} == said


# --- content -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("id_", "value", "target", "stand"),
    [
        ("jph", 54.0, 54.0, "met"),
        ("jph", 53.9, 54.0, "below"),
        ("energy_per_vehicle", 4.6, 4.5, "above"),
        ("energy_per_vehicle", 4.5, 4.5, "met"),
        ("jph", None, 54.0, ""),
        ("jph", 54.0, None, ""),
        ("wip", 5.0, 4.0, ""),
    ],
)
def test_verdict(id_: str, value: float | None, target: float | None, stand: str) -> None:
    assert figures.verdict(id_, {"value": value, "target": target}) == stand


@pytest.mark.parametrize(
    ("error", "shown"),
    [(0.0, "0"), (1.23e-16, "1.2 × 10⁻¹⁶"), (2e-3, "2.0 × 10⁻³"), (None, DASH)],
)
def test_relative_error(error: float | None, shown: str) -> None:
    assert energy.relative_error(error) == shown


@given(st.lists(st.tuples(st.integers(-50, 150), st.integers(0, 80)), max_size=5))
def test_silence_of_two_sources_counts_once(gaps: list[tuple[int, int]]) -> None:
    begin = datetime.fromisoformat("2026-03-02T06:00:00Z")
    listed = [
        {
            "from": (begin + at * SECOND).isoformat(),
            "to": (begin + (at + length) * SECOND).isoformat(),
        }
        for at, length in gaps
    ]
    silent = {s for at, length in gaps for s in range(at, at + length) if 0 <= s < 100}
    period = {"from": begin.isoformat(), "to": (begin + 100 * SECOND).isoformat()}
    assert header.covered({**period, "gaps": listed}) == pytest.approx(1 - len(silent) / 100)


@pytest.mark.parametrize(
    ("lead_s", "names"), [(1, "early shift"), (60, "night shift, early shift")]
)
def test_a_second_of_a_shift_is_not_named(report: Report, lead_s: int, names: str) -> None:
    line = load_line("small")
    changed = deepcopy(report) | {
        "from": f"2026-03-01T21:59:{60 - lead_s:02d}Z",
        "to": "2026-03-01T23:00:00Z",
    }
    assert dict(header.facts(changed, line, Words("en", line)))["Shift"] == names


def test_an_open_gap_says_so(report: Report) -> None:
    changed = deepcopy(report)
    changed["gaps"][0]["to"] = None
    facts = dict(header.facts(changed, LINE, Words("en", LINE)))
    assert "still open" in facts["Gaps"]


def test_many_gaps_are_counted_in_the_header(report: Report) -> None:
    changed = deepcopy(report)
    changed["gaps"] = report["gaps"] * 9
    facts = dict(header.facts(changed, LINE, Words("en", LINE)))
    assert "and 6 more" in facts["Gaps"]


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_of_nothing_can_be_written(
    tmp_path: Path, ending: str, language: Language, qapp: QApplication
) -> None:
    mirror = Mirror(LINE, BOOKS)
    ledger = close(mirror.booked())
    nothing = build(ledger, allot(ledger), "0")
    assert written(nothing, tmp_path / f"r{ending}", language)


@pytest.mark.parametrize("ending", ENDINGS)
def test_meters_alone_can_be_written(tmp_path: Path, ending: str, qapp: QApplication) -> None:
    line = load_line("uci_steel")
    mirror = Mirror(line, BOOKS)
    ledger = close(mirror.booked())
    assert written(build(ledger, allot(ledger), "0"), tmp_path / f"r{ending}", "en", line)
    page = content.document(build(ledger, allot(ledger), "0"), line, "en")
    assert "Vehicles" not in [section.title for section in page.sections]
