"""Changes what is set up in one step: thought through first, refused where it contradicts itself, and kept as a version."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from crossdock.connectors.contract import Connector
from crossdock.connectors.settings import Choice, ConnectorSettings
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations.catalog import left_on_sale
from crossdock.operations.events import Event, Subject, record
from crossdock.operations.orders import cancellation_push
from crossdock.operations.setup import (
    connecting,
    contradictions,
    effects,
    integrations,
    settings_versions,
    spec,
    spec_automations,
    spec_locations,
    spec_methods,
    spec_routing,
    switching,
)
from crossdock.operations.setup.contradictions import Wired
from crossdock.operations.setup.effects import Effect, Situation
from crossdock.operations.setup.integrations import Integration, Status
from crossdock.operations.setup.settings_versions import Changed
from crossdock.operations.setup.spec import Checked, Difference, Spec, SpecError
from crossdock.operations.stock import location_map, stock_owner
from crossdock.operations.task import HUB, SourcesOfTruth, Task
from crossdock.store.cipher import Cipher
from crossdock.store.codec import pack
from crossdock.store.database import Transaction

DIRECTIONS = (Direction.PULL, Direction.PUSH)
TAKES_REQUESTS = (Direction.PUSH, Entity.SHIPPING_REQUESTS)


@dataclass(frozen=True)
class Kit:
    """What a plan is made with."""

    cipher: Cipher
    build: Callable[[Integration], Connector]
    """The connector of an integration, be it one that is not stored yet."""


@dataclass(frozen=True, slots=True)
class State:
    """Everything that is set up."""

    truth: SourcesOfTruth
    integrations: Mapping[str, Integration]


@dataclass(frozen=True, slots=True)
class Plan:
    """A change that contradicts nothing, seen from the state that it was made for."""

    wanted: Spec
    parts: tuple[Checked, ...]
    before: State
    after: State
    was: Situation
    becomes: Situation
    resyncs: tuple[FlowKey, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a change does, value by value, and what follows from it."""

    differences: tuple[Difference, ...]
    effect: Effect


def state(tx: Transaction) -> State:
    return State(integrations.truth(tx), {each.name: each for each in integrations.every(tx)})


def plan(before: State, wanted: Spec, parts: list[Checked], kit: Kit) -> Plan:
    """Think a change through without I/O. Raises SpecError for what contradicts itself or cannot be."""
    after = State(spec.sources(wanted, before.truth), {**before.integrations, **_changed(before, parts, kit)})
    was, becomes = (
        Situation(each.truth, {name: wired(one, kit) for name, one in each.integrations.items()})
        for each in (before, after)
    )
    warehouses = [name for name, one in becomes.wired.items() if TAKES_REQUESTS in one.flows]
    spec.refuse_unknown_places(wanted, list(after.integrations), warehouses)
    spec_routing.refuse(wanted.routing or [], list(after.integrations))
    spec_methods.refuse(wanted.shipping_methods or [], list(after.integrations), warehouses)
    spec_automations.refuse(wanted.automations or [], list(after.integrations))
    contradictions.refuse(list(becomes.wired.values()), becomes.truth)
    contradictions.refuse_impossible(was.wired, list(becomes.wired.values()))
    resyncs = tuple(_resyncs(parts, becomes.wired))
    return Plan(wanted, tuple(parts), before, after, was, becomes, resyncs)


def unread(tx: Transaction, plan: Plan) -> list[str]:
    """Connected integrations whose catalog has to be read before the effect of the plan can be told."""
    sides = {side for way in effects.new_ways(plan.was, plan.becomes) for side in way}
    known = plan.before.integrations
    return sorted(
        name
        for name in sides
        if name in known and known[name].status is Status.CONNECTED and not switching.is_read(tx, name)
    )


