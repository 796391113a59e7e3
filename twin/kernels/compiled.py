"""How kernels are compiled: strict IEEE arithmetic, without the GIL, kept on disk.

Compiling is what a first start waits for, and nearly all of it is a cost of each function and each
type of its arguments. So a part of a kernel has no entry of its own, and is compiled for its caller
alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit
from numba.extending import register_jitable

_Function = TypeVar("_Function", bound=Callable[..., Any])

# A function that kernels call: as it stands it is plain Python.
part: Callable[[_Function], _Function] = register_jitable(no_cfunc_wrapper=True)


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """The compiled twin of a function that makes no array (it has no allocator)."""
    options: dict[str, Any] = {"_nrt": False, "no_cfunc_wrapper": True}
    compiled: Callable[..., Any] = njit(cache=True, nogil=True, error_model="numpy", **options)(
        function
    )
    return compiled
