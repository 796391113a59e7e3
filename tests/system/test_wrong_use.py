"""Wrong use: one clear line, the right exit status, before any work, and nothing left behind."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import main
import ui.cli.monitor
import ui.reports
from data.line import Line
from data.log_writer import ShiftLogWriter
from data.sequencer import Sequencer
from data.shift_log import ShiftLog
from data.sources.replay import ReplaySource
from tests.system.commands import greenline_here
from twin.session import Session
from ui.cli.logs import Kept, books_of


def status_of(*arguments: object) -> int:
    """The exit status of one command, run within this process."""
    try:
        return main.main([str(argument) for argument in arguments])
    except SystemExit as end:
        return int(str(end.code))


SIM = ("sim", "small", "--offline", "--duration", 60)
WRONG_SIM = (
    ("--seed", -1),
    ("--seed", "1.5"),
    ("--start", "0001-01-01T00:00"),
    ("--start", "1960-01-01"),
    ("--start", "2300-01-01"),
    ("--start", "9999-12-31T23:59:59"),
    ("--duration", "1e300"),
    ("--out", ""),
    ("--endpoint", "foo"),
)


@pytest.mark.parametrize("wrong", WRONG_SIM)
def test_a_simulation_is_refused_in_one_line(
    wrong: tuple[str, object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(*SIM, "--out", tmp_path / "x.glog", *wrong) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("wrong", [("--endpoint", "foo"), ("--endpoint", ""), ("--trust", "zz")])
def test_a_wrong_address_or_fingerprint_is_wrong_use(wrong: tuple[str, str]) -> None:
    assert status_of("watch", "small", "--headless", *wrong) == 2


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A minute of the small plant."""
    path = tmp_path_factory.mktemp("logs") / "minute.glog"
    greenline_here(*SIM, "--out", path)
    return path


@pytest.mark.parametrize(
    ("report", "status", "words"),
    [
        ("", 2, "must be the name of a file"),
        ("r.xyz", 2, "a report is .json, .html, .xlsx or .pdf"),
        ("nowhere/r.json", 3, "there is no folder"),
        (".", 3, "is a folder"),
    ],
)
def test_a_report_that_could_not_be_written_is_refused_before_the_replay(
    report: str, status: int, words: str, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = log.parent / report if report else ""
    capsys.readouterr()
    assert status_of("replay", log, "--headless", "--report", place) == status
    told = capsys.readouterr()
    assert words in told.err
    assert not told.out


def test_a_report_has_the_format_of_its_ending(log: Path, tmp_path: Path) -> None:
    greenline_here("replay", log, "--headless", "--report", tmp_path / "r.html")
    assert (tmp_path / "r.html").read_text().lstrip().lower().startswith("<!doctype html")


@pytest.mark.parametrize(
    "arguments",
    [
        ("export", "{log}", "--what", "events", "--out", "{folder}/nowhere/x.csv"),
        ("sim", "small", "--offline", "--duration", "60", "--out", "{folder}/nowhere/x.glog"),
        ("report", "{log}", "--out", "{folder}/nowhere/x.json"),
    ],
)
def test_a_missing_folder_is_told_by_the_name_that_was_given(
    arguments: tuple[str, ...], log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [text.format(log=log, folder=tmp_path) for text in arguments]
    capsys.readouterr()
    assert status_of(*given) == 3
    told = capsys.readouterr().err
    assert told.startswith(f"greenline: {given[-1]}: there is no folder")
    assert len(told.splitlines()) == 1


def test_a_log_and_a_report_that_both_fail_are_both_told(
    log: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The disk is full from the first sample to the last."""

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    def also_full(path: Path, _content: bytes) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(ShiftLogWriter, "_journal", full)
    monkeypatch.setattr(ui.reports, "replace_file", also_full)
    monkeypatch.setattr(ui.cli.monitor, "live_session", live_from(log))
    arguments = ("watch", "small", "--headless", "--log", tmp_path / "x.glog")
    assert status_of(*arguments, "--report", tmp_path / "r.json") == 3
    told = capsys.readouterr().err
    assert "r.json: no space left on device" in told
    assert "x.glog: could not be sealed" in told


def live_from(log: Path) -> Callable[..., Session]:
    """Stands in for a server: the same samples, out of a log."""

    def live(_line: Line, name: str, **given: Any) -> Session:
        source = ReplaySource(ShiftLog.open(log), speed=None)
        books = books_of(source.line, name)
        kept = Kept(given["log"], source.line, books, None, None)
        order = Sequencer(source.line, source.texts)
        return kept.session(source, order, "live", "a test")

    return live


def test_check_reads_the_bills_of_material_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (Path(main.__file__).parent / "data" / "lines" / "small.toml").read_text("utf-8")
    line = tmp_path / "line.toml"
    line.write_text(text.replace("mass_kg = 1480", 'mass_kg = 1480\nbom = "bom.toml"', 1), "utf-8")
    (tmp_path / "bom.toml").write_text('format = "greenline.bom/1"\n[[part]]\nid = "seat"\n')
    assert status_of("check", line) == 1
    said = capsys.readouterr()
    assert "part[0] (seat): needs a mass_kg" in said.out
    assert said.err == "1 fault\n"