def propose(tx: Transaction, plan: Plan, kit: Kit) -> Proposal:
    """What the plan would do to the hub as it is."""
    found = spec.differences(tx, plan.wanted, list(plan.parts), kit.cipher)
    return Proposal(tuple(found), effects.effect(tx, plan.was, plan.becomes, resyncs=plan.resyncs))


def carry_out(tx: Transaction, plan: Plan, proposal: Proposal, task: Task, *, reason: str = "") -> None:
    """Do it, in one transaction. Raises SpecError where somebody else changed something since the plan was made."""
    _refuse_stale(tx, plan)
    truth, was = plan.after.truth, plan.before.truth
    if truth != was:
        integrations.set_truth(tx, truth)
        integrations.fence_all(tx)
    for part in plan.parts:
        _save(tx, plan, part, replace(task, integration=part.name))
    if truth.inventory != was.inventory:
        stock_owner.hand_over(tx, replace(task, truth=truth), former=was.inventory)
    for place in plan.wanted.locations:
        spec_locations.bring(tx, replace(task, truth=truth), place)
    _record(tx, plan, proposal, task, reason)
    touched = {difference.where for difference in proposal.differences}
    for name, one in plan.becomes.wired.items():
        has_changed = truth != was or f"integration {name}" in touched
        if has_changed or any(part.name == name for part in plan.parts):
            integrations.configure_flows(tx, name, one.flows, one.refusals, has_changed=has_changed)
            of_it = replace(task, integration=name, truth=truth, rules=one.rules)
            connecting.tell_refusals(tx, of_it)
            location_map.check(tx, of_it)
            left_on_sale.close_settled(tx, of_it, name)
            if not one.rules.pushes_cancellations:
                cancellation_push.stop(tx, of_it)
    _bring_lists(tx, plan.wanted, replace(task, truth=truth))
    for flow in plan.resyncs:
        integrations.restart_flow(tx, flow)


def _bring_lists(tx: Transaction, wanted: Spec, task: Task) -> None:
    """What the file gives as a whole list, or leaves as it is."""
    if wanted.routing is not None:
        spec_routing.bring(tx, task, wanted.routing)
    if wanted.shipping_methods is not None:
        spec_methods.bring(tx, task, wanted.shipping_methods)
    if wanted.automations is not None:
        spec_automations.bring(tx, task, wanted.automations)


def wired(integration: Integration, kit: Kit) -> Wired:
    """What the settings of an integration turn on, and what its account, once it is known, refuses."""
    connector = kit.build(integration)
    flows = connector.flows()
    is_known = integration.status is Status.CONNECTED
    return Wired(
        name=integration.name,
        title=connector.title,
        flows=flows,
        refusals={(d, e): why for d, e in flows if is_known and (why := connector.refusal(d, e))},
        chosen=_labels(connector.toolbox.settings),
        rules=connector.rules(),
    )


def _labels(settings: ConnectorSettings) -> dict[Entity, str]:
    found = {}
    for entity in Entity:
        info = type(settings).model_fields.get(entity.value)
        if info is not None:
            value = getattr(settings, entity.value)
            found[entity] = value.label if isinstance(value, Choice) else info.title or entity.value
    return found


def _changed(before: State, parts: list[Checked], kit: Kit) -> dict[str, Integration]:
    return {part.name: _integration(before.integrations.get(part.name), part, kit) for part in parts}


def _integration(old: Integration | None, part: Checked, kit: Kit) -> Integration:
    """The integration as the part would have it; other credentials have to be connected anew."""
    place = f"integrations.{part.name}"
    if old is not None and old.connector != part.connector:
        raise SpecError(f"{place}.connector: it is {old.connector}; use another name for a new one")
    if old is not None and (part.credentials is None or part.credentials == old.secrets(kit.cipher)):
        return replace(old, settings=part.settings)
    if part.credentials is None:
        raise SpecError(f"{place}.credentials: are needed for a new integration")
    sealed = kit.cipher.encrypt(pack(part.credentials))
    if old is not None:
        why = "Credentials were changed; connect again"
        return replace(
            old,
            settings=part.settings,
            credentials=sealed,
            status=Status.NOT_CONFIGURED,
            status_reason=why,
        )
    new = Integration(
        name=part.name,
        connector=part.connector,
        status=Status.NOT_CONFIGURED,
        status_reason="",
        settings=part.settings,
        facts={},
        credentials=sealed,
        tokens=None,
        checked_at=None,
    )
    return replace(new, status=Status.CONNECTED) if kit.build(new).is_built_in else new


