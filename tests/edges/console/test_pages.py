"""Every page of the console, as HTML that needs no script."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import BACKEND, ROUTE, Running, gateway_in
from tests.edges.console.visits import Console, Tags

BROKEN = """
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: broken, namespace: agentgateway-system}
spec:
  parentRefs: [{name: agentgateway}]
  rules:
  - matches: [{path: {type: PathPrefix, value: /broken}}]
    backendRefs: [{name: nowhere, group: agentgateway.dev, kind: AgentgatewayBackend}]
"""
OWN_SECRET = """
apiVersion: v1
kind: Secret
metadata: {name: mine, namespace: agentgateway-system}
stringData: {Authorization: sk-my-own-very-secret-key}
"""
EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>"
MOVED = "gpt\u202e4\u200b'\"o"


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """Real traffic of all kinds; pages only read it."""
    with gateway_in(tmp_path_factory.mktemp("home")) as running:
        running.apply(f"{ROUTE}---{BACKEND}---{BROKEN}---{OWN_SECRET}")
        running.ask()
        running.ask(stream=True)
        running.ask("/broken")
        running.ask(f"/nowhere?{EVIL}")
        running.gateway.log_bodies(on=True)
        running.ask(messages=[{"role": "user", "content": f"{EVIL} \u202eabc"}], model=MOVED)
        with Console(running).client as client:
            yield Console(running, client)


@pytest.fixture(scope="module")
def pages(console: Console) -> dict[str, str]:
    """All pages that links lead to."""
    return console.crawl()


def test_every_link_is_relative_and_leads_somewhere(pages: dict[str, str]) -> None:
    """From the overview to every object and every trace."""
    addresses = "\n".join(pages)
    for part in ("/ui/routes", "/ui/backends", "/ui/traces?", "/ui/try", "/Secret/"):
        assert part.rstrip("?") in addresses
    assert sum("/ui/traces/" in one for one in pages) >= 5
    assert sum("/ui/resources/" in one for one in pages) >= 5


def test_nothing_in_a_page_can_run_or_load_from_elsewhere(pages: dict[str, str]) -> None:
    """One script and one style of the console's own; no inline style, no handler, no markup."""
    for page in pages.values():
        tags = Tags(page).tags
        assert [given["src"] for tag, given in tags if tag == "script"] == [
            f"{_root(page)}static/console.js"
        ]
        assert not [tag for tag, _given in tags if tag in {"img", "iframe", "style", "object"}]
        names = {name for _tag, given in tags for name in given}
        assert not {one for one in names if one.startswith("on") or one == "style"}
        assert "\u202e" not in page.replace('value="gpt\u202e', "")


def _root(page: str) -> str:
    return str(Tags(page).tags[0][1]["data-root"])


def test_no_page_shows_a_key(console: Console, pages: dict[str, str]) -> None:
    """Neither the provider's nor the learner's own, plain or as it is stored."""
    keys = [*console.running.gateway.providers.keys, "sk-my-own-very-secret-key", "c2stbXktb3du"]
    for page in pages.values():
        assert not [key for key in keys if key in page]
    secret = console.get("resources/Secret/agentgateway-system/mine").text
    assert "Authorization" in secret


@pytest.mark.parametrize("address", ["", "routes", "traces", "try", "version", "static/console.js"])
def test_answers_say_what_a_page_may_do(console: Console, address: str) -> None:
    """Nothing inline, nothing from elsewhere, no copy kept, the secret in no Referer."""
    headers = console.get(address).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] in {"no-store", "no-cache"}


