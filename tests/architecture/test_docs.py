"""The documents are true: their commands exist, their links lead somewhere, nothing names a machine or a registry."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import click
import pytest

from kolaborasi.cli import kolaborasi

ROOT = Path(__file__).parents[2]
DOCS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
CODE = re.compile(r"`([^`\n]+)`|^ {4}(\S.*)$", re.MULTILINE)


def commands(program: str) -> list[tuple[str, list[str]]]:
    """Every command of a program in the documents: the page and its words."""
    found = []
    for page in DOCS:
        for inline, block in CODE.findall(page.read_text(encoding="utf-8")):
            words = (inline or block).split("#")[0].replace(".venv/bin/", "").split()
            if words and words[0] == program:
                found.append((page.name, words[1:]))
    return found


@pytest.mark.parametrize(("page", "words"), commands("make"), ids=str)
def test_make_target_in_a_document_exists(page: str, words: list[str]) -> None:
    assert words[0] in TARGETS


@pytest.mark.parametrize(("page", "words"), commands("kolaborasi"), ids=str)
def test_command_in_a_document_exists_with_its_options(page: str, words: list[str]) -> None:
    command: click.Command = kolaborasi
    context = click.Context(command)
    while isinstance(command, click.Group) and words and not words[0].startswith(("-", "<", "[", "…")):
        step = command.get_command(context, words[0])
        assert step is not None, f"{page}: no command {words[0]}"
        command, words = step, words[1:]
    options = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    if command.name != "manage":
        wanted = {word.strip("[]").split("=")[0] for word in words if word.lstrip("[").startswith("--")}
        assert wanted <= options | {"--help", "--version"}


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_links_of_a_document_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://")):
            assert (page.parent / target).exists(), target


def test_nothing_names_a_registry_or_a_path_of_one_machine() -> None:
    files = subprocess.run(
        [
            "git",
            "grep",
            "-nIE",
            r"(--index-url|--extra-index|file:///|/root/|/work/)",
            "--",
            ".",
            ":!tests/architecture",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
    ).stdout
    assert files == ""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "http" not in lock
    assert lock.count("--hash=sha256:") > 100


def test_footer_names_the_licence_of_the_project() -> None:
    licence = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["license"]
    footer = (ROOT / "src/kolaborasi/web/templates/web/base.html").read_text(encoding="utf-8")
    assert f"Free software under {licence}" in footer


def test_readme_begins_with_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^    make (\w+)", text, re.MULTILINE)[:2] == ["run", "test"]
