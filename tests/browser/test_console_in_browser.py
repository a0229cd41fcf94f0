"""The console in a real Chromium: every page, live, by keyboard, whatever a prompt holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from labgateway.decisions.exchange import Exchange
from labgateway.decisions.spans import Span
from labgateway.decisions.waiting_page import waiting_page
from tests.browser.jupyter_lab import CHROMIUM, Browser, chromium
from tests.conftest import BACKEND, ROUTE, Running, gateway_in
from tests.jupyter_server import jupyter_server

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(
        CHROMIUM is None, reason="no Chromium on this machine (Debian: apt-get install chromium)"
    ),
]

MORE = """
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: support, namespace: agentgateway-system}
spec:
  parentRefs: [{name: agentgateway}]
  rules:
  - matches: [{path: {type: PathPrefix, value: /support}}]
    backendRefs:
    - {name: gpt-4o, group: agentgateway.dev, kind: AgentgatewayBackend, weight: 3}
    - {name: openai-all-models, group: agentgateway.dev, kind: AgentgatewayBackend, weight: 1}
---
apiVersion: agentgateway.dev/v1alpha1
kind: AgentgatewayBackend
metadata: {name: gpt-4o, namespace: agentgateway-system}
spec:
  ai: {provider: {openai: {model: gpt-4o}}}
  policies: {auth: {secretRef: {name: openai-secret}}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: search, namespace: agentgateway-system}
spec:
  parentRefs: [{name: agentgateway}]
  rules:
  - matches: [{path: {type: PathPrefix, value: /search}}]
    backendRefs: [{name: not-there, group: agentgateway.dev, kind: AgentgatewayBackend}]
"""
SCRIPT = "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 2'>"
MARKUP = "</pre></td></table><h1>Not a heading</h1><style>body{display:none}</style>{{ 7 * 7 }}"
UNTRUSTED = {
    "script": SCRIPT,
    "markup": MARKUP,
    "right-to-left": "שלום \u202emoc.live\u202c عالم " * 20,
    "100 kB": "long " * 20_000,
    "one word of 100 kB": "x" * 100_000,
    "zero-width": "pay\u200bpal\u200d \ufeff\u2060 a\u0000b",
}
HIDDEN = set("\u202e\u202c\u200b\ufeff\u2060\u0000")
WIDE, PANE, NARROW = 1280, 544, 320
SEND = {"messages": [{"role": "user", "content": "What is an AI gateway?"}]}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A gateway with traffic of all kinds, bodies kept."""
    with gateway_in(tmp_path_factory.mktemp("home")) as started:
        started.apply(f"{ROUTE}---{BACKEND}---{MORE}")
        started.gateway.log_bodies(on=True)
        for number in range(30):
            started.ask(("/openai", "/support")[number % 3 == 0], stream=number % 2 == 0, **SEND)
        started.ask("/search")
        started.ask("/nowhere")
        yield started


@pytest.fixture(scope="module")
def browser(running: Running) -> Iterator[Browser]:
    """A page; at the end it must have asked this machine only, and nothing may have failed."""
    where = running.gateway.running
    complaints: list[str] = []
    with chromium(f"http://127.0.0.1:{where.admin_port}/{where.secret}/ui/") as started:
        started.page.on("pageerror", lambda error: complaints.append(str(error)))
        started.page.on("dialog", lambda dialog: complaints.append(dialog.message))
        yield started
        assert started.hosts <= {"127.0.0.1", "localhost"}
    assert complaints == []


@pytest.fixture
def page(browser: Browser) -> Page:
    """The page on the overview, wide, in light colours."""
    see(browser.page, WIDE, "light")
    browser.page.goto(browser.url)
    return browser.page


def see(page: Page, width: int, scheme: Literal["light", "dark"]) -> None:
    """How the reader looks at it."""
    page.set_viewport_size({"width": width, "height": 860})
    page.emulate_media(color_scheme=scheme)


