"""What a log came to is kept: with it every report has the bytes that it has without."""

from __future__ import annotations

from pathlib import Path

import pytest

import main
from ui.cli import logs

LOG = Path(__file__).parents[1] / "data" / "old" / "sealed-1.glog"
WAYS = [
    [],
    ["--rule", "idle=direct", "--rule", "base=time"],
    ["--rule", "shared=time", "--rule", "scrap=direct"],
    ["--book", "location=gb-2024"],
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where things are kept, empty."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("GREENLINE_CACHE_DIR", str(folder))
    return folder


def report(log: Path, way: list[str], out: Path) -> bytes:
    assert main.main(["report", str(log), *way, "--out", str(out)]) == 0
    return out.read_bytes()


def kept(folder: Path) -> list[Path]:
    return sorted((folder / "shifts").glob("*.kept"))


@pytest.fixture
def mirrored(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The logs that went through the mirror."""
    seen: list[Path] = []
    run = logs._session_on

    def noted(log, *args, **more):
        seen.append(log.path)
        return run(log, *args, **more)

    monkeypatch.setattr(logs, "_session_on", noted)
    return seen
