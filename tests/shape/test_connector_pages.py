"""The pages about the connectors say what the code does."""

from __future__ import annotations

import pytest

from crossdock.connectors.registry import CONNECTORS
from crossdock.connectors.settings import described
from support.coverage import FOLDER, SUBJECTS, Subject, document, flows_by_setting

each = pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.kind.key)


def test_every_connector_has_a_page() -> None:
    assert {subject.kind for subject in SUBJECTS} == set(CONNECTORS.values())


@each
def test_a_page_is_what_the_code_says(subject: Subject) -> None:
    written = (FOLDER / subject.file).read_text(encoding="utf-8")

    assert written == document(subject), "run `make coverage-table`"


@each
def test_a_page_names_every_setting_once(subject: Subject) -> None:
    text = (FOLDER / subject.file).read_text(encoding="utf-8")

    assert [s.key for s in described(subject.kind.settings_type) if text.count(f"| `{s.key}` |") != 1] == []


@each
def test_every_flow_can_be_turned_on_by_a_setting(subject: Subject) -> None:
    flows = {(direction, str(entity)) for direction, entity in subject.kind(subject.toolbox()).flows()}

    assert flows - flows_by_setting(subject).keys() == set()
