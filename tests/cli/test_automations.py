"""Automations on the command line: written by options or as a file, and every mistake in a sentence."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from crossdock.app import Hub
from crossdock.cli.session import config
from crossdock.operations.automations import outbox
from crossdock.operations.automations.outbox import About, Kind, Message
from crossdock.operations.setup.spec import read
from crossdock.operations.task import HUB, Task
from support.blank import lay_out
from support.command import Command

DOCUMENT = Path(__file__).parents[2] / "docs" / "automations.md"


@pytest.fixture
def command(command: Command) -> Command:
    """On a hub whose tables are there already."""
    lay_out(os.environ["CROSSDOCK_DATABASE_URL"])
    return command


def add(command: Command, *words: str) -> Any:
    done = command("automations", "add", *words, "--json")
    assert done.err == ""
    return done.json()


def test_options_make_a_rule(command: Command) -> None:
    made = add(
        command,
        "Big ones",
        "--trigger=order_new",
        "--when=countries=us, CA",
        "--when=countries=GB",
        "--when=min_total=99.50",
        "--hold=60",
        "--tag=big",
        "--untag=small",
        "--set=review=required",
        "--email=a@example.com",
        "--email=b@example.com",
        "--title={order}",
        "--every-time",
    )

    assert made["rule"]["filters"]["countries"] == ["US", "CA", "GB"]
    assert made["rule"]["filters"]["min_total"] == "99.50"
    assert (made["rule"]["once"], made["rule"]["on"]) == (False, True)
    assert made["does"] == [
        "held for 60 minutes",
        "tagged big and untagged small",
        "marked for review",
        "notification to a@example.com, b@example.com",
    ]
    assert "held for 60 minutes" in command("automations").out


def test_what_show_prints_is_what_a_file_is(command: Command, tmp_path: Path) -> None:
    made = add(command, "Hold", "--trigger=order_updated", "--hold=always", "--when=tags=vip", "--off")
    shown = command("automations", "show", "hold").out
    file = tmp_path / "rule.yaml"
    file.write_text(shown.replace("Hold", "Other"))

    other = add(command, "--file", str(file), "--place=1")

    assert other["rule"] == made["rule"] | {"name": "Other"}
    assert yaml.safe_load(shown) == {
        "name": "Hold",
        "trigger": "order_updated",
        "on": False,
        "filters": {"tags": ["vip"]},
        "actions": [{"hold": {}}],
    }
    assert [each["rule"]["name"] for each in command("automations", "--json").json()] == ["Other", "Hold"]


def test_a_change_leaves_what_it_does_not_name(command: Command) -> None:
    made = add(command, "Hold", "--trigger=order_new", "--hold=10", "--when=countries=US")

    changed = command("automations", "change", "Hold", "--name=Longer", "--hold=20", "--off", "--json").json()

    kept = made["rule"] | {
        "name": "Longer",
        "on": False,
        "actions": [{"hold": {"minutes": 20, "reason": ""}}],
    }
    assert (changed["id"], changed["rule"]) == (made["id"], kept)


def test_rules_are_moved_and_removed(command: Command) -> None:
    for name in ("a", "b"):
        add(command, name, "--trigger=order_new", "--cancel=other")

    assert "is asked at place 1 now" in command("automations", "move", "b", "1").out
    assert "“a” is removed" in command("automations", "remove", "a").out
    assert [each["rule"]["name"] for each in command("automations", "--json").json()] == ["b"]
    assert command("automations", "log", "b", "--json").json()["items"] == []


def test_the_secret_is_shown_and_changed(command: Command) -> None:
    first = command("automations", "secret").out.strip()

    assert command("automations", "secret", "--json").json() == {"secret": first}
    assert command("automations", "secret", "--rotate").out.strip() not in ("", first)


MISTAKES = {
    ("add", "X"): "trigger: Field required",
    ("add", "X", "--trigger=order_new"): "actions: Field required",
    ("add", "X", "--trigger=never", "--cancel=other"): "trigger: Input should be",
    ("add", "X", "--trigger=order_new", "--hold=soon"): "actions.0.hold.minutes: Input should be",
    ("add", "X", "--trigger=order_new", "--hold=-5"): "actions.0.hold.minutes: -5 is not between",
    ("add", "X", "--trigger=order_new", "--cancel=bored"): "actions.0.cancel.reason: Input should be",
    ("add", "X", "--trigger=order_new", "--set=review"): "--set: 'review' is not FIELD=VALUE",
    ("add", "X", "--trigger=order_new", "--set=price=1"): "choose from shipping_method, note, review",
    ("add", "X", "--trigger=order_new", "--when=US", "--cancel=other"): "'US' is not FIELD=VALUE",
    ("add", "X", "--trigger=order_new", "--when=land=US", "--cancel=other"): "choose from channels",
    ("add", "X", "--trigger=order_new", "--title=Hi"): "--title: is told nobody",
    ("add", "X", "--file=x.yaml"): "leave the other options out",
    ("change", "nobody", "--off"): "there is no automation 'nobody'; there are: none yet",
    ("change", "nobody"): "Say what to change",
    ("show", "nobody"): "there is no automation",
    ("move", "nobody", "1"): "there is no automation",
    ("remove", "nobody"): "there is no automation",
    ("log", "nobody"): "there is no automation",
}


def test_a_mistake_names_the_field_and_the_fix(command: Command) -> None:
    for words, said in MISTAKES.items():
        done = command("automations", *words)
        assert (done.code, done.out) == (1, ""), words
        assert said in " ".join(done.err.split()), words

    assert command("automations", "--json").json() == []


def test_notifications_are_listed_shown_and_sent_once_more(command: Command) -> None:
    told = Message("ntf_1", Kind.EMAIL, "desk@example.com", "Order 1 is new", '{"rule":"Tell"}')
    hub = Hub.open(config())
    with hub.database.serial() as tx:
        task = Task(HUB, hub.clock(), hub.cipher)
        outbox.add(tx, task, [told], About("order", "ord_1"))
        outbox.not_sent(tx, task, told, "no answer")
    hub.close()

    assert "Order 1 is new — no answer" in command("notifications").out
    assert command("notifications", "list", "--state=failed", "--json").json()["items"] == []
    shown = command("notifications", "show", "ntf_1")
    assert ("no answer" in shown.out, "rule: Tell" in shown.out) == (True, True)
    assert command("notifications", "retry", "ntf_1", "--json").json() == {"retried": 1}
    assert command("notifications", "show", "ntf_1", "--json").json()["attempts"] == 0
    for words in (("show", "ntf_2"), ("retry", "ntf_2")):
        assert command("notifications", *words).code == 1


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"SMTP_URL": "smtp://me:hidden@mail.example.com"}, "CROSSDOCK_MAIL_FROM: is missing"),
        ({"SMTP_URL": "mail:hidden", "MAIL_FROM": "hub@example.com"}, "is no address of a mail server"),
    ],
)
def test_a_mail_server_that_cannot_be_is_said_at_once(
    command: Command, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], said: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(f"CROSSDOCK_{name}", value)

    done = command("automations")

    assert (done.code, said in done.err, "hidden" in done.err) == (1, True, False)


def test_the_file_of_the_document_is_accepted(command: Command, tmp_path: Path) -> None:
    text = DOCUMENT.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    file = tmp_path / "hub.yaml"
    file.write_text(text.replace("channels: [my-shop], ", ""))
    wanted = read(text).automations or []

    assert command("apply", str(file)).code == 0

    kept = [each["rule"]["name"] for each in command("automations", "--json").json()]
    assert kept == [each.name for each in wanted]
    assert "Nothing to change" in command("apply", str(file)).out
