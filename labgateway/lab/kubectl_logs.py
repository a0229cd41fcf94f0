"""``kubectl logs``, and why ``kubectl port-forward`` is not needed."""

from __future__ import annotations

from typing import Any

from labgateway.decisions.environment import NAMESPACE
from labgateway.lab.cluster import Cluster, Place, Served, kind_named
from labgateway.lab.command_line import DEFAULT_NAMESPACE, Command
from labgateway.lab.failures import Failure, Refused
from labgateway.lab.flag_values import duration_s, integer
from labgateway.lab.printed import Printed
from labgateway.lab.sources import Typed

Json = dict[str, Any]

_USAGE = (
    "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\n"
    "POD or TYPE/NAME is a required argument for the logs command\n"
    "See 'kubectl logs -h' for help and examples"
)
_ALL = -1  # --tail


def logs(cluster: Cluster, command: Command, _typed: Typed) -> Printed:
    """Show the log of a Pod, or of a Deployment's Pod: the access log of the gateway."""
    tail = integer(command, "tail", _ALL)
    since_s = duration_s(command, "since", "0")
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
