"""Whole samples moved about fast.

numpy copies, joins and indexes a structured array field by field. Seen as opaque bytes the same
rows move 15 to 60 times as fast; ``take`` and ``compress`` do that by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from data.samples import SAMPLE, Samples

OPAQUE = np.dtype((np.void, SAMPLE.itemsize))


def copied(rows: Samples) -> Samples:
    """A copy of its own."""
    copy: Samples = rows.view(OPAQUE).copy().view(SAMPLE)
    return copy


def joined(parts: Sequence[Samples]) -> Samples:
    """All rows, one part behind the other; the part itself where there is one alone."""
    filled = [part for part in parts if part.shape[0]]
    if len(filled) == 1:
        return filled[0]
    if not filled:
        return np.empty(0, SAMPLE)
    whole: Samples = np.concatenate([part.view(OPAQUE) for part in filled]).view(SAMPLE)
    return whole
