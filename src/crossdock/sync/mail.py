"""The mail server that notifications leave by: one plain mail each, whose headers hold nothing but one line each."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

EXAMPLE = "smtp://user:password@mail.example.com:587?tls=starttls"
TIMEOUT_SECONDS = 30.0
_PORTS = {"smtp": 587, "smtps": 465}


class MailError(Exception):
    """A mail did not leave; `is_unreachable` says that the server did not answer at all."""

    def __init__(self, message: str, *, is_unreachable: bool) -> None:
        super().__init__(message)
        self.is_unreachable = is_unreachable


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed over, and whom they are from."""

    host: str
    port: int
    sender: str
    tls: str
    """`implicit` from the first byte, `starttls` before anything is said, or `none`."""
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, url: str, sender: str) -> MailServer:
        """The server behind smtp://USER:PASSWORD@HOST:PORT?tls=starttls or smtps://…. Raises ValueError without the URL."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
        except ValueError:
            host, port = "", 0
        if not host or not port:
            raise ValueError(f"is no address of a mail server; write it as {EXAMPLE}")
        asked = parse_qs(parts.query).get("tls", ["starttls"])[0]
        tls = "implicit" if parts.scheme == "smtps" else asked
        if tls not in ("implicit", "starttls", "none"):
            raise ValueError(f"tls={tls} is none; choose starttls or none, or begin with smtps://")
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if user and tls == "none" and not _is_on_this_machine(host):
            raise ValueError("would send its password unencrypted; use tls=starttls or smtps://")
        _address(sender)
        return cls(host, port, sender, tls, user, password)

    def send(self, mail: EmailMessage) -> None:
        """Hand over one mail. Raises MailError, which may come although it was taken."""
        try:
            with self._connected() as server:
                if self.tls == "starttls":
                    server.starttls(context=ssl.create_default_context())
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            said = "; ".join(_answer(code, text) for code, text in error.recipients.values())
            raise MailError(f"{self.host} refused the address: {said}", is_unreachable=False) from error
        except smtplib.SMTPResponseException as error:
            said = _answer(error.smtp_code, error.smtp_error)
            raise MailError(f"{self.host} refused the mail: {said}", is_unreachable=False) from error
        except (smtplib.SMTPException, OSError) as error:
            said = str(error) or type(error).__name__
            raise MailError(f"{self.host}: {said}", is_unreachable=isinstance(error, OSError)) from error

    def _connected(self) -> smtplib.SMTP:
        if self.tls == "implicit":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_SECONDS, context=context)
        return smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS)

    def mail(self, told: Mapping[str, Any], to: str, *, now: datetime) -> EmailMessage:
        """A plain mail that tells people what the notification says. Its Message-ID is the id of the delivery."""
        made = EmailMessage(policy=SMTP)
        made["From"] = _address(self.sender)
        made["To"] = _address(to)
        made["Subject"] = " ".join(str(told["title"]).split())
        made["Date"] = format_datetime(now)
        made["Message-ID"] = f"<{told['id']}@{_address(self.sender).domain}>"
        made["Auto-Submitted"] = "auto-generated"
        # Not every server takes letters beyond ASCII as they are.
        made.set_content("\n".join(_lines(told)) + "\n", cte="quoted-printable")
        return made


def _address(text: str) -> Address:
    """Raises ValueError where it is no bare address."""
    local, at, domain = text.rpartition("@")
    if not (local and at and domain) or not text.isascii() or any(each.isspace() for each in text):
        raise ValueError(f"{text!r} is no e-mail address, such as hub@example.com")
    return Address(addr_spec=text)


def _lines(told: Mapping[str, Any]) -> Iterator[str]:
    yield f"{told['title']}\n"
    if order := told.get("order"):
        yield f"Order: {order['number']} of {order['channel']} ({order['status']})"
    if request := told.get("shipping_request"):
        yield f"Shipping request: {request['number']} to {request['integration']} ({request['state']})"
    if fulfillment := told.get("fulfillment"):
        yield f"Fulfillment: {fulfillment['id']}"
    if product := told.get("product"):
        yield f"Product: {product['title']} ({', '.join(product['skus'])})"
    if case := told.get("case"):
        yield f"Case {case['id']}: {case['cause']}\nWhat to do: {case['fix']}"
    yield f"\nSent by the automation “{told['rule']}” at {told['at']}."


def _answer(code: int, text: bytes | str) -> str:
    return f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"


def _is_on_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
