"""Sets Greenline up in .venv/: system libraries, the locked packages, the program itself.

Run by `make setup`, or by hand in the project's folder: `python3.12 -m tools.bootstrap` (on Windows
`py -3.12 -m tools.bootstrap`). Does only what has changed since the last time, and needs nothing
but the standard library.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools import system

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
RECORD = VENV / "greenline-setup.json"
BIN = VENV / ("Scripts" if sys.platform == "win32" else "bin")
VENV_PYTHON = BIN / ("python.exe" if sys.platform == "win32" else "python")
LOCKS = {name: ROOT / "requirements" / f"{name}.txt" for name in ("build", "run", "dev")}

#: What was done, and for which inputs: {step: digest of its inputs}.
Record = dict[str, str]


class SetupError(Exception):
    """Set-up cannot go on; the message says why and what would help."""


def say(text: str) -> None:
    """Tells the person who watches."""
    print(f"setup: {text}", flush=True)


def digest(*parts: str) -> str:
    """One digest of several texts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def read_record() -> Record:
    """What earlier runs have done; empty when there is nothing that can be trusted."""
    try:
        record = json.loads(RECORD.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def note(record: Record, step: str, inputs: str) -> None:
    """Remembers that a step is done for these inputs."""
    record[step] = inputs
    RECORD.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", "utf-8")


# --- the system -----------------------------------------------------------------------------------


def venv_package() -> list[str]:
    """The Debian package that lets this Python make environments, where it is missing."""
    if VENV_PYTHON.exists() or importlib.util.find_spec("ensurepip"):
        return []
    return [f"python3.{sys.version_info.minor}-venv"]


def lacking() -> list[str]:
    """The Debian packages that set-up or the program would miss."""
    return venv_package() + system.missing_packages()


def prepare_system(tried: str) -> str:
    """Installs what the system lacks; where that fails, says so and goes on.

    Takes and returns who last tried in vain to install what, so that nobody is asked for the same
    password, or waits for the same failure, at every start.
    """
    if sys.platform != "linux" or not (packages := lacking()):
        return ""
    attempt = f"{os.getuid()}: {' '.join(packages)}"
    if attempt != tried:
        interactive = sys.stdin.isatty()
        prefix = system.privilege(interactive)
        if prefix is None and not interactive:
            attempt = ""  # no rights: asking again costs nothing, and may be answered otherwise
        if prefix is not None:
            say(f"installing by apt-get: {' '.join(packages)}")
            system.install(packages, prefix)
            importlib.invalidate_caches()
            packages = lacking()
            attempt = f"{os.getuid()}: {' '.join(packages)}" if packages else ""
    if packages:
        say(f"missing on this system, and not installable from here; {system.advice(packages)}")
    return attempt


# --- the environment ------------------------------------------------------------------------------


def venv_version() -> tuple[int, int] | None:
    """Python's version in .venv, None when there is no whole environment."""
    try:
        config = (VENV / "pyvenv.cfg").read_text("utf-8")
    except OSError:
        return None
    found = re.search(r"^version\s*=\s*(\d+)\.(\d+)", config, re.MULTILINE)
    if found is None or not VENV_PYTHON.exists():
        return None
    return int(found[1]), int(found[2])


def venv_fits(record: Record) -> bool:
    """Whether .venv is whole, of this Python, and made where it stands now."""
    if venv_version() != sys.version_info[:2] or not can_import("pip"):
        return False
    return record.get("root", str(ROOT)) == str(ROOT)


def can_import(module: str) -> bool:
    """Whether .venv holds a module; looked for as files, since starting Python takes longer."""
    places = [VENV / "Lib" / "site-packages", *VENV.glob("lib/python3.*/site-packages")]
    return any((place / module).is_dir() for place in places)


def prepare_venv(record: Record) -> list[str]:
    """Makes .venv where it does not fit; the pip command that installs into it."""
    if venv_fits(record):
        return [str(VENV_PYTHON), "-m", "pip"]
    whole = importlib.util.find_spec("ensurepip") is not None
    if not whole and importlib.util.find_spec("pip") is None:
        raise SetupError(
            f"{sys.executable} can make no environment; "
            f"please have installed: apt-get install {' '.join(venv_package())}"
        )
    record.clear()
    base = getattr(sys, "_base_executable", sys.executable)
    version = ".".join(map(str, sys.version_info[:3]))
    say(f"making .venv with Python {version} ({base})")
    command = [base, "-m", "venv", "--clear", str(VENV)]
    check(command if whole else [*command, "--without-pip"], "could not make .venv")
    if whole:
        return [str(VENV_PYTHON), "-m", "pip"]
    return [base, "-m", "pip", "--python", str(VENV_PYTHON)]


def check(command: Sequence[str], complaint: str) -> None:
    """Runs a command; its words only when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SetupError(f"{complaint}:\n{(done.stdout + done.stderr).strip()}")


# --- the packages ---------------------------------------------------------------------------------


def progress(line: str) -> str | None:
    """What of pip's talk is worth telling: the large downloads, what is built, the end."""
    if found := re.match(r"\s*Downloading (?:\S*/)?(\S+) \(([\d.]+ MB)\)", line):
        return f"  {found[2]:>9}  {found[1]}"
    if found := re.match(r"\s*Building wheel for (\S+) .*started", line):
        return f"  building   {found[1]}"
    if found := re.match(r"\s*Installing collected packages: (.*)", line):
        many = len(found[1].split(","))
        return f"  installing {many} package{'s' if many > 1 else ''}"
    if "Retrying" in line:
        return "  no answer from the package index, trying again"
    return None


def install(pip: Sequence[str], arguments: Sequence[str], wheelhouse: Path | None) -> None:
    """Runs pip install, telling what it does; raises with its last words when it fails."""
    command = [*pip, "install", "--progress-bar", "off", "--no-build-isolation", *arguments]
    if wheelhouse is not None:
        command += ["--no-index", "--find-links", str(wheelhouse)]
    quiet = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "PYTHONUNBUFFERED": "1"}
    heard: list[str] = []
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | quiet,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            heard.append(line)
            if told := progress(line):
                print(told, flush=True)
    if process.returncode != 0:
        errors = [line for line in heard if line.startswith("ERROR")]
        raise SetupError(
            f"pip could not install {arguments[-1]}:\n{''.join(errors or heard[-8:])}"
            "setup: without a way to a package index, see docs/install.md (wheelhouse)"
        )


