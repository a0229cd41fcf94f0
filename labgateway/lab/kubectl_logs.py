"""``kubectl logs``, and why ``kubectl port-forward`` is not needed."""

from __future__ import annotations

import re
from typing import Any

from labgateway.decisions.environment import NAMESPACE
from labgateway.lab.cluster import Cluster, Failure, Place, Refused, Served, kind_named
from labgateway.lab.command_line import DEFAULT_NAMESPACE, Command
from labgateway.lab.printed import Printed
from labgateway.lab.sources import Typed

Json = dict[str, Any]

_USAGE = (
    "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\n"
    "POD or TYPE/NAME is a required argument for the logs command\n"
    "See 'kubectl logs -h' for help and examples"
)
_ALL = -1  # --tail
_INT64 = 2**63
_UNITS_S = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
_PART = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)([^0-9.]*)")


def logs(cluster: Cluster, command: Command, _typed: Typed) -> Printed:
    """Show the log of a Pod, or of a Deployment's Pod: the access log of the gateway."""
    tail = _number(command.flags.get("tail", str(_ALL)))
    since_s = _seconds(command.flags.get("since", "0"))
    named = command.flags.get("container")
    if not 1 <= len(command.arguments) <= 2:
        raise Failure(_USAGE)
    word, *inline = command.arguments
    if inline and named:
        raise Failure("only one of -c or an inline [CONTAINER] arg is allowed")
    if command.has("follow"):
        raise Failure(
            "-f would keep this cell running for ever",
            "leave -f out and run the cell again for newer lines; in a terminal -f works",
        )
    pod = _pod(cluster, word, command.flags.get("namespace") or DEFAULT_NAMESPACE)
    query = {name: "true" for name in ("previous", "timestamps") if command.has(name)}
    query |= _limits(tail, since_s)
    query["container"] = _container(pod, *inline, named)
    return Printed(cluster.text(f"{_place(pod).path}/log", query))


def port_forward(cluster: Cluster, _command: Command, _typed: Typed) -> Printed:
    """Say that the ports are here already, and where."""
    (pod,) = cluster.request("GET", Place(kind_named("pods")))["items"]
    (container,) = pod["spec"]["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    raise Failure(
        "nothing to forward: the gateway runs on this machine and its ports are open",
        f"requests: http://localhost:{ports['http']} (lab.gateway_url)",
        f"metrics: http://localhost:{ports['metrics']}/metrics (lab.metrics_url)",
    )


def _limits(tail: int, since_s: float) -> dict[str, str]:
    if since_s < 0:
        raise Failure("--since must be greater than 0")
    if tail < _ALL:
        raise Failure("--tail must be greater than or equal to -1")
    query = {} if tail == _ALL else {"tailLines": str(tail)}
    return query | ({"sinceSeconds": str(int(since_s + 0.5))} if since_s else {})


def _number(text: str) -> int:
    if not re.fullmatch(r"[-+]?[0-9]+", text):
        raise _bad("tail", text, f'strconv.ParseInt: parsing "{text}": invalid syntax')
    if len(text) > 20 or not -_INT64 <= int(text) < _INT64:
        raise _bad("tail", text, f'strconv.ParseInt: parsing "{text}": value out of range')
    return int(text)


def _seconds(text: str) -> float:
    """A duration as Go writes it (``1h30m``, ``90s``), in seconds."""
    sign, unsigned = (-1, text[1:]) if text[:1] == "-" else (1, text.removeprefix("+"))
    if unsigned == "0":
        return 0
    parts = _PART.findall(unsigned)
    if not parts or "".join(map("".join, parts)) != unsigned:
        raise _bad("since", text, f'time: invalid duration "{text}"')
    seconds = 0.0
    for number, unit in parts:
        if unit not in _UNITS_S:
            wrong = f'unknown unit "{unit}" in' if unit else "missing unit in"
            raise _bad("since", text, f'time: {wrong} duration "{text}"')
        seconds += float(number) * _UNITS_S[unit]
    return sign * seconds


def _bad(flag: str, text: str, why: str) -> Failure:
    return Failure(
        f'invalid argument "{text}" for "--{flag}" flag: {why}\n'
        "See 'kubectl logs --help' for usage."
    )


def _pod(cluster: Cluster, word: str, namespace: str) -> Json:
    """The Pod that a word means: its name, or a Deployment's. Errors: ``Failure``."""
    kind, slash, name = word.partition("/")
    if "/" in name:
        raise Failure("arguments in resource/name form may not have more than one slash")
    if slash and not (kind and name):
        raise Failure("arguments in resource/name form must have a single resource and name")
    served = kind_named(kind if slash else "pods")
    one = _found(cluster, served, namespace, name if slash else word)
    if served.kind == "Pod":
        return one
    if served.kind != "Deployment":
        raise _without_log(served)
    labels = one["spec"]["selector"]["matchLabels"]
    query = {"labelSelector": ",".join(f"{key}={value}" for key, value in labels.items())}
    pods = cluster.request("GET", Place(kind_named("pods"), namespace), query=query)["items"]
    return dict(pods[0])


def _found(cluster: Cluster, served: Served, namespace: str, name: str) -> Json:
    scope = namespace if served.namespaced else ""
    try:
        if scope:
            cluster.request("GET", Place(kind_named("namespaces"), name=scope))
        return cluster.request("GET", Place(served, scope, name))
    except Refused as refused:
        elsewhere = namespace != NAMESPACE and served.kind in {"Pod", "Deployment"}
        hints = (f"the gateway is in namespace {NAMESPACE}: add -n {NAMESPACE}",)
        said = f'error from server ({refused.reason}): {refused} in namespace "{namespace}"'
        raise Failure(said, *(hints if elsewhere else ())) from refused


def _without_log(served: Served) -> Failure:
    if not served.group:
        go = f"*v1.{served.kind}"
        return Failure(f"cannot get the logs from {go}: selector for {go} not implemented")
    return Failure(
        f'no kind "{served.kind}" is registered for version "{served.api_version}" in scheme'
        ' "pkg/scheme/scheme.go:28"'
    )


def _container(pod: Json, *asked: str | None) -> str:
    """The container that was named, or the only one."""
    names: list[str] = [one["name"] for one in pod["spec"]["containers"]]
    wanted = next((one for one in asked if one), names[0])
    if wanted not in names:
        raise Failure(
            f"container {wanted} is not valid for pod {pod['metadata']['name']} out of:"
            f" {', '.join(names)}"
        )
    return wanted


def _place(pod: Json) -> Place:
    metadata = pod["metadata"]
    return Place(kind_named("pods"), metadata["namespace"], metadata["name"])
