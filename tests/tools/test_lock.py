"""The lock: exact, hashed, complete, and without a word on where packages come from."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
NAMES = ("build", "run", "dev")
PYTHONS = ("3.11.9", "3.12.9", "3.13.9")


def locked(name: str) -> list[Requirement]:
    """The requirements of a lock file, their hashes left out."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [Requirement(line.split("--hash=")[0].strip()) for line in lines]


def wanted(name: str) -> list[Requirement]:
    """What pyproject.toml asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    groups = project["dependency-groups"] | {"run": project["project"]["dependencies"]}
    return [Requirement(text) for text in groups[name]]


@pytest.mark.parametrize("name", NAMES)
def test_every_package_has_one_exact_version_and_hashes(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert lines
    for line in lines:
        assert re.match(r"[a-z0-9-]+==[\w.]+( ; [^#]+?)?( +--hash=sha256:[0-9a-f]{64})+ *$", line)


@pytest.mark.parametrize("name", NAMES)
def test_no_host_is_named(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
    assert not re.search(r"://|--index|--find-links|@ ", text)


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("system", ["linux", "win32", "darwin"])
@pytest.mark.parametrize("name", NAMES)
def test_the_lock_meets_what_the_project_asks_for(name: str, system: str, python: str) -> None:
    machine = {
        "python_version": python.rpartition(".")[0],
        "python_full_version": python,
        "sys_platform": system,
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
    }

    def applies(requirement: Requirement) -> bool:
        return requirement.marker is None or requirement.marker.evaluate(dict(machine))

    versions: dict[str, str] = {}
    for requirement in filter(applies, locked(name)):
        key = canonicalize_name(requirement.name)
        assert key not in versions
        versions[key] = next(iter(requirement.specifier)).version
    for requirement in filter(applies, wanted(name)):
        version = versions[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), requirement


def test_what_two_locks_share_has_the_same_version() -> None:
    forked = {"numpy", "pyside6-essentials", "shiboken6"}  # by Python's version, within one lock
    versions: dict[str, str] = {}
    for requirement in (requirement for name in NAMES for requirement in locked(name)):
        if requirement.name not in forked:
            version = str(requirement.specifier)
            assert versions.setdefault(requirement.name, version) == version, requirement.name