def _resyncs(parts: list[Checked], becomes: Mapping[str, Wired]) -> Iterator[FlowKey]:
    """The flows that the buttons which were pressed restart: those of the direction that is on."""
    for part in parts:
        for key, what in part.pressed.items():
            entity, one = Entity(what), becomes[part.name]
            on = [FlowKey(part.name, way, entity) for way in DIRECTIONS if one.runs(way, entity)]
            if not on:
                raise SpecError(
                    f"integrations.{part.name}.settings.{key}: there is nothing to do again, since neither pulling "
                    f"nor pushing {entity} is on for {part.name}"
                )
            yield from on


def _refuse_stale(tx: Transaction, plan: Plan) -> None:
    """Only what a plan depends on counts: tokens and facts may be renewed at any time."""
    now = state(tx)
    if now.truth != plan.before.truth or _essence(now) != _essence(plan.before):
        raise SpecError("Somebody else changed what is set up at the same moment; look at it and try again")


def _essence(state: State) -> dict[str, Any]:
    return {
        name: (one.connector, one.settings, one.credentials, one.status)
        for name, one in state.integrations.items()
    }


def _save(tx: Transaction, plan: Plan, part: Checked, task: Task) -> None:
    old, new = plan.before.integrations.get(part.name), plan.after.integrations[part.name]
    if new == old:
        return
    values: dict[str, Any] = {"settings": new.settings}
    told = ""
    if old is None:
        told = f"Added as an account of {part.connector}"
        integrations.add(tx, part.name, part.connector, new.credentials, now=task.now)
        if new.status is Status.CONNECTED:
            values |= {"status": new.status, "status_reason": ""}
    elif new.credentials != old.credentials:
        told = "Credentials were changed"
        values |= {
            "credentials": new.credentials,
            "status": new.status,
            "status_reason": new.status_reason,
        }
    integrations.change(tx, part.name, now=task.now, **values)
    if told:  # a version has the settings only
        record(tx, task, [Event(Subject.INTEGRATION, part.name, told)])


def _record(tx: Transaction, plan: Plan, proposal: Proposal, task: Task, reason: str) -> None:
    """One version for each integration whose settings change, and one for the sources of truth."""
    before, after = truth_as_values(plan.before.truth), truth_as_values(plan.after.truth)
    changes = [Changed(HUB, before, after, _summary(proposal, spec.OF_THE_HUB, reason))]
    for part in plan.parts:
        old = plan.before.integrations.get(part.name)
        summary = _summary(proposal, f"integration {part.name}", reason)
        was = part.defaults | old.settings if old else {}
        changes.append(Changed(part.name, was, part.settings, summary))
    pressed = {part.name for part in plan.parts if part.pressed}
    for change in changes:
        if dict(change.before) != dict(change.after) or change.integration in pressed:
            settings_versions.record(tx, change, actor=task.actor, now=task.now)


def _summary(proposal: Proposal, where: str, reason: str) -> str:
    told = "; ".join(
        f"{each.what}: {each.before or '(empty)'} → {each.after or '(empty)'}"
        for each in proposal.differences
        if each.where == where
    )
    return f"{reason}: {told}" if reason else told


def truth_as_values(truth: SourcesOfTruth) -> dict[str, Any]:
    return {"catalog": truth.catalog, "inventory": truth.inventory, "overrides": list(truth.overrides)}
