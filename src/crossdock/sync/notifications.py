"""Sends what automations have people and other systems told, each until it has arrived, under one and the same id."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from crossdock.connectors.errors import SettingsError, UnavailableError
from crossdock.connectors.http import Http
from crossdock.operations.automations import outbox, signing
from crossdock.operations.automations.outbox import Kind, Message
from crossdock.store.codec import unpack
from crossdock.sync.mail import MailError
from crossdock.sync.work import Work

BATCH = 100
GOES_ON_SECONDS = 1.0
_NO_MAIL = "Sending mail is not set up (CROSSDOCK_SMTP_URL, CROSSDOCK_MAIL_FROM)"


def push_notifications(work: Work) -> None:
    """Send what is due, the oldest first. A crash between sending and noting it sends it again, with the same id.

    Whoever does not answer at all is not asked again in the same run: what waits for them failed with it.
    """
    with work.database.reading() as tx:
        found = outbox.due(tx, work.desk.clock(), limit=BATCH)
    if not found and work.desk.mail is None:
        return
    with work.transaction() as tx:
        is_mail = any(each.kind is Kind.EMAIL for each in found)
        if is_mail or work.desk.mail is not None:
            outbox.flag_no_mail(tx, work.task(), is_missing=is_mail and work.desk.mail is None)
        fresh = secrets.token_urlsafe(32)
        key = signing.secret(tx, work.desk.cipher, fresh=fresh) if found else ""
    postman = _Postman(work, Http(addresses=work.desk.addresses), key)
    try:
        for message in found:
            _settle(work, message, postman.deliver(message))
    finally:
        postman.http.close()
    if len(found) == BATCH:
        work.retry_in = GOES_ON_SECONDS


def _settle(work: Work, message: Message, problem: str) -> None:
    with work.transaction() as tx:
        if problem:
            outbox.not_sent(tx, work.task(), message, problem)
        else:
            outbox.sent(tx, work.task(), message)
        work.tally.rejected += bool(problem)
        work.tally.confirmed += not problem


@dataclass
class _Postman:
    """Delivers during one run, and remembers who did not answer."""

    work: Work
    http: Http
    key: str
    silent: dict[str, str] = field(default_factory=dict)

    def deliver(self, message: Message) -> str:
        """Answers what went wrong, in words; empty where it has arrived."""
        door = message.kind if message.kind is Kind.EMAIL else message.target
        if door in self.silent:
            return self.silent[door]
        now = self.work.desk.clock()
        try:
            if message.kind is Kind.EMAIL:
                return self._mail(message, now)
            return self._call(message, now)
        except MailError as error:
            if error.is_unreachable:
                self.silent[door] = str(error)
            return str(error)
        except UnavailableError as error:
            # Its path may be a password, as it is with chats that take webhooks.
            self.silent[door] = str(error).partition(": ")[2] or str(error)
            return self.silent[door]
        except SettingsError as error:
            return error.problem

    def _mail(self, message: Message, now: datetime) -> str:
        server = self.work.desk.mail
        if server is None:
            return _NO_MAIL
        server.send(server.mail(unpack(dict, message.body), message.target, now=now))
        return ""

    def _call(self, message: Message, now: datetime) -> str:
        """A webhook. Whatever is not a success is none, a redirect too: the signed body goes nowhere else."""
        body, timestamp = message.body.encode(), str(int(now.timestamp()))
        headers = {
            "Content-Type": "application/json",
            "X-Crossdock-Delivery": message.id,
            "X-Crossdock-Timestamp": timestamp,
            "X-Crossdock-Signature": signing.signature(self.key, timestamp, body),
        }
        answer = self.http.send("POST", message.target, headers=headers, content=body)
        return "" if answer.is_success else f"it answered with status {answer.status}"
