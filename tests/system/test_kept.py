"""What a log came to is kept: with it every report has the bytes that it has without."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from data.log_reader import ShiftLog
from data.shelf import Shelf
from tests.system.commands import greenline_here
from ui.cli import logs

LOG = Path(__file__).parents[1] / "data" / "old" / "sealed-1.glog"
WAYS = (
    (),
    ("--rule", "idle=direct", "--rule", "base=time"),
    ("--rule", "shared=time", "--rule", "scrap=direct"),
    ("--book", "eu_grid_eea", "--rule", "idle=time"),
    ("--book", "market=de_residual"),
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where things are kept, empty."""
    monkeypatch.setenv("GREENLINE_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache" / "shifts"


@pytest.fixture
def mirrored(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The logs that went through the mirror."""
    seen: list[Path] = []
    session_on = logs._session_on

    def noted(log: ShiftLog, *parts: Any, **more: Any) -> Any:
        seen.append(log.path)
        return session_on(log, *parts, **more)

    monkeypatch.setattr(logs, "_session_on", noted)
    return seen


def report(log: Path, out: Path, way: tuple[str, ...] = ()) -> bytes:
    greenline_here("report", log, *way, "--out", out)
    return out.read_bytes()


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory) -> Mapping[tuple[str, ...], bytes]:
    """Each way's report where nothing can be kept: the cache is a file."""
    place = tmp_path_factory.mktemp("without")
    (place / "cache").write_text("")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GREENLINE_CACHE_DIR", str(place / "cache"))
        return {way: report(LOG, place / "a.json", way) for way in WAYS}


@pytest.mark.parametrize("first", [WAYS[0], WAYS[3]], ids=["own", "other"])
def test_with_and_without_the_same_bytes(
    first: tuple[str, ...],
    folder: Path,
    mirrored: list[Path],
    without: Mapping[tuple[str, ...], bytes],
    tmp_path: Path,
) -> None:
    out = tmp_path / "a.json"
    assert report(LOG, out, first) == without[first]
    for way in WAYS:
        assert report(LOG, out, way) == without[way]
    assert mirrored == [LOG]
    assert len(list(folder.iterdir())) == 1


def test_a_log_of_other_bytes_is_another_log(
    folder: Path, mirrored: list[Path], tmp_path: Path
) -> None:
    copy, out = tmp_path / "copy.glog", tmp_path / "a.json"
    shutil.copy(LOG, copy)
    assert report(LOG, out) == report(copy, out)
    assert mirrored == [LOG]
    with closing(sqlite3.connect(copy)) as db, db:
        db.execute("UPDATE chunk SET data = zeroblob(length(data)) WHERE id = 3")
    damaged = report(copy, out)
    assert damaged != report(LOG, out)
    assert damaged == report(copy, out)  # of a damaged log nothing is kept
    assert mirrored == [LOG, copy, copy]
    assert len(list(folder.iterdir())) == 1


def test_what_is_kept_and_damaged_is_made_again(
    folder: Path, mirrored: list[Path], without: Mapping[tuple[str, ...], bytes], tmp_path: Path
) -> None:
    out = tmp_path / "a.json"
    report(LOG, out)
    (kept,) = folder.iterdir()
    data = bytearray(kept.read_bytes())
    data[len(data) // 2] ^= 1
    kept.write_bytes(data)
    assert report(LOG, out) == without[()]
    assert report(LOG, out) == without[()]
    assert mirrored == [LOG, LOG]


def test_a_shelf_lets_go_what_was_not_used_for_longest(tmp_path: Path) -> None:
    blobs = {name: bytes([number]) * 10 + name.encode() for number, name in enumerate("abcd")}
    shelf = Shelf(tmp_path / "shelf", kept_bytes=200)
    for name in "abc":
        shelf.put(name, blobs[name])
        assert shelf.get(name) == blobs[name]
    assert shelf.get("a") == blobs["a"]
    shelf.put("d", blobs["d"] * 3)
    assert shelf.get("b") is None
    assert shelf.get("a") == blobs["a"]
    assert shelf.get("d") == blobs["d"] * 3


def test_a_shelf_gives_nothing_that_is_cut_off(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.put("a", b"whole")
    (path,) = tmp_path.iterdir()
    data = path.read_bytes()
    for length in range(len(data)):
        path.write_bytes(data[:length])
        assert shelf.get("a") is None
