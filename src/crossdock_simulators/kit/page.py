"""The HTML of the control page: server-rendered, complete in itself, readable in light and dark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape

from crossdock_simulators.kit.faults import KINDS, Fault
from crossdock_simulators.kit.journal import Entry

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
STYLE = """
:root{color-scheme:light dark; --line:#d7dbe0; --soft:#f4f6f8; --text:#1d2329; --quiet:#5b6672;
--accent:#1f5fbf; --bad:#b3261e; --page:#fff}
@media(prefers-color-scheme:dark){:root{--line:#363c44; --soft:#20252b; --text:#e6e9ec;
--quiet:#9aa5b1; --accent:#8ab4f8; --bad:#f28b82; --page:#16191d}}
*{box-sizing:border-box}
body{margin:0 auto; max-width:72rem; padding:1.5rem; background:var(--page); color:var(--text);
font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.4rem; margin:0 0 .25rem}
h2{font-size:1.05rem; margin:2rem 0 .5rem}
p{color:var(--quiet); margin:.25rem 0 .75rem}
a,summary{color:var(--accent)}
.scroll{overflow:auto; max-height:32rem; border:1px solid var(--line); border-radius:6px}
table{border-collapse:collapse; width:100%; font-size:.9rem}
th,td{text-align:left; padding:.3rem .6rem; border-bottom:1px solid var(--line); vertical-align:top}
th{color:var(--quiet); font-weight:600}
code{font-family:ui-monospace,monospace; font-size:.85em}
.long{overflow-wrap:anywhere}
.bad{color:var(--bad)}
.acts,form{display:flex; flex-wrap:wrap; gap:.5rem; align-items:end}
.acts{margin:.25rem 0 .75rem}
td .acts{margin:0}
details[open]{flex-basis:100%}
summary{padding:.35rem .2rem; cursor:pointer}
label{display:grid; gap:.15rem; font-size:.8rem; color:var(--quiet)}
input,select{font:inherit; width:9rem; height:2.2rem; padding:.3rem .5rem; border:1px solid var(--line);
border-radius:5px; background:var(--page); color:inherit}
button{font:inherit; padding:.35rem .8rem; border:1px solid var(--accent); border-radius:5px;
background:none; color:var(--accent); cursor:pointer}
button:hover{background:var(--soft)}
@media(max-width:40rem){
body{padding:1rem}
thead,td:empty{display:none}
tr,td{display:block}
tr{padding:.4rem .6rem; border-bottom:1px solid var(--line)}
td{border:0; padding:.1rem 0; overflow-wrap:anywhere}
td[data-name]::before{content:attr(data-name) ": "; color:var(--quiet); font-size:.8rem}
}
"""


def document(title: str, body: str) -> bytes:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{STYLE}</style></head><body><h1>{title}</h1>"
        "<p>A stand-in for the real platform, for tests and trials. Nothing here reaches anyone.</p>"
        f"{body}</body></html>"
    ).encode()


def section(heading: str, body: str) -> str:
    return f"<section><h2>{escape(heading)}</h2>{body}</section>"


def problem(message: str) -> bytes:
    return document("That did not work", f'<p class="bad">{escape(message)}</p><a href="/_sim/">Back</a>')


def form(action: str, fields: Iterable[str], button: str) -> str:
    """A POST form; `fields` come from the `…_field` functions."""
    inner = "".join(fields) + f"<button>{escape(button)}</button>"
    return f'<form method="post" action="{escape(action)}">{inner}</form>'


def acts(*parts: str) -> str:
    """Forms beside each other, folded ones last; empty ones are left out."""
    shown = "".join(sorted(parts, key=lambda part: part.startswith("<details>")))
    return f'<div class="acts">{shown}</div>' if shown else ""


def folded(summary: str, body: str) -> str:
    """What shows once `summary` is pressed."""
    return f"<details><summary>{escape(summary)}</summary>{body}</details>"


def text_field(label: str, name: str, value: object = "", *, hint: str = "") -> str:
    shown = f' placeholder="{escape(hint)}"' if hint else ""
    return f'<label>{escape(label)}<input name="{escape(name)}" value="{escape(str(value))}"{shown}></label>'


def hidden_field(name: str, value: object) -> str:
    return f'<input type="hidden" name="{escape(name)}" value="{escape(str(value))}">'


def choice_field(
    label: str, name: str, choices: Iterable[tuple[object, str]], *, chosen: object = None
) -> str:
    options = "".join(
        f'<option value="{escape(str(v))}"{" selected" if v == chosen else ""}>{escape(text)}</option>'
        for v, text in choices
    )
    return f'<label>{escape(label)}<select name="{escape(name)}">{options}</select></label>'


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A scrolling table, on a narrow screen a list of cards; the cells of `rows` are HTML already."""
    head = "".join(f"<th>{escape(heading)}</th>" for heading in headings)
    names = [f' data-name="{escape(heading)}"' if heading else "" for heading in headings]
    lines = "".join(
        "<tr>" + "".join(f"<td{name}>{cell}</td>" for name, cell in zip(names, row, strict=True)) + "</tr>"
        for row in rows
    )
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>'


def newest(shown: int, total: int, what: str) -> str:
    """Says so where a list is cut."""
    return f"<p>The newest {shown} of {total} {escape(what)}.</p>" if shown < total else ""


def clock(now: datetime) -> str:
    steps = ((60, "A minute"), (3600, "An hour"), (86_400, "A day"))
    buttons = [form("/_sim/clock", [hidden_field("advance_seconds", n)], f"{text} on") for n, text in steps]
    free = form("/_sim/clock", [text_field("Seconds", "advance_seconds", 600)], "Move")
    return f"<p>It is <code>{now:%Y-%m-%d %H:%M:%S} UTC</code> here.</p>{acts(*buttons, free)}"


def faults(waiting: Sequence[Fault]) -> str:
    fields = [
        choice_field("Kind", "kind", [(kind, kind.replace("_", " ")) for kind in KINDS]),
        choice_field("Method", "method", [("", "any"), *((name, name) for name in METHODS)]),
        text_field("Path (regex)", "path"),
        text_field("Times", "times", 1),
        text_field("Status", "status", 503),
    ]
    rows = [
        [
            escape(f.kind),
            escape(f.method.upper() if f.method else "any"),
            escape(f.path or "any"),
            str(f.times or "always"),
        ]
        for f in waiting
    ]
    listed = table(["Kind", "Method", "Path", "Times"], rows) if rows else "<p>None waiting.</p>"
    clear = form("/_sim/faults/clear", [], "Clear faults") if rows else ""
    return acts(form("/_sim/faults", fields, "Add fault")) + listed + acts(clear)


def log(entries: Sequence[Entry]) -> str:
    if not entries:
        return "<p>No request so far.</p>"
    rows = [
        [
            str(entry.number),
            f"{entry.time:%H:%M:%S}",
            _status(entry.status),
            escape(entry.fault),
            escape(entry.method),
            f'<span class="long"><code>{escape(entry.path)}</code><br>{escape(entry.query[:160])}</span>',
        ]
        for entry in reversed(entries)
    ]
    return table(["No.", "Time", "Status", "Fault", "Method", "Path"], rows)


def _status(status: int) -> str:
    kind = "bad" if status >= 400 or status == 0 else "good"
    return f'<span class="{kind}">{status}</span>'
