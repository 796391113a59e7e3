"""What Qt needs of Linux, libraries and a Chinese font: which are missing, and how to get them.

Libraries are looked for by loading them, so the answer holds on any distribution; the names of
packages are those of Debian and Ubuntu.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence

#: Package and shared object: what Qt needs to draw at all, offscreen included.
OFFSCREEN = (
    ("libglib2.0-0", "libglib-2.0.so.0"),
    ("libgl1", "libGL.so.1"),
    ("libegl1", "libEGL.so.1"),
    ("libfontconfig1", "libfontconfig.so.1"),
    ("libxkbcommon0", "libxkbcommon.so.0"),
    ("libdbus-1-3", "libdbus-1.so.3"),
)
#: What a window on an X11 or Wayland screen needs besides.
WINDOW = (
    ("libwayland-cursor0", "libwayland-cursor.so.0"),
    ("libxcb-cursor0", "libxcb-cursor.so.0"),
    ("libxcb-icccm4", "libxcb-icccm.so.4"),
    ("libxcb-image0", "libxcb-image.so.0"),
    ("libxcb-keysyms1", "libxcb-keysyms.so.1"),
    ("libxcb-render-util0", "libxcb-render-util.so.0"),
    ("libxcb-shape0", "libxcb-shape.so.0"),
    ("libxcb-xkb1", "libxcb-xkb.so.1"),
    ("libxkbcommon-x11-0", "libxkbcommon-x11.so.0"),
)
CHINESE_FONT = "fonts-wqy-microhei"

Run = Callable[[Sequence[str]], int]


class _FontSet(ctypes.Structure):
    """The head of fontconfig's FcFontSet."""

    _fields_ = (("count", ctypes.c_int),)


def loads(shared_object: str) -> bool:
    """Whether the dynamic linker finds and loads a library."""
    try:
        ctypes.CDLL(shared_object)
    except OSError:
        return False
    return True


def has_chinese_font() -> bool:
    """Whether fontconfig, which Qt asks too, knows a font that covers simplified Chinese."""
    try:
        fontconfig = ctypes.CDLL("libfontconfig.so.1")
    except OSError:
        return False
    fontconfig.FcNameParse.restype = ctypes.c_void_p
    fontconfig.FcObjectSetCreate.restype = ctypes.c_void_p
    fontconfig.FcFontList.restype = ctypes.POINTER(_FontSet)
    fontconfig.FcInitReinitialize()  # sees what was installed since the last look
    pattern = ctypes.c_void_p(fontconfig.FcNameParse(b":lang=zh-cn"))
    objects = ctypes.c_void_p(fontconfig.FcObjectSetCreate())
    fonts = fontconfig.FcFontList(None, pattern, objects)
    return bool(fonts) and fonts.contents.count > 0


def missing_packages(
    loads: Callable[[str], bool] = loads, has_font: Callable[[], bool] = has_chinese_font
) -> list[str]:
    """The Debian packages whose library, or whose font, is not at hand; empty when all is well."""
    packages = [package for package, name in (*OFFSCREEN, *WINDOW) if not loads(name)]
    if not has_font():
        packages.append(CHINESE_FONT)
    return packages


def privilege(interactive: bool) -> list[str] | None:
    """What to put before apt-get: nothing as root, else sudo; None where neither is at hand."""
    if sys.platform == "win32" or shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    asks = ["sudo", "-v"] if interactive else ["sudo", "-n", "-v"]
    return ["sudo"] if _run(asks) == 0 else None


def install(packages: Sequence[str], prefix: Sequence[str], run: Run | None = None) -> None:
    """Installs by apt-get what it can; what it could not shows when looked at again."""
    run = run or _run
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y"]
    apt += ["-o", "DPkg::Lock::Timeout=120"]
    run([*apt, "update"])
    wanted = [*apt, "install", "--no-install-recommends"]
    if run([*wanted, *packages]) != 0 and len(packages) > 1:
        for package in packages:  # one unknown name must not hold back the others
            run([*wanted, package])


def advice(packages: Sequence[str]) -> str:
    """One line that says what to install, in the terms of the system at hand."""
    if shutil.which("apt-get"):
        return f"please have installed: apt-get install {' '.join(packages)}"
    names = dict((*OFFSCREEN, *WINDOW, (CHINESE_FONT, "a font with Chinese glyphs")))
    return f"please install what provides: {', '.join(names.get(p, p) for p in packages)}"


def _run(command: Sequence[str]) -> int:
    """Runs quietly (sudo asks on the terminal itself); the exit status, 127 without the program."""
    try:
        return subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, check=False
        ).returncode
    except OSError:
        return 127
