"""Commands about automations: rules, what they have done, and the notifications that they send."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Annotated, Any

import typer
import yaml

from crossdock.cli.changing import content
from crossdock.cli.explaining import found
from crossdock.cli.failures import CommandError, ListsByDefault
from crossdock.cli.output import After, AsJson, Limit, answer, moment, more
from crossdock.cli.session import acting, open_hub
from crossdock.cli.tables import table
from crossdock.domain.automations import Rule
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations.automations import listing, outbox, rules, signing
from crossdock.operations.automations.outbox import NotificationState
from crossdock.operations.setup.spec_automations import AutomationSpec, ConditionsSpec
from crossdock.operations.task import HUB
from crossdock.sync import lease

commands = typer.Typer()
automations = typer.Typer(cls=ListsByDefault)
notifications = typer.Typer(cls=ListsByDefault)
commands.add_typer(
    automations, name="automations", help="Show, add, change or remove rules that act by themselves."
)
commands.add_typer(
    notifications, name="notifications", help="Show what automations told whom, or send it once more."
)

WITHOUT_END = "always"
SENDING = FlowKey(HUB, Direction.PUSH, Entity.NOTIFICATIONS)

Automation = Annotated[str, typer.Argument(help="The automation, by its name or number.")]
Notification = Annotated[str, typer.Argument(help="The id of the notification.")]
File = Annotated[
    str, typer.Option(help="The whole automation as a file, as show prints it; - reads standard input.")
]
Trigger = Annotated[str | None, typer.Option(help="At what it is asked, such as order_new or exception.")]
When = Annotated[
    list[str] | None,
    typer.Option(help="FIELD=VALUE, several values by comma, as often as needed: countries=US,CA."),
]
Hold = Annotated[str | None, typer.Option(help=f"Hold the order for so many minutes, or {WITHOUT_END!r}.")]
Cancel = Annotated[str | None, typer.Option(help="Cancel what is open, for this reason, such as other.")]
AddTag = Annotated[list[str] | None, typer.Option("--tag", help="Give the order a tag.")]
DropTag = Annotated[list[str] | None, typer.Option("--untag", help="Take a tag off the order.")]
SetValue = Annotated[
    list[str] | None, typer.Option("--set", help="shipping_method=NAME, note=TEXT or review=required.")
]
Email = Annotated[list[str] | None, typer.Option(help="Tell this address.")]
Url = Annotated[str | None, typer.Option(help="Tell this webhook.")]
Title = Annotated[str | None, typer.Option(help="The title of what is told; may name {order}, {status}, …")]


@automations.command("list")
def list_automations(as_json: AsJson = False) -> None:
    """Automations in the order in which they are asked: the first that is meant acts."""
    with open_hub() as hub, hub.database.reading() as tx:
        there = rules.every(tx)
    documents = [_document(rule, place) for place, rule in enumerate(there, start=1)]
    rows = [
        (place, rule.id, rule.name, rule.trigger, rule.is_on, rule.is_once)
        for place, rule in enumerate(there, start=1)
    ]
    notes = [(rule.name, "; ".join(str(action) for action in rule.actions)) for rule in there]
    columns = ("Place", "Number", "Name", "Trigger", "On", "Once")
    answer(documents, table("Automations", columns, rows, notes=notes, gives_way=("Once",)), as_json=as_json)


@automations.command()
def show(automation: Automation, as_json: AsJson = False) -> None:
    """One automation, as a file that add and change take."""
    with open_hub() as hub, hub.database.reading() as tx:
        place, rule = rules.get(tx, rules.find(tx, automation).id)
    written = yaml.safe_dump(AutomationSpec.of_rule(rule).as_written(), sort_keys=False, allow_unicode=True)
    answer(_document(rule, place), written.rstrip("\n"), as_json=as_json)


@automations.command()
def add(  # noqa: PLR0913  # each is one part of a rule
    name: Annotated[str, typer.Argument(help="Its name; not with --file.")] = "",
    file: File = "",
    trigger: Trigger = None,
    when: When = None,
    hold: Hold = None,
    cancel: Cancel = None,
    tag: AddTag = None,
    untag: DropTag = None,
    set_value: SetValue = None,
    email: Email = None,
    url: Url = None,
    title: Title = None,
    off: Annotated[bool, typer.Option("--off", help="Add it switched off.")] = False,
    every_time: Annotated[
        bool, typer.Option("--every-time", help="Let it act on the same record again.")
    ] = False,
    place: Annotated[int | None, typer.Option(min=1, help="Its place, from 1; the last if left out.")] = None,
    as_json: AsJson = False,
) -> None:
    """Add an automation, from options or from a file."""
    actions = _actions(hold, cancel, tag, untag, set_value) + _telling(email, url, title)
    given: dict[str, Any] = {"name": name, "trigger": trigger, "filters": _filters(when), "actions": actions}
    given = {key: value for key, value in given.items() if value} | {"once": not every_time, "on": not off}
    if file and (name or trigger or when or actions):
        raise CommandError("--file has the whole automation; leave the other options out")
    wanted = AutomationSpec.read(content(file)) if file else AutomationSpec.of(given)
    with open_hub() as hub, hub.database.serial() as tx:
        added = rules.add(tx, acting(hub, tx), wanted.as_rule(), place=place)
        at, rule = rules.get(tx, added)
    answer(_document(rule, at), f"Automation {added} “{rule.name}” is added at place {at}.", as_json=as_json)


@automations.command()
def change(  # noqa: PLR0913  # each is one part of a rule
    automation: Automation,
    file: File = "",
    name: Annotated[str | None, typer.Option(help="Another name.")] = None,
    trigger: Trigger = None,
    when: When = None,
    hold: Hold = None,
    cancel: Cancel = None,
    tag: AddTag = None,
    untag: DropTag = None,
    set_value: SetValue = None,
    email: Email = None,
    url: Url = None,
    title: Title = None,
    on: Annotated[bool | None, typer.Option("--on/--off", help="Whether it is asked at all.")] = None,
    once: Annotated[
        bool | None, typer.Option("--once/--every-time", help="Whether it acts on each record once only.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change an automation. Filters or actions that are named replace all that there were; the rest stays."""
    actions = _actions(hold, cancel, tag, untag, set_value) + _telling(email, url, title)
    given: dict[str, Any] = {"name": name, "trigger": trigger, "on": on, "once": once}
    given |= {"filters": _filters(when) or None, "actions": actions or None}
    given = {key: value for key, value in given.items() if value is not None}
    if bool(file) is bool(given):
        raise CommandError("Say what to change by options, or give the whole automation with --file")
    with open_hub() as hub, hub.database.serial() as tx:
        was = rules.find(tx, automation)
        before = AutomationSpec.of_rule(was).as_written()
        wanted = AutomationSpec.read(content(file)) if file else AutomationSpec.of(before | given)
        rules.change(tx, acting(hub, tx), wanted.as_rule(number=was.id))
        at, rule = rules.get(tx, was.id)
    answer(_document(rule, at), f"Automation {rule.id} “{rule.name}” is changed.", as_json=as_json)


