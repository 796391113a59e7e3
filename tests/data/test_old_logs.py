"""Logs that earlier versions wrote still open and give the same: files that were kept as they were.

``sealed-1``: ``greenline sim small --offline --duration 900 --seed 3``. ``left-1``: what
``tests.data.logs.write(path, 7, 60, close=False)`` left when its process was ended, with its -wal.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from data.shift_log import ShiftLog

OLD = Path(__file__).parent / "old"
DIGESTS = {
    "sealed-1": "b628ae30b5616366ed5e906de4f136ae",
    "left-1": "6705de678bb7f8e59a9fbdd26d96f458",
}


@pytest.fixture(params=DIGESTS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def opened(name: str, folder: Path) -> ShiftLog:
    """A copy of an old log: beside the kept one nothing may be left."""
    for path in OLD.glob(f"{name}.glog*"):
        shutil.copy(path, folder)
    return ShiftLog.open(folder / f"{name}.glog")


def test_the_content_is_what_it_was(name: str, tmp_path: Path) -> None:
    with opened(name, tmp_path) as log:
        assert log.content_digest() == DIGESTS[name]


def test_nothing_is_lost_of_it(name: str, tmp_path: Path) -> None:
    with opened(name, tmp_path) as log:
        assert log.sealed == (name == "sealed-1")
        assert not log.recovered.lost
        assert log.samples == {"sealed-1": 13_221, "left-1": 1_216}[name]


def test_signal_by_signal_it_holds_as_much(name: str, tmp_path: Path) -> None:
    with opened(name, tmp_path) as log:
        each = [log.signal(index).shape[0] for index in range(len(log.line.signals))]
        assert sum(each) + log.events().shape[0] == log.samples
