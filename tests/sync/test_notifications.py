"""Notifications against a real mail server and a real receiver: told once where it can be, and never lost."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from crossdock.connectors.contract import Connector
from crossdock.domain.automations import Notify, Rule, Trigger
from crossdock.domain.channel import Address
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations.automations import firing, outbox, rules, signing
from crossdock.operations.task import HUB
from crossdock.store import tables
from crossdock.sync import lease as leases
from crossdock.sync import workers
from crossdock.sync.mail import MailServer
from crossdock.sync.notifications import push_notifications
from crossdock.sync.work import Desk, Work
from support.databases import open_database
from support.flows import add_flow
from support.make import CIPHER, SHOP, TRUTH, Bench, line, order, product
from support.receiving import Mailbox, Receiver, mail_server, receiver

FLOW = FlowKey(HUB, Direction.PUSH, Entity.NOTIFICATIONS)
DOCUMENT = Path(__file__).parents[2] / "docs" / "automations.md"
BUYER = Address(
    name="Bea Buyer", lines=("5 Elm St",), city="Ames", country_code="US", email="bea@example.org"
)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Bench]:
    with open_database("sqlite", tmp_path) as database:
        add_flow(database, FLOW)
        workers.beat(database, "anna")
        made = Bench(database)
        made.open_shop(A=10)
        database.before_commit = lambda tx: firing.run(tx, lambda name: made.rules[name])
        yield made


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Mailbox]:
    with mail_server(tmp_path) as made:
        yield made


def tell(hub: Bench, *actions: Notify, trigger: Trigger = Trigger.ORDER_NEW) -> None:
    with hub.step(HUB) as (tx, task):
        rules.add(tx, task, Rule("Tell", trigger, actions))


def sell(hub: Bench, *numbers: str) -> None:
    hub.read_orders(*(order(number, line("A", 1), shipping_address=BUYER) for number in numbers))


def plain(box: Mailbox) -> MailServer:
    return MailServer.parse(f"smtp://127.0.0.1:{box.port}?tls=none", "hub@example.com")


def run(hub: Bench, mail: MailServer | None = None, **more: Any) -> Work:
    lease = leases.begin(hub.database, FLOW, f"run-{hub.tick()}", "anna")
    assert lease is not None
    desk = Desk(hub.database, CIPHER, lambda: hub.now, lambda name: hub.rules[name], mail=mail, **more)
    work = Work(desk, lease, cast(Connector, None), hub.rules[SHOP], TRUTH)
    try:
        push_notifications(work)
    finally:
        leases.finish(hub.database, lease, leases.Ended({}))
    return work


def states(hub: Bench) -> list[str]:
    return [row.state for row in hub.rows(tables.notification, by=tables.notification.c.created_at)]


def secret(hub: Bench) -> str:
    with hub.database.transaction() as tx:
        return signing.secret(tx, CIPHER, fresh="not used any more")


def test_a_webhook_arrives_signed_as_the_document_says(hub: Bench, hook: Receiver) -> None:
    tell(hub, Notify(url=hook.url, title="{order}"))
    sell(hub, "1")

    work = run(hub)

    ((headers, body),) = hook.calls
    assert (work.tally.confirmed, states(hub)) == (1, ["sent"])
    known: dict[str, Any] = {}
    (check,) = re.findall(r"^```python\n(.*?)^```", DOCUMENT.read_text(encoding="utf-8"), re.M | re.S)
    exec(check, known)  # it is the document that is tested
    known["time"] = type("Clock", (), {"time": staticmethod(hub.now.timestamp)})
    is_from_the_hub = known["is_from_the_hub"]
    assert is_from_the_hub(headers, body, secret(hub))
    assert not is_from_the_hub(headers, body + b" ", secret(hub))
    assert not is_from_the_hub(headers, body, "another secret")
    assert not is_from_the_hub(headers | {"X-Crossdock-Timestamp": "1"}, body, secret(hub))
    told = json.loads(body)
    assert (told["id"], told["title"], headers["Content-Type"]) == (
        headers["X-Crossdock-Delivery"],
        "1",
        "application/json",
    )


def test_the_secret_is_made_once_kept_encrypted_and_changed_on_demand(hub: Bench, hook: Receiver) -> None:
    tell(hub, Notify(url=hook.url))
    sell(hub, "1")
    run(hub)
    first = secret(hub)

    assert (len(first), secret(hub)) == (43, first)
    (row,) = hub.rows(tables.hub_setting, tables.hub_setting.c.key == "webhook_secret")
    assert first not in row.value
    with hub.database.transaction() as tx:
        signing.rotate(tx, CIPHER, fresh="fresh")
    assert secret(hub) == "fresh"


def test_nothing_of_a_buyer_is_told(hub: Bench, hook: Receiver, box: Mailbox) -> None:
    tell(hub, Notify(("desk@example.com",), hook.url))
    sell(hub, "1")

    run(hub, plain(box))

    said = (hook.calls[0][1].decode() + box.mails[0].as_string()).casefold()
    for secret_part in ("bea", "elm st", "ames"):
        assert secret_part not in said


def test_a_mail_says_in_words_what_happened(hub: Bench, box: Mailbox) -> None:
    tell(hub, Notify(("desk@example.com", "boss@example.com")))
    sell(hub, "1")

    run(hub, plain(box))

    assert sorted(box.recipients) == [["boss@example.com"], ["desk@example.com"]]
    (row, _) = hub.rows(tables.notification, by=tables.notification.c.target.desc())
    mail = next(each for each in box.mails if each["To"] == "desk@example.com")
    assert mail["Message-ID"] == f"<{row.id}@example.com>"
    assert (mail["From"], mail["Subject"]) == ("hub@example.com", row.title)
    assert mail.get_content_type() == "text/plain"
    assert f"Order: 1 of {SHOP} (" in mail.get_content()
    assert "Sent by the automation “Tell”" in mail.get_content()


def test_what_a_record_is_called_adds_no_header(hub: Bench, box: Mailbox) -> None:
    tell(hub, Notify(("desk@example.com",)), trigger=Trigger.PRODUCT_UPDATED)
    hub.read_products(product("B", title="Tea"))
    hub.read_products(product("B", title="Täa\r\nBcc: thief@example.com\r\n\r\nHello"))

    run(hub, plain(box))

    (mail,) = box.mails
    assert (mail["Bcc"], box.recipients) == (None, [["desk@example.com"]])
    assert mail["Subject"] == "Product Täa Bcc: thief@example.com Hello has changed"


def test_a_mail_goes_encrypted_and_with_a_login(
    hub: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(hub, Notify(("desk@example.com",)))
    sell(hub, "1")
    with mail_server(tmp_path, tls=True) as box:
        server = MailServer.parse(f"smtp://me:a%20secret@127.0.0.1:{box.port}", "hub@example.com")
        run(hub, server)
        assert (box.mails, box.logins) == ([], []), "a certificate that nobody vouches for is no good"
        assert "a secret" not in hub.rows(tables.notification)[0].message

        monkeypatch.setenv("SSL_CERT_FILE", str(box.certificate))
        hub.tick(3600)
        run(hub, server)

    assert (len(box.mails), box.logins, states(hub)) == (1, [("me", "a secret")], ["sent"])


def test_a_password_that_is_not_accepted_is_said_without_it(
    hub: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(hub, Notify(("desk@example.com",)))
    sell(hub, "1")
    with mail_server(tmp_path, tls=True) as box:
        monkeypatch.setenv("SSL_CERT_FILE", str(box.certificate))
        run(hub, MailServer.parse(f"smtp://me:wrong@127.0.0.1:{box.port}", "hub@example.com"))

    (row,) = hub.rows(tables.notification)
    assert (row.state, "535" in row.message, "wrong" in row.message) == ("waiting", True, False)


def test_without_a_mail_server_a_case_says_so_until_there_is_one(hub: Bench, box: Mailbox) -> None:
    tell(hub, Notify(("desk@example.com",)))
    sell(hub, "1")

    run(hub)

    (case,) = hub.cases("mail_not_set_up")
    assert "CROSSDOCK_SMTP_URL" in case.fix
    assert states(hub) == ["waiting"]
    hub.tick(3600)
    run(hub, plain(box))
    assert (hub.cases("mail_not_set_up"), states(hub), len(box.mails)) == ([], ["sent"], 1)


def test_an_address_that_is_refused_does_not_hold_back_the_others(hub: Bench, box: Mailbox) -> None:
    box.refuses = {"gone@example.com"}
    tell(hub, Notify(("gone@example.com", "desk@example.com")))
    sell(hub, "1")

    run(hub, plain(box))

    rows = {row.target: row for row in hub.rows(tables.notification)}
    assert rows["desk@example.com"].state == "sent"
    assert rows["gone@example.com"].message == "127.0.0.1 refused the address: 550 no such mailbox"


def test_what_does_not_arrive_is_tried_for_a_day_then_given_up_and_sent_again_on_demand(
    hub: Bench, hook: Receiver
) -> None:
    tell(hub, Notify(url=hook.url))
    sell(hub, "1")
    began, hook.status = hub.now, 503

    for pause in outbox.PAUSES:
        run(hub)
        (row,) = hub.rows(tables.notification)
        assert (row.state, row.again_at) == ("waiting", hub.now + pause)
        run(hub)  # too early: nothing is sent
        hub.now = row.again_at
    assert hub.cases("notification_failed") == []
    run(hub)

    assert len(hook.calls) == len(outbox.PAUSES) + 1
    assert timedelta(hours=23) < hub.now - began <= timedelta(hours=25)
    (case,) = hub.cases("notification_failed")
    assert (states(hub), "status 503" in case.cause) == (["failed"], True)
    assert "/hook" not in case.cause, "the path of a webhook may be a password"

    hook.status = 204
    with hub.step(HUB) as (tx, task):
        outbox.retry_all_like(tx, task, row.id)
    run(hub)
    assert (states(hub), hub.cases("notification_failed")) == (["sent"], [])
    assert set(hook.deliveries()) == {row.id}, "it is one delivery from the first attempt to the last"


def test_a_crash_between_sending_and_noting_it_sends_the_same_delivery_again(
    hub: Bench, hook: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(hub, Notify(url=hook.url))
    sell(hub, "1")
    with monkeypatch.context() as patched:
        patched.setattr(outbox, "sent", crash)
        with pytest.raises(sqlite3.DatabaseError):
            run(hub)

    run(hub)

    first, again = hook.deliveries()
    assert first == again
    assert states(hub) == ["sent"]


def crash(*_: object) -> None:
    raise sqlite3.DatabaseError("the process dies here")


def test_who_does_not_answer_is_asked_once_in_a_run_and_the_others_are_told(
    hub: Bench, hook: Receiver
) -> None:
    with receiver() as gone:
        silent = gone.url
    tell(hub, Notify(url=silent), Notify(url=hook.url))
    sell(hub, "1", "2", "3")

    work = run(hub)

    assert (work.tally.confirmed, work.tally.rejected, len(hook.calls)) == (3, 3, 3)
    failed = [row for row in hub.rows(tables.notification) if row.target == silent]
    assert {(row.state, row.attempts) for row in failed} == {("waiting", 1)}
    assert all("refused" in row.message and "/hook" not in row.message for row in failed)


def test_a_redirect_is_no_arrival_and_is_not_followed(hub: Bench, hook: Receiver) -> None:
    with receiver() as other:
        hook.status, hook.location = 307, other.url
        tell(hub, Notify(url=hook.url))
        sell(hub, "1")
        run(hub)

        assert (states(hub), other.calls) == (["waiting"], [])


def test_private_networks_are_not_called_unless_they_are_named(hub: Bench) -> None:
    tell(hub, Notify(url="https://10.0.0.1/hook"))
    sell(hub, "1")

    run(hub)

    (row,) = hub.rows(tables.notification)
    assert "10.0.0.1 lies inside a private network" in row.message


def test_many_notifications_are_sent_over_several_runs(
    hub: Bench, hook: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crossdock.sync.notifications.BATCH", 2)
    tell(hub, Notify(url=hook.url, title="{order}"))
    sell(hub, "1", "2", "3")

    assert [run(hub).retry_in for _ in range(2)] == [1.0, None]
    assert sorted(json.loads(body)["title"] for _, body in hook.calls) == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("url", "sender", "said"),
    [
        ("mail.example.com", "hub@example.com", "no address of a mail server"),
        ("http://mail.example.com", "hub@example.com", "no address of a mail server"),
        ("smtp://mail.example.com:port", "hub@example.com", "no address of a mail server"),
        ("smtp://mail.example.com?tls=maybe", "hub@example.com", "tls=maybe is none"),
        ("smtp://me:hidden@mail.example.com?tls=none", "hub@example.com", "unencrypted"),
        ("smtps://mail.example.com", "hub", "'hub' is no e-mail address"),
        ("smtps://mail.example.com", "hub@example.com\nBcc: x@example.com", "no e-mail address"),
    ],
)
def test_a_mail_server_that_cannot_be_is_refused_without_repeating_its_password(
    url: str, sender: str, said: str
) -> None:
    with pytest.raises(ValueError, match=said) as raised:
        MailServer.parse(url, sender)

    assert "hidden" not in str(raised.value)


def test_what_is_left_out_of_the_address_is_as_usual() -> None:
    read = MailServer.parse("smtp://me:p%40ss@mail.example.com", "hub@example.com")

    assert (read.port, read.tls, read.user, read.password) == (587, "starttls", "me", "p@ss")
    assert MailServer.parse("smtps://mail.example.com", "hub@example.com").tls == "implicit"
    assert "p@ss" not in repr(read)