def addresses(running: Running) -> list[str]:
    """One of each kind of page."""
    objects = [
        *("HTTPRoute/agentgateway-system/search", "AgentgatewayBackend/agentgateway-system/gpt-4o"),
        *("Gateway/agentgateway-system/agentgateway", "Secret/agentgateway-system/openai-secret"),
    ]
    traces = [running.exchanges[-1].trace_id, running.exchanges[0].trace_id]
    return [
        *("", "routes", "backends", "traces", "traces?range=custom&q=nothing", "try", "not/there"),
        *(f"resources/{one}" for one in objects),
        *(f"traces/{one}" for one in traces),
    ]


@pytest.mark.parametrize(("width", "scheme"), [(WIDE, "light"), (NARROW, "dark")])
def test_no_page_keeps_anybody_out(
    running: Running, browser: Browser, width: int, scheme: Literal["light", "dark"]
) -> None:
    """axe-core finds nothing serious or critical; no page is wider than its window."""
    see(browser.page, width, scheme)
    for address in addresses(running):
        browser.page.goto(f"{browser.url}{address}")
        for details in browser.page.locator("details").all():
            details.evaluate("one => one.open = true")
        accessible(browser.page, address)


def accessible(page: Page, address: str) -> None:
    """Nothing serious by axe-core's rules, and it fits."""
    found = [
        (one["id"], one["impact"], [node["html"][:200] for node in one["nodes"]][:3])
        for one in Axe().run(page).response["violations"]
        if one["impact"] in {"serious", "critical"}
    ]
    assert found == [], f"/{address}"
    not_too_wide(page, address)


def not_too_wide(page: Page, address: str) -> None:
    """The page does not scroll sideways."""
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, f"/{address}"


def test_in_a_pane_nothing_is_out_of_view(running: Running, browser: Browser) -> None:
    """No table scrolls sideways; a request's row has all that is asked of it, with its path."""
    see(browser.page, PANE, "light")
    page = browser.page
    for address in addresses(running):
        page.goto(f"{browser.url}{address}")
        cut = page.locator(".scroll").evaluate_all(
            "all => all.filter(one => one.scrollWidth > one.clientWidth).map(one => one.id)"
        )
        assert cut == [], f"/{address}"
    page.goto(f"{browser.url}traces")
    row = page.get_by_role("row").filter(has_text=nowhere(running)[:8])
    expect(row.get_by_role("cell").nth(1)).to_have_text("POST /nowhere")
    answered = page.get_by_role("row").filter(has_text="gpt-4o-mini").first
    for cell in answered.get_by_role("cell").all():
        box = cell.bounding_box()
        assert box is not None
        assert box["width"] > 10
        assert box["x"] + box["width"] <= PANE


def test_what_happens_appears_and_the_reader_stays_where_they_are(
    running: Running, page: Page
) -> None:
    """A request and a manifest, without reloading: focus, open details and scrolling stay."""
    first = running.exchanges[0]
    page.goto(f"{page.url}traces/{first.trace_id}")
    page.evaluate("window.same = true")
    details = page.locator("details[id^=span-]").nth(2)
    details.locator("summary").click()
    page.locator(".waterfall a").nth(1).focus()
    where = page.evaluate("scrollY")
    running.gateway.spans.record([late_span(first)])

    expect(page.get_by_role("link", name="a late span")).to_be_visible()
    expect(page.locator(".waterfall a", has_text="route")).to_be_focused()
    expect(page.locator("details[open]")).to_have_count(1)
    assert page.evaluate("[window.same, scrollY]") == [True, where]


def test_a_page_about_what_is_deleted_says_so_until_it_is_back(
    running: Running, page: Page
) -> None:
    """The whole page changes, without reloading."""
    store = running.gateway.store
    page.goto(f"{page.url}resources/HTTPRoute/agentgateway-system/search")
    key = next(one for one in store.snapshot().routes if one.name == "search")
    store.delete(key)
    expect(page.get_by_role("heading", level=1)).to_have_text("Not there")
    running.apply(MORE)
    expect(page.get_by_role("heading", level=1)).to_have_text("search")