@automations.command()
def move(
    automation: Automation,
    place: Annotated[int, typer.Argument(help="Its place from now on, counted from 1.")],
    as_json: AsJson = False,
) -> None:
    """Have an automation asked earlier or later."""
    with open_hub() as hub, hub.database.serial() as tx:
        rule = rules.find(tx, automation)
        rules.move(tx, acting(hub, tx), rule, place=place)
    answer(
        _document(rule, place), f"Automation “{rule.name}” is asked at place {place} now.", as_json=as_json
    )


@automations.command()
def remove(automation: Automation, as_json: AsJson = False) -> None:
    """Remove an automation and its log. What it did to records stays on their timelines."""
    with open_hub() as hub, hub.database.serial() as tx:
        rule = rules.find(tx, automation)
        rules.remove(tx, acting(hub, tx), rule)
    answer({"id": rule.id, "removed": True}, f"Automation “{rule.name}” is removed.", as_json=as_json)


@automations.command()
def log(
    automation: Annotated[str, typer.Argument(help="Of this automation only.")] = "",
    limit: Limit = 50,
    after: After = "",
    as_json: AsJson = False,
) -> None:
    """What automations have done, the latest first."""
    with open_hub() as hub, hub.database.reading() as tx:
        only = rules.find(tx, automation).id if automation else None
        listed = listing.firings(tx, automation=only, after=after, limit=limit)
    rows = [(f.id, f.at, f.automation, f.record_kind, f.record_id) for f in listed.items]
    columns = ("Id", "At", "Automation", "Of", "Record")
    shown = table("Done", columns, rows, notes=[(f.id, f.what) for f in listed.items], gives_way=("Of",))
    answer(listed, shown, *more(listed.next), as_json=as_json)


