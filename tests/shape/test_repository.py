"""What is committed: licences that may be combined with ours, pinned dependencies, nothing of one machine."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

import pytest

from support.sources import ROOT, committed_files, name_of

ALLOWED = {
    "0BSD",
    "Apache-2.0",
    "BSD",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "MIT",
    "MIT-0",
    "MIT-CMU",
    "MPL-2.0",
    "PSF-2.0",
    "Unlicense",
}
# The driver of PostgreSQL and the SSH client are plain dependencies, neither changed nor shipped with the hub.
ALLOWED_BY_NAME = {"psycopg": "LGPL-3.0-only", "psycopg-binary": "LGPL-3.0-only", "paramiko": "LGPL-2.1"}
SPELLED_OUT = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "ISC License": "ISC",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==\S+", re.MULTILINE)
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:work|home|root|Users|mnt)/[\w.]")
TEXT = {
    ".py",
    ".md",
    ".toml",
    ".lock",
    ".txt",
    ".cfg",
    ".yaml",
    ".yml",
    ".json",
    ".ini",
    ".mako",
    ".html",
    ".sh",
    "",
}


def locked(lock: Path) -> list[str]:
    return PINNED.findall(lock.read_text(encoding="utf-8"))


def licences(name: str) -> set[str]:
    """The SPDX names of an installed package's licences, however it declares them."""
    about = metadata.metadata(name)
    declared = "".join(about.get_all("License-Expression") or [])
    if not declared:
        classifiers = [
            c for c in about.get_all("Classifier") or [] if c.startswith("License :: OSI Approved :: ")
        ]
        names = [c.removeprefix("License :: OSI Approved :: ") for c in classifiers]
        declared = " AND ".join(SPELLED_OUT.get(n, n.replace(" ", "-")) for n in names)
    if not declared:
        text = [*(about.get_all("License") or []), "unknown"][0].partition("\n")[0]
        declared = SPELLED_OUT.get(text, text.replace(" ", "-"))
    return {part for part in re.split(r"[\s()]+", declared) if part and part not in ("AND", "OR", "WITH")}


def test_every_dependency_that_is_installed_with_the_hub_has_a_licence_on_the_list() -> None:
    refused: dict[str, set[str]] = {}
    for name in locked(ROOT / "requirements" / "runtime.lock"):
        try:
            found = licences(name)
        except metadata.PackageNotFoundError:
            continue  # for another platform or Python
        if unknown := found - ALLOWED - {ALLOWED_BY_NAME.get(name, "")}:
            refused[name] = unknown

    assert refused == {}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_locks_name_no_address(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")

    assert "://" not in text
    assert not re.search(r"^\s*(--(extra-)?index-url|--find-links|-i|-f)\b", text, re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_locked_dependency_is_pinned_with_hashes(lock: Path) -> None:
    text = re.sub(r"\\\n", " ", lock.read_text(encoding="utf-8"))
    entries = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]

    assert entries
    assert [
        e for e in entries if not PINNED.match(e) or not re.search(r"--hash=sha256:[0-9a-f]{64}\b", e)
    ] == []


def test_what_runs_is_part_of_what_is_developed_with() -> None:
    runtime, dev = ({*PINNED.finditer(p.read_text(encoding="utf-8"))} for p in (LOCKS[1], LOCKS[0]))

    assert {match[0] for match in runtime} <= {match[0] for match in dev}


def test_no_file_names_a_folder_of_one_machine() -> None:
    named = [
        f"{name_of(path)}: {match[0]}"
        for path in committed_files()
        if path.suffix in TEXT
        for match in MACHINE_PATHS.finditer(path.read_text(encoding="utf-8"))
    ]

    assert named == []
