"""Opens each connector's subject: one for all that only reads, and a new one for each test that writes."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

import pytest

from connectors.contract.subject import Subject


@pytest.fixture(scope="module")
def opened(request: pytest.FixtureRequest) -> Iterator[Subject]:
    with subject_of(request.param).open() as made:
        yield made


@pytest.fixture(scope="module")
def filled(request: pytest.FixtureRequest) -> Iterator[tuple[Subject, str]]:
    """With records of one kind, and the method that reads them."""
    key, method = request.param
    with subject_of(key).open() as made:
        made.fill(method)
        yield made, method


@pytest.fixture
def fresh(request: pytest.FixtureRequest) -> Iterator[Subject]:
    with subject_of(request.param).open() as made:
        yield made


def subject_of(key: str) -> type[Subject]:
    """The adapter of a connector, tests/connectors/contract/<key>.py."""
    found: type[Subject] = importlib.import_module(f"connectors.contract.{key}").SUBJECT
    return found