def late_span(parent: Exchange) -> Span:
    """A span of somebody else's that arrives after its trace was opened."""
    ids = (parent.trace_id, "f" * 16, parent.span_id)
    start_ns = int(parent.started * 1e9)
    return Span(*ids, "a late span", "INTERNAL", start_ns, start_ns + parent.ended_ns)


def test_updates_pause_by_keyboard(running: Running, page: Page) -> None:
    """And what was missed is there when they go on."""
    count = page.locator(".tiles dd").first
    before = int(count.inner_text())
    pause = page.get_by_role("button", name="Pause updates")
    pause.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#live-state")).to_have_text("Paused")
    expect(pause).to_have_attribute("aria-pressed", "true")
    asked = page.evaluate("performance.getEntriesByType('resource').length")
    running.ask()
    page.wait_for_timeout(2_500)  # more than two beats, in which nothing may be asked
    assert page.evaluate("performance.getEntriesByType('resource').length") == asked
    page.keyboard.press("Enter")
    expect(count).to_have_text(str(before + 1))


def test_the_whole_console_is_used_by_keyboard(running: Running, page: Page) -> None:
    """Skip link, menu, search, and from a row of the list to its trace."""
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    to(page, "Tracing")
    page.keyboard.press("Enter")
    page.wait_for_url("**/traces")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tracing")
    page.locator("#q").focus()
    page.keyboard.type("route not found")
    page.keyboard.press("Enter")
    expect(page.locator(".count")).to_contain_text("of 1 request found")
    to(page, nowhere(running)[:8])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("POST /nowhere")


def nowhere(running: Running) -> str:
    """The trace of the request that met no route."""
    return next(one.trace_id for one in running.exchanges if one.path == "/nowhere")


