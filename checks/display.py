"""How the lessons' results look: the same words as plain text and as accessible HTML."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Bundle = dict[str, str]

_CODE = re.compile(r"`([^`]+)`")


def inline(text: str) -> str:
    """Text as HTML: everything escaped, what stands between backticks as code."""
    return _CODE.sub(r"<code>\1</code>", html.escape(text))


def framed(heading: str, body: str, colour: str) -> str:
    """A box with a coloured edge; read out when it appears, colours from JupyterLab's theme."""
    style = (
        f"border-left:4px solid var({colour});padding:0.5em 1em;margin:0.5em 0;"
        "color:var(--jp-ui-font-color1);background:var(--jp-layout-color1)"
    )
    return f'<div role="status" style="{style}"><p><strong>{heading}</strong></p>{body}</div>'


def details(evidence: Mapping[str, Any]) -> str:
    """What a verdict rests on, folded away; "" when there is nothing."""
    if not evidence:
        return ""
    rows = "".join(
        f"<li><code>{html.escape(name)}</code>: {html.escape(_shown(value))}</li>"
        for name, value in evidence.items()
    )
    # A list, because JupyterLab gives <dl> columns that long names do not fit into.
    listed = f'<ul style="overflow-wrap:anywhere">{rows}</ul>'
    return f"<details><summary>What this rests on</summary>{listed}</details>"


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def listed(names: Iterable[str]) -> str:
    """Names as code, in the order they come in."""
    return ", ".join(f"`{name}`" for name in names)


@dataclass(frozen=True)
class Sheet:
    """Something to read that is not a verdict: a hint, a solution, what a reset did."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    code: str = ""

    def __str__(self) -> str:
        parts = [self.heading, *self.paragraphs, self.code.rstrip()]
        return "\n\n".join(part for part in parts if part)

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: Any) -> Bundle:
        body = "".join(f"<p>{inline(one)}</p>" for one in self.paragraphs)
        if self.code:
            body += f"<pre><code>{html.escape(self.code)}</code></pre>"
        heading = inline(self.heading)
        return {
            "text/plain": str(self),
            "text/html": framed(heading, body, "--jp-info-color1"),
        }
