"""How the flow kernels are compiled; both options are internal to numba.

``noalias``: the arrays of a row function are declared not to alias. Without it LLVM guards every
loop, at twice the time. ``_nrt`` off: no references are counted, since nothing is allocated inside;
counting took half of the time of an event. Where a later numba refuses either, kernels are compiled
as usual and are only slower.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.extending import register_jitable

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


class NoAlias(CompilerBase):
    """numba's own pipeline with the flag ``noalias``."""

    def define_pipelines(self) -> list[Any]:
        """The pipeline, as numba asks for it."""
        flags = self.state.flags
        try:
            flags.noalias = True
        except (AttributeError, TypeError, ValueError):
            object.__setattr__(flags, "_locked", False)
            flags.noalias = True
        pipeline: Any = DefaultPassBuilder.define_nopython_pipeline(self.state)  # type: ignore[no-untyped-call]
        return [pipeline]


def _without_counting() -> dict[str, Any]:
    options: dict[str, Any] = {"_nrt": False}
    try:
        njit(**options)
    except (KeyError, TypeError):
        return {}
    return options


_STRICT: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
_LEAN = {**_STRICT, **_without_counting()}


def kernel(function: Kernel) -> Kernel:
    """The compiled entry of a kernel, kept on disk; its body is a ``helper``, see there."""
    return njit(cache=True, **_LEAN)(function)  # type: ignore[no-any-return]


def row(function: Kernel) -> Kernel:
    """A loop over the lanes of arrays that do not alias."""
    return njit(pipeline_class=NoAlias, **_LEAN)(function)  # type: ignore[no-any-return]


def helper(function: Kernel) -> Kernel:
    """A function that kernels call; plain Python calls it as it is.

    numba compiles it once for each set of options that it is called under. So all are helpers, and
    an entry only calls the first of them.
    """
    compiled: Kernel = register_jitable(**_LEAN)(function)
    return compiled