def test_the_overview_says_in_words_what_the_picture_shows(console: Console) -> None:
    """Policies by name, traffic with its errors, what is broken and why."""
    text = " ".join(console.tags().text.split())
    assert "auth (Secret openai-secret)" in text
    assert "3 requests" in text
    assert "1 request, 1 error" in text
    assert "Backend not found: agentgateway-system/nowhere" in text
    assert "Met no route: 1 request, 1 error." in text
    assert "svg" in {tag for tag, _given in console.tags().tags}
    assert "3 requests" in console.tags("./?range=15m").text


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("routes", ["openai", "broken", "ResolvedRefs=False (BackendNotFound)", "timeout 120s"]),
        ("backends", ["openai-all-models", "does not exist", "the client's model"]),
        (
            "resources/HTTPRoute/agentgateway-system/openai",
            ["parentRefs:", "Nobody.", "spec.rules[0].backendRefs[0]", "Recent traffic"],
        ),
        (
            "resources/AgentgatewayBackend/agentgateway-system/openai-all-models",
            ["auth (Secret openai-secret)", "HTTPRoute", "Backend successfully accepted"],
        ),
        ("resources/GatewayClass/-/agentgateway", ["Gateway", "spec.gatewayClassName"]),
        ("resources/HTTPRoute/agentgateway-system/broken", ["nowhere", "does not exist"]),
    ],
)
def test_objects_show_manifest_status_and_references(
    console: Console, address: str, said: list[str]
) -> None:
    """Lists and details."""
    text = console.tags(address).text
    assert not [one for one in said if one not in text]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", " of 5 requests"),
        ("?status=4xx", " of 1 request found among 5"),
        ("?status=5xx&range=5m", " of 1 request found among 5"),
        ("?q=alert(1)", " of 1 request found among 5"),
        ("?q=route+not+found", " of 1 request found among 5"),
        ("?route=agentgateway-system/openai&model=gpt-4o-mini", " of 2 requests found"),
        ("?range=custom&until=2020-01-01T00:00", "No requests found among 5"),
        ("?page=7", " of 5 requests"),
        ("?page=x", " of 5 requests"),
    ],
)
def test_traces_are_searched_on_the_server(console: Console, query: str, count: str) -> None:
    """By text, in prompts too, by time, status, model and route."""
    assert count in console.tags(f"traces{query}").text


def test_a_trace_shows_flow_tree_spans_line_and_what_was_said(console: Console) -> None:
    """A prompt is text, whatever it holds; where none was kept, it says how to keep it."""
    *_, first = console.running.exchanges[:1]
    last = console.running.exchanges[-1]
    text = console.tags(f"traces/{last.trace_id}").text
    links = console.tags(f"traces/{last.trace_id}").links
    assert "../resources/HTTPRoute/agentgateway-system/openai" in links
    for one in ("Execution flow", "chat gpt", "gen_ai.usage.input_tokens", EVIL, "\\u202eabc"):
        assert one in text
    assert "lab.log_bodies(True)" in console.tags(f"traces/{first.trace_id}?span=x").text


@pytest.mark.parametrize(
    "address",
    [
        "traces/0123",
        "resources/HTTPRoute/agentgateway-system/gone",
        "resources/Nothing/-/x",
        "results/0123",
        "static/../console.css",
        "static/other.css",
        "a/b",
        "index.html",
    ],
)
def test_what_is_not_there_is_said_on_a_page(console: Console, address: str) -> None:
    """With ways back that work."""
    answer = console.get(address, 404)
    if answer.headers["content-type"].startswith("text/html"):
        assert "/ui/static/console.css" in str(
            answer.url.join(f"{_root(answer.text)}static/console.css")
        )


def test_without_the_last_slash_the_secret_is_kept(console: Console) -> None:
    """The redirect is relative, and so says neither host nor prefix."""
    answer = console.client.get(console.url.removesuffix("/"))
    assert (answer.status_code, answer.headers["location"]) == (307, "ui/")
    assert console.client.get(answer.url.join("ui/")).status_code == 200


def test_the_version_changes_with_what_pages_show(running: Running) -> None:
    """With a request, with a manifest, with the switch for bodies; else it stays."""
    with httpx.Client(trust_env=False) as client:
        console = Console(running, client)
        seen = [console.get("version").text]
        assert console.get("version").text == seen[0]
        for change in (
            lambda: running.apply(f"{ROUTE}---{BACKEND}"),
            running.ask,
            lambda: running.gateway.log_bodies(on=True),
        ):
            change()
            seen.append(console.get("version").text)
        assert len(set(seen)) == len(seen)
        assert Tags(console.get().text).tags[0][1]["data-version"] == seen[-1]


def test_before_anything_is_applied_pages_say_what_to_do(running: Running) -> None:
    """And none of them is empty or broken."""
    with httpx.Client(trust_env=False) as client:
        console = Console(running, client)
        assert "No HTTPRoute yet" in console.tags().text
        assert "There are no routes yet" in console.tags("routes").text
        assert "No requests yet" in console.tags("traces").text
        assert "No route takes a chat yet" in console.tags("try").text
        console.crawl()
