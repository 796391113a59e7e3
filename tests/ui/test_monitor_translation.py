"""The Chinese texts are whole and compiled."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

from tests.ui.linguist import QM, TS, release, update


def test_every_text_in_the_sources_is_translated_and_compiled(tmp_path: Path) -> None:
    fresh, compiled = tmp_path / TS.name, tmp_path / QM.name
    shutil.copy(TS, fresh)
    update(fresh)
    hint = "run: python -m tests.ui.linguist, then translate what it left open"
    assert fresh.read_text("utf-8") == TS.read_text("utf-8"), hint
    release(fresh, compiled)
    assert compiled.read_bytes() == QM.read_bytes(), hint


def test_no_translation_is_open_empty_or_loses_a_place_holder() -> None:
    for message in ElementTree.parse(TS).iter("message"):
        source, translation = message.find("source"), message.find("translation")
        assert source is not None
        assert translation is not None
        assert translation.get("type") is None, source.text
        assert translation.text, source.text
        holders = re.findall(r"\{\w+\}", source.text or "")
        assert sorted(holders) == sorted(re.findall(r"\{\w+\}", translation.text)), source.text