@automations.command()
def secret(
    rotate: Annotated[
        bool, typer.Option("--rotate", help="Make a new one, which is used from now on.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show the secret that webhooks of the hub are signed with."""
    fresh = secrets.token_urlsafe(32)
    with open_hub() as hub, hub.database.serial() as tx:
        get = signing.rotate if rotate else signing.secret
        shown = get(tx, hub.cipher, fresh=fresh)
    answer({"secret": shown}, shown, as_json=as_json)


@notifications.command("list")
def list_notifications(
    state: Annotated[NotificationState | None, typer.Option(help="In this state only.")] = None,
    limit: Limit = 50,
    after: After = "",
    as_json: AsJson = False,
) -> None:
    """What automations have told, the latest first, and whether it has arrived."""
    with open_hub() as hub, hub.database.reading() as tx:
        listed = listing.notifications(tx, state=state, after=after, limit=limit)
    rows = [(n.id, n.created_at, n.kind, n.state, n.attempts, n.target) for n in listed.items]
    notes = [(n.id, f"{n.title} — {n.message}" if n.message else n.title) for n in listed.items]
    columns = ("Id", "Created", "Kind", "State", "Attempts", "To")
    shown = table("Notifications", columns, rows, notes=notes, gives_way=("Kind", "Created"))
    answer(listed, shown, *more(listed.next), as_json=as_json)


@notifications.command("show")
def show_notification(notification: Notification, as_json: AsJson = False) -> None:
    """One notification with all that it says."""
    with open_hub() as hub, hub.database.reading() as tx:
        shown = found(listing.notification(tx, notification), f"notification {notification}")
    rows = [
        ("To", shown.target),
        ("State", shown.state),
        ("Attempts", shown.attempts),
        ("Problem", shown.message),
        ("Created", moment(shown.created_at)),
        ("Again", moment(shown.again_at)),
        ("Sent", moment(shown.sent_at)),
    ]
    said = yaml.safe_dump(shown.body, sort_keys=False, allow_unicode=True).rstrip("\n")
    title = f"Notification {shown.id}"
    answer(shown, table(title, ("What", "Is"), [row for row in rows if row[1]]), said, as_json=as_json)


@notifications.command()
def retry(
    notification: Annotated[
        list[str], typer.Argument(help="The ids of notifications that have not arrived.")
    ],
    as_json: AsJson = False,
) -> None:
    """Send notifications that have not arrived once more, under the same ids."""
    with open_hub() as hub:
        with hub.database.serial() as tx:
            count = outbox.retry(tx, acting(hub, tx), notification)
        lease.want(hub.database, SENDING)
    answer({"retried": count}, f"Sent again next: {', '.join(notification)}", as_json=as_json)


def _document(rule: Rule, place: int) -> dict[str, Any]:
    return {
        "id": rule.id,
        "place": place,
        "does": [str(action) for action in rule.actions],
        "rule": AutomationSpec.of_rule(rule).model_dump(mode="json", exclude_none=True),
    }


def _filters(given: Sequence[str] | None) -> dict[str, Any]:
    """FIELD=VALUE as filters have them: lists by comma, and the same field again adds to them."""
    filters: dict[str, Any] = {}
    for each in given or ():
        name, equals, value = each.partition("=")
        if not equals:
            raise CommandError(f"--when: {each!r} is not FIELD=VALUE, such as countries=US")
        field = ConditionsSpec.model_fields.get(name)
        if field is not None and field.default == ():
            filters[name] = [*filters.get(name, []), *(part.strip() for part in value.split(","))]
        else:
            filters[name] = value
    return filters


def _actions(
    hold: str | None,
    cancel: str | None,
    tag: Sequence[str] | None,
    untag: Sequence[str] | None,
    changes: Sequence[str] | None,
) -> list[dict[str, Any]]:
    actions: list[dict[str, Any]] = []
    if hold is not None:
        actions.append({"hold": {} if hold == WITHOUT_END else {"minutes": hold}})
    if cancel is not None:
        actions.append({"cancel": {"reason": cancel}})
    if tag or untag:
        actions.append({"tag": {"add": list(tag or ()), "remove": list(untag or ())}})
    for each in changes or ():
        name, equals, value = each.partition("=")
        if not equals:
            raise CommandError(f"--set: {each!r} is not FIELD=VALUE, such as review=required")
        actions.append({"change": {name: value}})
    return actions


def _telling(emails: Sequence[str] | None, url: str | None, title: str | None) -> list[dict[str, Any]]:
    if not emails and not url:
        if title:
            raise CommandError("--title: is told nobody; add --email or --url")
        return []
    return [{"notify": {"emails": list(emails or ()), "url": url or "", "title": title or ""}}]
