"""Writes docs/connectors/: for each connector its flows, all its settings, and every endpoint that it calls."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic.fields import FieldInfo

from connectors.bigcommerce import calls as bigcommerce_calls
from connectors.bigcommerce import scripted as bigcommerce
from connectors.flat_files import bench as flat_files
from connectors.manual_warehouse import manual_bench
from connectors.samples import RecordingHttp, Request, Sample
from connectors.shipstation import bench as shipstation
from connectors.shipstation import calls as shipstation_calls
from connectors.tiktok_shop import calls as tiktok_calls
from connectors.tiktok_shop import tiktok_bench
from crossdock.connectors.bigcommerce.client import Client as BigCommerceClient
from crossdock.connectors.contract import Connector, Toolbox
from crossdock.connectors.flat_files.connector import FlatFiles
from crossdock.connectors.manual_warehouse.connector import ManualWarehouse
from crossdock.connectors.registry import CONNECTORS
from crossdock.connectors.settings import ConnectorSettings, Described, When, choices_of, described
from crossdock.connectors.shipstation.client import Client as ShipStationClient
from crossdock.connectors.tiktok_shop.client import Client as TikTokClient
from support.sources import ROOT

FOLDER = ROOT / "docs" / "connectors"
PAGE_SIZES = ("limit", "page_size", "pageSize")
# Segments that stand for a record: numbers, except the versions that TikTok Shop writes into its paths.
RECORD = re.compile(r"(?<=/)(?!20\d{4}/)\d+(?=/|$)")
VERSION = re.compile(r"/(v\d|20\d{4})/")


@dataclass(frozen=True)
class Subject:
    """What is needed to tell of one connector."""

    kind: type[Connector]
    file: str
    samples: Sequence[Sample]
    request_of: Callable[[Sample], Request]
    client: type
    toolbox: Callable[..., Toolbox]
    source: str


SUBJECTS = (
    Subject(
        CONNECTORS["bigcommerce"],
        "bigcommerce.md",
        bigcommerce_calls.SAMPLES,
        bigcommerce_calls.request_of,
        BigCommerceClient,
        lambda **settings: bigcommerce.toolbox(RecordingHttp(), **settings),
        "the platform's published OpenAPI files",
    ),
    Subject(
        CONNECTORS["tiktok_shop"],
        "tiktok-shop.md",
        tiktok_calls.SAMPLES,
        tiktok_calls.request_of,
        TikTokClient,
        lambda **settings: tiktok_bench.Bench(RecordingHttp()).toolbox(**settings),
        "a description of the API that was put together from public sources, since the platform publishes none",
    ),
    Subject(
        CONNECTORS["manual_warehouse"],
        "manual-warehouse.md",
        (),
        manual_bench.request_of,
        ManualWarehouse,
        manual_bench.toolbox,
        "nothing",
    ),
    Subject(
        CONNECTORS["shipstation"],
        "shipstation.md",
        shipstation_calls.SAMPLES,
        shipstation_calls.request_of,
        ShipStationClient,
        lambda **settings: shipstation.toolbox(RecordingHttp(), **settings),
        "a list of calls, filters and fields that was put together from the platform's published pages",
    ),
    Subject(
        CONNECTORS["flat_files"],
        "flat-files.md",
        (),
        manual_bench.request_of,
        FlatFiles,
        flat_files.toolbox,
        "nothing",
    ),
)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for subject in SUBJECTS:
        (FOLDER / subject.file).write_text(document(subject), encoding="utf-8")
        sys.stdout.write(f"Wrote {(FOLDER / subject.file).relative_to(ROOT)}\n")


def document(subject: Subject) -> str:
    """The whole page. It is written from the code; `make coverage-table` writes it again."""
    parts = [
        f"# {subject.kind.title}",
        "This page is written by `make coverage-table` from the connector itself: change the code, not the page.",
        *_flows(subject),
        *_credentials(subject.kind),
        *_settings(subject.kind.settings_type),
        *_endpoints(subject),
    ]
    return "\n\n".join(parts) + "\n"


# Flows


def _flows(subject: Subject) -> Iterator[str]:
    yield "## Flows"
    yield "A flow that is off reads nothing and writes nothing. Each of these settings turns a flow on:"
    started = flows_by_setting(subject)
    rows = [
        (f"{direction.capitalize()} {entity}", "<br>".join(started.get((direction, entity), ["—"])))
        for direction, entity in subject.kind(subject.toolbox()).flows()
    ]
    yield table(("Flow", "Turned on by"), sorted(rows))


def flows_by_setting(subject: Subject) -> dict[tuple[str, str], list[str]]:
    """Which settings turn a flow on, found out by trying each one with what it needs to matter."""
    form, started = subject.kind.settings_type, dict[tuple[str, str], list[str]]()
    if subject.kind.is_built_in:
        started |= {(way, str(entity)): ["always"] for way, entity in subject.kind(subject.toolbox()).flows()}
    for name, info in form.model_fields.items():
        for value in _trials(info):
            needed = _needed(form, name) | {name: value}
            flows = subject.kind(subject.toolbox(**needed)).flows()
            without = subject.kind(subject.toolbox(**_needed(form, name))).flows()
            for flow, is_on in flows.items():
                if is_on and not without[flow]:
                    started.setdefault((flow[0], str(flow[1])), []).append(_told(info, value))
    return started


def _trials(info: FieldInfo) -> Iterator[Any]:
    if info.annotation is bool:
        yield not info.get_default()
    yield from choices_of(info)


def _needed(form: type[ConnectorSettings], name: str) -> dict[str, Any]:
    """The values of other settings without which this one does not matter."""
    extra = form.model_fields[name].json_schema_extra
    when = extra.get("when") if isinstance(extra, dict) else None
    if not isinstance(when, When):
        return {}
    return _needed(form, when.setting) | {when.setting: when.values[0]}


def _told(info: FieldInfo, value: Any) -> str:
    shown = getattr(value, "label", "on" if value else "off")
    return f"**{info.title}**: {shown}"


# Credentials and settings


def _credentials(kind: type[Connector]) -> Iterator[str]:
    yield "## Connection"
    if not kind.credentials_type.model_fields:
        yield kind.guidance
        return
    yield table(
        ("Field", "Where it is found"),
        [
            (f"**{info.title}**", info.description or "")
            for info in kind.credentials_type.model_fields.values()
        ],
    )


def _settings(form: type[ConnectorSettings]) -> Iterator[str]:
    yield "## Settings"
    yield "The key is what files, the API and `crossdock settings` know a setting by."
    groups: dict[str, list[Described]] = {}
    for one in described(form):
        groups.setdefault(one.group, []).append(one)
    for group, settings in groups.items():
        yield f"### {group}"
        yield table(
            ("Setting", "Key", "Choices", "Default", "Effect"),
            [(f"**{s.title}**", f"`{s.key}`", _choices(s), _default(s), _effect(s)) for s in settings],
        )


def _choices(setting: Described) -> str:
    if setting.choices:
        return "<br>".join(f"**{label}** (`{value}`)" for value, label in setting.choices)
    return setting.kind


def _default(setting: Described) -> str:
    if isinstance(setting.default, bool):
        return "on" if setting.default else "off"
    if setting.choices:
        return dict(setting.choices)[setting.default]
    if isinstance(setting.default, Mapping):
        return ", ".join(f"{name}: {value}" for name, value in setting.default.items()) or "empty"
    return "empty" if setting.default in (None, "", ()) else str(setting.default)


def _effect(setting: Described) -> str:
    return f"{setting.help} Only while {setting.when}." if setting.when else setting.help


# Endpoints


def _endpoints(subject: Subject) -> Iterator[str]:
    yield "## Endpoints"
    if not subject.samples:
        yield "It makes no calls over HTTP."
        return
    yield (
        "Every call that the connector can make. *Described* says whether the tests hold a request of this kind "
        f"against {subject.source}. Urgent calls go before the others when the platform's quota runs short."
    )
    head = ("Call", "Version", "Purpose", "Flow", "Lane", "Limit", "Described")
    yield table(head, sorted(endpoint_rows(subject)))


def endpoint_rows(subject: Subject) -> Iterator[tuple[str, ...]]:
    """A row per endpoint and purpose; the samples of one method differ in nothing that is told here."""
    seen = set()
    for sample in subject.samples:
        request = subject.request_of(sample)
        place = RECORD.sub("{id}", request.path)
        if (key := (request.method, place, sample.id)) in seen:
            continue
        seen.add(key)
        version = VERSION.search(request.path)
        yield (
            f"`{request.method} {place}`",
            version[1] if version else "",
            purpose(sample, subject.client),
            sample.flow,
            request.lane,
            sample.limit or _page(request),
            sample.undocumented or "yes",
        )


def purpose(sample: Sample, client: type) -> str:
    """The method's name, and the first sentence of its docstring where it has one."""
    name = sample.method.replace("_", " ").capitalize()
    words = " ".join((inspect.getdoc(getattr(sample.of or client, sample.method)) or "").split())
    first = re.split(r"(?<=[.:;])\s", words)[0].rstrip(".:;")
    if not first:
        return name
    return f"{name}: {first if first[1:2].isupper() else first[0].lower() + first[1:]}"


def _page(request: Request) -> str:
    size = next((request.query[name] for name in PAGE_SIZES if name in request.query), "")
    return f"{int(size):,} a page" if size and int(size) > 1 else ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


if __name__ == "__main__":
    main()
