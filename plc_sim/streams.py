"""Random numbers in streams of their own, so that what one purpose draws moves no other."""

from __future__ import annotations

from zlib import crc32

import numpy as np


def stream(seed: int, *purpose: str) -> np.random.Generator:
    """The stream of a purpose such as ``("cycle", "B010")``: same seed and purpose, same draws."""
    key = tuple(crc32(part.encode()) for part in purpose)
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))


class Normals:
    """Standard normal numbers of a stream, drawn in bulk and handed out one by one."""

    def __init__(self, generator: np.random.Generator, bulk: int = 256) -> None:
        self._generator = generator
        self._bulk = bulk
        self._drawn: list[float] = []

    def next(self) -> float:
        """The next one."""
        if not self._drawn:
            self._drawn = self._generator.standard_normal(self._bulk).tolist()[::-1]
        return self._drawn.pop()

    def within(self, limit: float) -> float:
        """The next one, cut to ``-limit..limit``."""
        return max(-limit, min(limit, self.next()))
