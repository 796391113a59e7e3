"""How row functions are compiled: their arrays are declared not to alias.

numba has no public way to say so; without it LLVM guards every loop, at twice the time. Where a
later numba refuses, rows are compiled as usual and are only slower.
"""

from __future__ import annotations

from typing import Any

from numba.core.compiler import CompilerBase, DefaultPassBuilder


class NoAlias(CompilerBase):  # type: ignore[misc]
    """numba's own pipeline with the flag ``noalias``."""

    def define_pipelines(self) -> list[Any]:
        """The pipeline, as numba asks for it."""
        flags = self.state.flags
        try:
            flags.noalias = True
        except (AttributeError, TypeError, ValueError):
            object.__setattr__(flags, "_locked", False)
            flags.noalias = True
        return [DefaultPassBuilder.define_nopython_pipeline(self.state)]


ROW_OPTIONS: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    "pipeline_class": NoAlias,
}
