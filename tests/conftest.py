"""Every test: compiled kernels from the program's own cache, windows off the screen."""

from __future__ import annotations

import os

import main

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Before numba is imported, so that its cache is keyed by what the kernels are made of.
main.place_caches()