def install_locks(
    names: Sequence[str], pip: Sequence[str], record: Record, wheelhouse: Path | None
) -> None:
    """Installs each lock file that changed since it was last installed."""
    for name in names:
        inputs = digest(LOCKS[name].read_text("utf-8"))
        if record.get(name) == inputs:
            continue
        what = {"build": "pip and setuptools", "run": "packages", "dev": "test tools"}[name]
        note_first = " (about 250 MB the first time)" if name == "run" else ""
        say(f"installing the locked {what}{note_first}")
        lock = LOCKS[name].relative_to(ROOT)
        install(pip, ["--require-hashes", "-r", str(lock)], wheelhouse)
        note(record, name, inputs)


def install_project(pip: Sequence[str], record: Record) -> None:
    """Installs Greenline itself, editable: `greenline` runs what stands in this folder."""
    inputs = digest((ROOT / "pyproject.toml").read_text("utf-8"), str(ROOT))
    if record.get("project") == inputs:
        return
    say("installing greenline")
    install(pip, ["--no-deps", "-e", "."], None)
    note(record, "root", str(ROOT))
    note(record, "project", inputs)


def prepare(dev: bool, wheelhouse: Path | None) -> None:
    """All steps; each does nothing when nothing changed."""
    if wheelhouse is not None and not wheelhouse.is_dir():
        raise SetupError(f"wheelhouse {wheelhouse}: no such folder")
    record = read_record()
    tried = prepare_system(record.get("tried", ""))
    pip = prepare_venv(record)
    if record.get("tried", "") != tried:
        note(record, "tried", tried)
    install_locks(["build"], pip, record, wheelhouse)
    pip = [str(VENV_PYTHON), "-m", "pip"]  # the locked one, whatever the system's was
    install_locks(["run", "dev"] if dev else ["run"], pip, record, wheelhouse)
    install_project(pip, record)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Set Greenline up in .venv/.")
    parser.add_argument("--dev", action="store_true", help="the tools of tests and checks, too")
    parser.add_argument("--wheelhouse", type=Path, help="install from this folder, not by network")
    options = parser.parse_args()
    try:
        prepare(options.dev, options.wheelhouse)
    except SetupError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nsetup: interrupted; the next run goes on from here", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
