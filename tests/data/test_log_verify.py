"""Verify: any changed byte of a sealed log is found, and where it is."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

import main
from data import log_writer
from data.log_chunks import Chunk, pack_chunk
from data.log_reader import ShiftLog
from data.log_recover import iso
from data.log_schema import NotALog
from data.log_stamp import is_as_stamped, stamp
from data.log_verify import verify
from tests.data import logs

FLIPS, WHOLLY_VERIFIED = 1000, 40


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sealed log of two segments."""
    path = tmp_path_factory.mktemp("verify") / "kept.glog"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(log_writer, "SEGMENT_MIN", 100)
        logs.write(path, 5, 1600)
    with ShiftLog.open(path) as log:
        assert len(log.segments) == 2
    return path


@pytest.fixture
def sealed(kept: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(kept, tmp_path / "a.glog"))


def test_a_log_as_it_was_sealed_has_no_fault(sealed: Path) -> None:
    verdict = verify(sealed)
    assert verdict.faults == ()
    assert len(verdict.notes) == 1
    assert main.main(["verify", str(sealed)]) == 0


def test_any_of_a_thousand_random_bytes_is_found(sealed: Path) -> None:
    whole, random = sealed.read_bytes(), np.random.default_rng(11)
    places = random.choice(len(whole), FLIPS, replace=False).tolist()
    bits = (1 << random.integers(0, 8, FLIPS)).tolist()
    for number, (place, bit) in enumerate(zip(places, bits, strict=True)):
        with sealed.open("r+b") as file:
            file.seek(place)
            file.write(bytes([whole[place] ^ bit]))
        assert is_as_stamped(sealed) is False
        if number < WHOLLY_VERIFIED:
            assert found_fault(sealed)
        with sealed.open("r+b") as file:
            file.seek(place)
            file.write(whole[place : place + 1])
    assert is_as_stamped(sealed) is True


def found_fault(path: Path) -> bool:
    try:
        return bool(verify(path).faults)
    except NotALog:
        return True


def test_what_is_damaged_is_named_by_signal_and_time(sealed: Path) -> None:
    with closing(sqlite3.connect(sealed)) as db, db:
        db.execute("UPDATE chunk SET data = zeroblob(length(data)) WHERE id = 5")
    (fault,) = verify(sealed).faults
    with ShiftLog.open(sealed) as log:
        assert fault.startswith(log.line.signals[4].key)
        assert f"to {iso(log.segments[0][0])}" in fault
    assert main.main(["verify", str(sealed)]) == 1


@pytest.mark.parametrize("segment", [1, 2])
def test_what_is_changed_with_its_checksums_is_found_by_the_chain(
    sealed: Path, segment: int
) -> None:
    change_a_value(sealed, segment)
    stamp(sealed)
    (fault,) = verify(sealed).faults
    with ShiftLog.open(sealed) as log:
        assert f"to {iso(log.segments[segment - 1][0])}" in fault
    assert ("its begin" in fault) == (segment == 1)


def change_a_value(path: Path, segment: int) -> None:
    """One status of one sample becomes another, and the chunk's checksum right again."""
    with ShiftLog.open(path) as log:
        whole = log.signal(3)
        ends = [end_ns for end_ns, _ in log.segments]
    number = np.searchsorted(ends, whole["order_ns"]) + 1
    rows = whole[number == segment].copy()
    rows["status"][len(rows) // 2] ^= 1
    _, receive = np.unique(rows["receive_ns"], return_inverse=True)
    chunk: Chunk = pack_chunk(rows, receive)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(
            "UPDATE chunk SET plan = ?, data = ?, crc = ? WHERE segment = ? AND signal = 3",
            (chunk.plan, chunk.data, chunk.crc(segment), segment),
        )


def test_a_signal_of_another_name_is_named(sealed: Path) -> None:
    with closing(sqlite3.connect(sealed)) as db, db:
        db.execute("UPDATE signal SET unit = 'MW' WHERE id = 2")
    (fault,) = verify(sealed).faults
    assert fault.startswith(f"signal {logs.LINE.signals[2].key}:")


def test_what_holds_no_content_is_found_by_the_stamp(sealed: Path) -> None:
    with closing(sqlite3.connect(sealed)) as db, db:
        db.execute("DROP VIEW gaps")
    (fault,) = verify(sealed).faults
    assert "none of its content" in fault


def test_a_log_that_was_left_has_no_fault_and_says_so(tmp_path: Path) -> None:
    for part in (Path(__file__).parent / "old").glob("left-1.glog*"):
        shutil.copy(part, tmp_path)
    verdict = verify(tmp_path / "left-1.glog")
    assert verdict.faults == ()
    assert "was not sealed" in verdict.notes[0]


def test_a_log_of_before_there_were_stamps_is_verified_by_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "sealed-1.glog"
    shutil.copy(Path(__file__).parent / "old" / "sealed-1.glog", path)
    verdict = verify(path)
    assert verdict.faults == ()
    assert "no stamp" in verdict.notes[1]
    change_a_value(path, 1)
    assert len(verify(path).faults) == 1