def to(page: Page, name: str) -> None:
    """Press Tab until the link of this name has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == name:
            return
    pytest.fail(f"Tab does not lead to {name}")


def test_a_chat_streams_and_leads_to_its_trace(running: Running, browser: Browser) -> None:
    """Ctrl+Enter sends; the answer grows; status, time, tokens; Enter opens the trace."""
    see(browser.page, PANE, "dark")
    page = browser.page
    page.goto(f"{browser.url}try?route=agentgateway-system/support")
    expect(page.locator("#way option:checked")).to_contain_text("support: POST localhost:")
    page.get_by_label("Prompt").fill(f"Tell me about {SCRIPT}")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#chat-state")).to_have_text("Answered.")
    expect(page.locator("#answer")).to_contain_text("window.hacked = 1")
    expect(page.locator("#result")).to_contain_text("First token after")
    expect(page.locator("#result")).to_contain_text("Route agentgateway-system/support")
    accessible(page, "try, answered")
    to(page, "Open its trace")
    page.keyboard.press("Enter")
    page.wait_for_url("**/traces/*")
    assert running.exchanges[-1].trace_id in page.url
    expect(page.locator(".turns .answer")).to_contain_text("window.hacked = 1")
    assert page.evaluate("window.hacked") is None


@pytest.mark.parametrize("name", UNTRUSTED)
def test_what_a_client_sends_stays_text(running: Running, browser: Browser, name: str) -> None:
    """In prompt, model and path; nothing runs, nothing moves, the layout stays intact."""
    text = UNTRUSTED[name]
    running.ask(model=text)
    running.ask(messages=[{"role": "user", "content": text}])
    named, prompted = (one.trace_id for one in running.exchanges[-2:])
    page = browser.page
    for width in (WIDE, NARROW):
        see(page, width, "light")
        for address in ("", "traces", f"traces/{named}", f"traces/{prompted}"):
            page.goto(f"{browser.url}{address}")
            not_too_wide(page, address)
            assert page.locator("h1").count() == 1
            rows = page.locator("table.requests tbody tr")
            assert max(rows.evaluate_all("all => all.map(one => one.offsetHeight)") or [0]) < 160
            assert not HIDDEN & set(page.locator("main").inner_text())
    accessible(page, address)
    if name == "zero-width":
        expect(page.locator(".prompt")).to_contain_text("pay\\u200bpal")
    if len(text) > 50_000:
        expect(page.locator(".prompt").get_by_text("Show all")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollHeight") < 14_000
    assert page.evaluate("window.hacked") is None


@pytest.mark.parametrize("inner", ["ui/", "waiting"])
def test_in_jupyterlab_the_theme_is_jupyterlabs(browser: Browser, inner: str) -> None:
    """When the page around it, of the same origin, says which; and it changes with it.

    Of the console, and of the page that stands in its place until a gateway runs.
    """
    address = browser.url.removesuffix("ui/")
    outer = f"{address}around"
    frame = f'<body data-jp-theme-light="false"><iframe src="{address}{inner}"></iframe>'
    page = browser.page
    waiting = waiting_page("/home/ada", f"{address}running")
    page.route(
        f"{address}waiting",
        lambda route: route.fulfill(
            body=waiting.html,
            content_type="text/html",
            headers={"Content-Security-Policy": waiting.policy},
        ),
    )
    page.route(outer, lambda route: route.fulfill(body=frame, content_type="text/html"))
    see(page, WIDE, "light")
    page.goto(outer)
    html = page.frame_locator("iframe").locator("html")
    expect(html).to_have_attribute("data-theme", "dark")
    expect(html).to_have_css("color-scheme", "dark")
    page.evaluate("document.body.dataset.jpThemeLight = 'true'")
    expect(html).to_have_attribute("data-theme", "light")
    expect(html).to_have_css("color-scheme", "light")


def test_through_a_jupyter_server_under_a_prefix_all_of_it_works(
    browser: Browser, tmp_path: Path
) -> None:
    """Pages, live updates, a streamed chat and the jump to its trace."""
    page = browser.page
    (tmp_path / "notebooks").mkdir()
    with (
        gateway_in(tmp_path / "home") as behind,
        jupyter_server(tmp_path / "notebooks", tmp_path, "/user/ada-1x2y/") as jupyter,
    ):
        behind.apply(f"{ROUTE}---{BACKEND}")
        page.goto(f"{jupyter.url}labgateway/ui/?token={jupyter.token}")
        expect(page.locator(".tiles dd").first).to_have_text("0")
        behind.ask()
        expect(page.locator(".tiles dd").first).to_have_text("1")
        page.get_by_role("link", name="Try it").first.click()
        page.get_by_label("Prompt").press("Control+Enter")
        expect(page.locator("#answer")).to_contain_text("It always gives this answer to it.")
        page.get_by_role("link", name="Open its trace").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("POST /openai")
        assert "/user/ada-1x2y/labgateway/ui/traces/" in page.url
        assert behind.gateway.secret not in page.content()


def test_when_the_gateway_stops_the_page_says_so_and_recovers(
    browser: Browser, tmp_path: Path
) -> None:
    """On the same port and with the same secret, by itself."""
    page = browser.page
    with gateway_in(tmp_path / "home") as first:
        where = first.gateway.running
        page.goto(f"http://127.0.0.1:{where.admin_port}/{where.secret}/ui/")
        expect(page.get_by_text("No HTTPRoute yet")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("labgateway.start()")
    with gateway_in(tmp_path / "home", admin_port=where.admin_port) as second:
        second.apply(f"{ROUTE}---{BACKEND}")
        expect(page.get_by_role("alert")).to_be_hidden()
        expect(page.get_by_role("link", name="openai-all-models").first).to_be_visible()


def test_the_picture_of_the_readme(
    browser: Browser, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """The overview as it looks; with --picture it replaces the one in README."""
    see(browser.page, 1180, "light")
    browser.page.goto(browser.url)
    expect(browser.page.locator("#picture svg")).to_be_visible()
    name = "tests/browser/console.png"
    kept = Path(__file__).parents[2] / name
    path = kept if request.config.getoption("--picture") else tmp_path / "console.png"
    browser.page.screenshot(path=path)
    assert path.stat().st_size > 10_000
