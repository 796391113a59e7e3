"""The shelf of what can be reckoned again: what is not whole, or not ours, is not there."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from data.shelf import Shelf

KEY, OTHER = "a" * 32, "b" * 32


def kept(folder: Path, key: str) -> Path:
    return folder / f"{key}.kept"


def test_what_was_put_comes_back(tmp_path: Path) -> None:
    Shelf(tmp_path / "s").put(KEY, b"one")
    assert Shelf(tmp_path / "s").get(KEY) == b"one"
    assert Shelf(tmp_path / "s").get(OTHER) is None


def test_one_in_anothers_place_is_not_taken(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "s")
    shelf.put(KEY, b"one")
    shelf.put(OTHER, b"another")
    kept(tmp_path / "s", KEY).write_bytes(kept(tmp_path / "s", OTHER).read_bytes())
    assert shelf.get(KEY) is None
    assert shelf.get(OTHER) == b"another"


def test_a_right_check_over_nonsense_is_not_taken(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "s")
    shelf.put(KEY, b"one")
    check = hashlib.blake2b(b"nonsense", digest_size=32, key=KEY.encode()).digest()
    kept(tmp_path / "s", KEY).write_bytes(check + b"nonsense")
    assert shelf.get(KEY) is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes of Unix")
def test_a_pipe_in_its_place_holds_nobody_up(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "s")
    shelf.put(KEY, b"one")
    kept(tmp_path / "s", KEY).unlink()
    os.mkfifo(kept(tmp_path / "s", KEY))
    assert shelf.get(KEY) is None


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="rights of Unix")
def test_a_folder_that_others_can_write_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s").chmod(0o777)
    shelf = Shelf(tmp_path / "s")
    shelf.put(KEY, b"one")
    assert list((tmp_path / "s").iterdir()) == []
    (tmp_path / "s").chmod(0o700)
    shelf.put(KEY, b"one")
    (tmp_path / "s").chmod(0o777)
    assert shelf.get(KEY) is None
