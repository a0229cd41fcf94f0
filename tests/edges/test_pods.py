"""The gateway's own Deployment and Pod over HTTP, and the Pod's log."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from labgateway.decisions.access_log import json_line, text_line
from labgateway.memory.exchanges import KEPT_IN_MEMORY
from tests.conftest import Running, gateway_in
from tests.edges.waiting import eventually
from tests.kubernetes_api import PROCESS, Api, exchange

SCOPE = "namespaces/agentgateway-system"
PODS = f"/api/v1/{SCOPE}/pods"
DEPLOYMENTS = f"/apis/apps/v1/{SCOPE}/deployments"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"


def _pod(client: httpx.Client) -> str:
    (one,) = client.get(PODS).json()["items"]
    return f"{PODS}/{one['metadata']['name']}"


@pytest.fixture
def log(client: httpx.Client, api: Api) -> str:
    """The path of the log, which has three lines."""
    for number in range(3):
        api.log.record(exchange(number))
    return f"{_pod(client)}/log"


@pytest.fixture
def admin(running: Running) -> Iterator[httpx.Client]:
    """A client of the admin port of a whole gateway."""
    with _admin(running) as client:
        yield client


def _admin(running: Running) -> httpx.Client:
    at = running.gateway.running
    url = f"http://127.0.0.1:{at.admin_port}/{at.secret}"
    return httpx.Client(base_url=url, trust_env=False, timeout=20)


def test_they_are_found_where_they_are(client: httpx.Client) -> None:
    """In their namespace and among all, by name and label; nowhere else."""
    for path, name in ((DEPLOYMENTS, "agentgateway"), (PODS, _pod(client).rpartition("/")[2])):
        everywhere = path.replace(f"{SCOPE}/", "")
        for place in (path, everywhere):
            listed = client.get(place).json()
            assert listed["kind"] in {"PodList", "DeploymentList"}
            assert [one["metadata"]["name"] for one in listed["items"]] == [name]
        assert client.get(f"{path}/{name}").json()["metadata"]["name"] == name
        for query, found in (
            ({"labelSelector": "app.kubernetes.io/name=agentgateway"}, 1),
            ({"labelSelector": "app=other"}, 0),
            ({"fieldSelector": f"metadata.name={name}"}, 1),
            ({"fieldSelector": "metadata.name=other"}, 0),
        ):
            assert len(client.get(path, params=query).json()["items"]) == found
        elsewhere = path.replace("agentgateway-system", "default")
        assert client.get(elsewhere).json()["items"] == []
        for missing in (f"{elsewhere}/{name}", f"{path}/other"):
            refused = client.get(missing)
            assert (refused.status_code, refused.json()["reason"]) == (404, "NotFound")
            assert refused.json()["message"].endswith("not found")


def test_tables_show_that_all_is_ready(client: httpx.Client) -> None:
    """With the columns that kubectl prints."""
    shown = client.get(DEPLOYMENTS, headers={"accept": TABLE}).json()
    assert shown["rows"][0]["cells"][:4] == ["agentgateway", "1/1", 1, 1]
    shown = client.get(_pod(client), headers={"accept": TABLE}).json()
    assert shown["rows"][0]["cells"][1:4] == ["1/1", "Running", 0]


@pytest.mark.parametrize("path", [DEPLOYMENTS, PODS])
@pytest.mark.parametrize(
    ("method", "name", "done"),
    [
        ("POST", "", "created"),
        ("PUT", "/agentgateway", "changed"),
        ("PATCH", "/agentgateway", "changed"),
        ("DELETE", "/agentgateway", "deleted"),
        ("DELETE", "", "deleted"),
    ],
)
def test_nobody_changes_them(
    client: httpx.Client, api: Api, path: str, method: str, name: str, done: str
) -> None:
    """One clear sentence, and nothing is stored."""
    before = api.store.version
    refused = client.request(method, f"{path}{name}", json={})
    assert (refused.status_code, refused.json()["reason"]) == (403, "Forbidden")
    assert "is forbidden: the lab runs the gateway itself; " in refused.json()["message"]
    assert refused.json()["message"].endswith(f"can be read here, not {done}")
    assert api.store.version == before


@pytest.mark.parametrize(
    ("query", "paths"),
    [
        ({}, ["/0", "/1", "/2"]),
        ({"tailLines": 2}, ["/1", "/2"]),
        ({"tailLines": 0}, []),
        ({"tailLines": 100}, ["/0", "/1", "/2"]),
        ({"sinceTime": "2026-01-01T00:00:01Z"}, ["/1", "/2"]),
        ({"sinceTime": "2026-01-01T00:00:01Z", "tailLines": 1}, ["/2"]),
        ({"sinceTime": "2025-01-01T00:00:01Z"}, ["/0", "/1", "/2"]),
        ({"sinceSeconds": 1}, []),
        ({"container": "agentgateway", "tailLines": 1}, ["/2"]),
    ],
)
def test_the_log_is_read_by_lines_and_time(
    client: httpx.Client, log: str, query: dict[str, Any], paths: list[str]
) -> None:
    """Plain text: the access log as it is."""
    answer = client.get(log, params=query)
    assert answer.headers["content-type"].startswith("text/plain")
    lines = [json_line(exchange(int(path[1:]))) for path in paths]
    assert answer.text == "".join(f"{line}\n" for line in lines)


def test_bytes_are_limited_exactly(client: httpx.Client, log: str) -> None:
    """In the middle of a line, also while it is followed."""
    whole = client.get(log).content
    for limit in (1, 20, len(whole) - 1, len(whole), len(whole) + 1):
        assert client.get(log, params={"limitBytes": limit}).content == whole[:limit]
    followed = client.get(log, params={"limitBytes": len(whole), "follow": "true"})
    assert followed.content == whole


@pytest.mark.parametrize(
    ("query", "code", "said"),
    [
        ({"container": "x"}, 400, "container x is not valid for pod agentgateway-"),
        ({"previous": "true"}, 400, 'previous terminated container "agentgateway" in pod "agent'),
        ({"tailLines": "x"}, 400, "strconv.ParseInt"),
        ({"tailLines": -1}, 422, "is invalid: tailLines: Invalid value: -1"),
    ],
)
@pytest.mark.parametrize("follow", ["true", "false"])
def test_wrong_questions_are_refused(
    client: httpx.Client, log: str, query: dict[str, Any], code: int, said: str, follow: str
) -> None:
    """As a Status, before anything is sent."""
    refused = client.get(log, params={**query, "follow": follow})
    assert (refused.status_code, refused.json()["kind"]) == (code, "Status")
    assert said in refused.json()["message"]


def test_other_pods_have_no_log(client: httpx.Client, log: str) -> None:
    """Neither in other namespaces."""
    for path in (f"{PODS}/other/log", log.replace("agentgateway-system", "default")):
        refused = client.get(path)
        assert (refused.status_code, refused.json()["reason"]) == (404, "NotFound")
        assert refused.json()["message"].startswith("pods ")


def test_streams_into_the_pod_are_refused_with_what_to_do(client: httpx.Client) -> None:
    """Port-forward names the places that are there already."""
    pod = _pod(client)
    for method in ("GET", "POST"):
        refused = client.request(method, f"{pod}/portforward").json()
        assert f"http://localhost:{PROCESS.stats_port}/metrics" in refused["message"]
        for what in ("exec", "attach"):
            refused = client.request(method, f"{pod}/{what}").json()
            assert (refused["reason"], refused["message"].split()[0]) == ("BadRequest", what)


def test_what_comes_is_followed(client: httpx.Client, api: Api, log: str) -> None:
    """First what is there, then each line once, as it comes."""
    params = {"follow": "true", "tailLines": "1", "timestamps": "true"}
    with client.stream("GET", log, params=params) as answer:
        lines = answer.iter_lines()
        assert next(lines).endswith(json_line(exchange(2)))
        for number in (3, 4):
            api.log.record(exchange(number))
            assert next(lines).endswith(json_line(exchange(number)))
        for number in range(5, 50):
            api.log.record(exchange(number))
        for number in range(5, 50):
            assert next(lines).endswith(json_line(exchange(number)))


def test_a_follower_who_leaves_is_forgotten(client: httpx.Client, api: Api, log: str) -> None:
    """Nothing is kept for him."""
    with client.stream("GET", log, params={"follow": "true"}) as answer:
        lines = answer.iter_lines()  # which ends the transfer when nobody holds it
        next(lines)
        assert eventually(lambda: len(api.log._wakes) == 1)
    assert eventually(lambda: not api.log._wakes)


def test_followers_read_to_the_end_when_the_gateway_stops(tmp_path: Path) -> None:
    """The last request is in it, and the transfer is whole; stopping does not wait for them."""
    with gateway_in(tmp_path / "home") as running, _admin(running) as client:
        running.ask("/first")
        log = f"{_pod(client)}/log"
        with client.stream("GET", log, params={"follow": "true"}) as answer:
            lines = answer.iter_lines()
            assert '"http.path":"/first"' in next(lines)
            running.gateway.log.record(exchange(1, path="/last"))
            running.gateway.stop()
            assert ['"http.path":"/last"' in line for line in lines] == [True]


def test_a_request_is_in_the_log_when_its_client_has_the_answer(
    admin: httpx.Client, running: Running
) -> None:
    """And its time is now."""
    log = f"{_pod(admin)}/log"
    for number in range(5):
        running.ask(f"/{number}")
        (line,) = admin.get(log, params={"tailLines": 1}).text.splitlines()
        assert line == json_line(running.exchanges[-1])
    assert len(admin.get(log, params={"sinceSeconds": 3600}).text.splitlines()) == 5


def test_lines_can_be_text(tmp_path: Path) -> None:
    """As agentgateway writes them with LOG_FORMAT=text."""
    with gateway_in(tmp_path / "home", log_format="text") as running, _admin(running) as client:
        running.ask()
        shown = client.get(f"{_pod(client)}/log").text
        assert shown == f"{text_line(running.exchanges[-1])}\n"


def test_older_lines_come_from_disk(admin: httpx.Client, running: Running) -> None:
    """What memory has forgotten is there for those who ask for more than it holds."""
    many = KEPT_IN_MEMORY + 100
    begin = time.time() - many
    for number in range(many):
        running.gateway.log.record(exchange(number, started=begin + number))
    log = f"{_pod(admin)}/log"

    def first(**query: Any) -> tuple[int, str]:
        lines = admin.get(log, params=query).text.splitlines()
        return len(lines), json.loads(lines[0])["http.path"]

    assert first() == (many, "/0")
    assert first(tailLines=many - 1) == (many - 1, "/1")
    assert first(tailLines=KEPT_IN_MEMORY) == (KEPT_IN_MEMORY, "/100")
    assert first(sinceSeconds=2 * many) == (many, "/0")
