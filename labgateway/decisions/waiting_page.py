"""The page that stands where the console will be, until a gateway runs."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from html import escape

NOT_RUNNING = (
    "no gateway is running; run the first cell of a notebook (lab = labgateway.start()),"
    " or `labgateway serve` in a terminal"
)
_AGAIN_MS = 2000
# The question is another path than the page's own, whose 503 would fill Jupyter's log.
_ASKING = (
    "const ask=document.currentScript.dataset.ask;setInterval(async()=>{try{"
    "const answer=await(await fetch(ask,{cache:'no-store'})).json();"
    f"if(answer.running)location.reload()}}catch{{}}}},{_AGAIN_MS})"
)
# JupyterLab's theme, when a JupyterLab of this origin is around the page, as in the console.
_THEME = (
    "try{const outer=parent.document.body,take=()=>{const light=outer.dataset.jpThemeLight;"
    "if(light)document.documentElement.dataset.theme=light==='true'?'light':'dark'};take();"
    "new MutationObserver(take).observe(outer,{attributeFilter:['data-jp-theme-light']})}catch{}"
)
_SCRIPT = f"{_ASKING};{_THEME}"
_STYLE = (
    ":root{color-scheme:light dark}:root[data-theme=light]{color-scheme:light}"
    ":root[data-theme=dark]{color-scheme:dark}"
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:34rem;padding:0 1rem}"
    "code{font-size:1.05em}li{margin:.4rem 0}"
)


@dataclass(frozen=True)
class WaitingPage:
    """The page, and the content security policy that lets it do what it does and no more."""

    html: str
    policy: str


def waiting_page(home: str, ask: str) -> WaitingPage:
    """What to do instead; the page asks every two seconds and opens the console when it is there.

    ``home`` is the directory whose gateway is looked for, ``ask`` the path that says whether one
    runs.
    """
    script = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
    style = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    return WaitingPage(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>No gateway is running</title>'
        f"<style>{_STYLE}</style></head><body><main>"
        "<h1>No gateway is running yet</h1>"
        "<p>The gateway runs in the kernel of a notebook; before the first cell has run, and after"
        " the kernel was restarted, there is none.</p><ul>"
        "<li>Run the first cell of a notebook: <code>lab = labgateway.start()</code></li>"
        "<li>or, in a terminal, <code>labgateway serve</code></li></ul>"
        '<p role="status">This page turns into the console by itself as soon as a gateway runs.</p>'
        f"<p>The gateway looked for keeps its state in <code>{escape(home)}</code>.</p>"
        f'</main><script data-ask="{escape(ask)}">{_SCRIPT}'
        "</script></body></html>",
        f"default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{style}';"
        " connect-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'",
    )
