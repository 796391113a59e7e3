"""What the documents tell a reader to type or to open is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from main import main

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMAND = re.compile(
    r"^(?:\.venv[/\\](?:bin|Scripts)[/\\])?greenline (.+?)(?: *#.*)?$", re.MULTILINE
)


def commands() -> list[str]:
    """The lines of every document that call greenline."""
    return sorted(
        {found for file in DOCUMENTS for found in COMMAND.findall(file.read_text("utf-8"))}
    )


@pytest.mark.parametrize("command", commands())
def test_a_documented_command_and_its_options_exist(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = command.split()
    verb = [] if words[0].startswith("-") else words[:1]
    with pytest.raises(SystemExit) as ended:
        main([*verb, "--help"])
    assert ended.value.code == 0
    told = re.findall(r"--[a-z][a-z-]*", capsys.readouterr().out)
    assert {word for word in words if word.startswith("--")} <= set(told)


def test_the_readme_shows_how_to_use_it() -> None:
    verbs = {command.split()[0] for command in commands()}
    assert {"demo", "sim", "watch", "replay", "import", "report", "export", "check"} <= verbs


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: file.name)
def test_links_within_the_project_lead_somewhere(file: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", file.read_text("utf-8"))
    assert [link for link in links if not (file.parent / link).exists()] == []


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: file.name)
def test_the_targets_of_make_exist(file: Path) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    told = set(re.findall(r"(?:^|`)make ([a-z-]+)", file.read_text("utf-8"), re.MULTILINE))
    assert told <= set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
