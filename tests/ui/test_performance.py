"""The performance report: what a reader finds in it, in every format and both languages."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
from PySide6.QtWidgets import QApplication

from data.line_file import load_line
from tests.twin.test_enpi import made
from twin.performance import Chapter, build
from twin.report import Report
from ui.reports import ENDINGS
from ui.reports.performance import write_performance
from ui.reports.words import Language

LINE = load_line("small")
SHIFTS = 24


def report(shifts: int = SHIFTS, baseline: int | None = 18) -> Report:
    return build([Chapter("d" * 64, tuple(made(shifts, sd=20.0)))], baseline)


def test_json_has_the_baseline_and_every_shift(tmp_path: Path) -> None:
    write_performance(report(), LINE, tmp_path / "p.json", "en")
    found = json.loads((tmp_path / "p.json").read_bytes())
    assert found["schema"] == "greenline.performance/1"
    enpi = found["enpi"]
    assert enpi["baseline"]["shifts"] == 18
    assert enpi["baseline"]["r2"] > 0.9
    assert {t["driver"] for t in enpi["baseline"]["terms"]} == {"units:a", "units:b", "hdd", "cdd"}
    assert len(enpi["shifts"]) == SHIFTS
    savings = [each["saving_kwh"] for each in enpi["shifts"]]
    assert enpi["shifts"][-1]["cusum_kwh"] == pytest.approx(sum(savings))


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_is_written_in_every_format(
    tmp_path: Path, ending: str, language: Language, qapp: QApplication
) -> None:
    path = tmp_path / f"p{ending}"
    write_performance(report(), LINE, path, language)
    first = path.read_bytes()
    write_performance(report(), LINE, path, language)
    assert first
    assert ending == ".pdf" or path.read_bytes() == first  # a PDF holds when it was made


@pytest.mark.parametrize(
    ("language", "wanted"),
    [("en", ("CUSUM", "R²", "heating degree day")), ("zh", ("累计节约", "R²", "采暖度日"))],
)
def test_html_says_it(tmp_path: Path, language: Language, wanted: tuple[str, ...]) -> None:
    write_performance(report(), LINE, tmp_path / "p.html", language)
    page = (tmp_path / "p.html").read_text("utf-8")
    for phrase in wanted:
        assert phrase in page


@pytest.mark.parametrize(("language", "wanted"), [("en", "too few"), ("zh", "不足以")])
def test_too_few_shifts_say_so(tmp_path: Path, language: Language, wanted: str) -> None:
    write_performance(report(2, None), LINE, tmp_path / "p.html", language)
    assert wanted in (tmp_path / "p.html").read_text("utf-8")


def test_fewer_shifts_have_fewer_drivers() -> None:
    terms = report(9, None)["enpi"]["baseline"]["terms"]
    assert terms[0]["driver"] == "units"
    assert len(report(9, None)["enpi"]["baseline"]["left_out"]) >= 2


def test_a_longer_baseline_than_there_are_shifts_is_refused() -> None:
    with pytest.raises(ValueError, match="have only 4"):
        report(4, 5)


def test_the_workbook_holds_numbers(tmp_path: Path) -> None:
    write_performance(report(), LINE, tmp_path / "p.xlsx", "en")
    book = openpyxl.load_workbook(tmp_path / "p.xlsx")
    shifts = book["shifts"]
    assert shifts.max_row >= SHIFTS + 1
    assert isinstance(shifts.cell(2, shifts.max_column).value, float)
    assert book["baseline"]["A2"].value == "R²"
