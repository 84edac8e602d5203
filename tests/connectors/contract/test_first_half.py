"""What every connector keeps to before it writes anything: wrong credentials, reading on, bad records, secrets."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from connectors.contract.conftest import subject_of
from connectors.contract.subject import (
    PULLS,
    FencedError,
    FencedGate,
    Subject,
    by_identity,
    methods,
    pull,
    unreadable,
)
from crossdock.connectors.errors import ChannelError, CredentialsError
from crossdock.connectors.http import Http
from crossdock.connectors.registry import CONNECTORS

REACHED = [key for key, kind in CONNECTORS.items() if not kind.is_built_in]
READ = [(key, method) for key in CONNECTORS for method in methods(CONNECTORS[key], PULLS)]

each_connector = pytest.mark.parametrize("opened", REACHED, indirect=True)
each_pull = pytest.mark.parametrize(
    "filled", READ, indirect=True, ids=[f"{key}-{method}" for key, method in READ]
)


@pytest.mark.parametrize("key", CONNECTORS)
def test_all_that_a_connector_reads_is_tried(key: str) -> None:
    assert sorted(subject_of(key).pulls) == sorted(methods(CONNECTORS[key], PULLS))


@each_connector
def test_wrong_credentials_are_refused_by_name(opened: Subject) -> None:
    with pytest.raises(CredentialsError) as refused:
        opened.connector(wrong=True).check()

    assert opened.wrong_field.casefold() in f"{refused.value} {refused.value.fix}".casefold()


@each_connector
def test_good_credentials_name_an_account_and_lack_nothing(opened: Subject) -> None:
    account = opened.connector().check()

    assert account.channel_id
    assert account.name
    assert account.missing_access == ()


@each_pull
def test_a_run_that_was_taken_over_reads_nothing(filled: tuple[Subject, str]) -> None:
    subject, method = filled
    connector = subject.connector(http=Http(gate=FencedGate()), **subject.pulls[method].settings)

    with pytest.raises(FencedError):
        pull(connector, method)


@each_pull
def test_reading_twice_gives_the_same_records(filled: tuple[Subject, str]) -> None:
    subject, method = filled
    settings = subject.pulls[method].settings

    first, second = (by_identity(pull(subject.connector(**settings), method)) for _ in range(2))

    assert len(first) >= 2
    assert second == first


@each_pull
def test_a_bad_record_is_kept_whole_and_holds_back_none_of_its_neighbours(
    filled: tuple[Subject, str],
) -> None:
    subject, method = filled
    settings = subject.pulls[method].settings
    wanted = by_identity(pull(subject.connector(**settings), method))

    pages = pull(subject.spoilt(method), method)

    (bad,) = unreadable(pages)
    assert bad.reason
    assert bad.payload
    read = by_identity(pages)
    assert 2 * len(read) >= len(wanted)
    assert read == {key: record for key, record in wanted.items() if key in read}


@each_pull
def test_reading_goes_on_where_it_stopped_without_a_gap(
    filled: tuple[Subject, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After any page a new connector with nothing but the cursor reads the rest, and in the end all was read."""
    subject, method = filled
    settings = subject.pulls[method].settings
    wanted = by_identity(pull(subject.connector(**settings), method))
    assert len(wanted) >= 2, "with fewer than two records nothing is tried"

    subject.small_pages(monkeypatch)
    whole = pull(subject.connector(**settings), method)
    assert by_identity(whole).keys() == wanted.keys()
    assert (len(whole) > 1) is subject.pulls[method].turns_pages

    for place, page in enumerate(whole):
        rest = pull(subject.connector(**settings), method, page.cursor)

        assert by_identity([*whole[: place + 1], *rest]).keys() == wanted.keys()


@each_pull
def test_what_comes_after_a_reading_is_met_by_the_next(filled: tuple[Subject, str]) -> None:
    subject, method = filled
    settings = subject.pulls[method].settings
    before = pull(subject.connector(**settings), method)

    subject.fill(method)
    after = pull(subject.connector(**settings), method, before[-1].cursor)

    there = by_identity(pull(subject.connector(**settings), method))
    assert by_identity([*before, *after]).keys() >= there.keys()


@each_connector
def test_no_secret_shows_anywhere(opened: Subject, caplog: pytest.LogCaptureFixture) -> None:
    """Neither in what is shown of the credentials, nor in a repr, an error, or a log of any level."""
    caplog.set_level(logging.DEBUG)
    connector = opened.connector()
    credentials = connector.toolbox.credentials
    said = [repr(connector), repr(connector.toolbox), repr(credentials), str(credentials)]
    said += [str(credentials.shown()), *(f"{error} {error!r} {error.fix}" for error in _errors(opened))]

    text = "\n".join([*said, caplog.text, *(str(vars(record)) for record in caplog.records)])

    assert [secret for secret in opened.secrets() if secret in text] == []


def _errors(subject: Subject) -> Iterator[ChannelError]:
    """What a connector says when it is not let in, and when the platform fails."""
    attempts = [subject.connector(wrong=True)]
    if "error" in subject.faults:
        subject.fails("error", "")
        attempts.insert(0, subject.connector())
    for attempt in attempts:
        with pytest.raises(ChannelError) as failed:
            attempt.check()
        yield failed.value
