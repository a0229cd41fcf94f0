"""``kubectl wait``: until a condition holds, a path has a value, or an object comes or goes."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from labgateway.decisions.go_values import go_text
from labgateway.decisions.jsonpath import Unparsed, parse_path
from labgateway.decisions.jsonpath_steps import Unfit
from labgateway.lab.cluster import Cluster
from labgateway.lab.command_line import Command
from labgateway.lab.failures import Failure, Refused
from labgateway.lab.flag_values import duration_s
from labgateway.lab.printed import Printed
from labgateway.lab.sources import Typed
from labgateway.lab.targets import Target, named_targets

Json = dict[str, Any]
Holds = Callable[[Json], bool]

_USAGE = (
    "jsonpath wait has to have a value after equal sign, like"
    " --for=jsonpath='{.status.readyReplicas}'=3"
)
_WEEK_S = 7 * 24 * 3600
_EQUALS = re.compile(r"(?<![=!<>])=(?!=)")


def wait(cluster: Cluster, command: Command, typed: Typed) -> Printed:
    """Wait for each of the objects in turn."""
    for_ = command.flags.get("for", "")
    timeout_s = duration_s(command, "timeout", "30s")
    awaited = _awaited(for_)
    if not command.arguments and not command.files:
        raise Failure(
            "You must provide one or more resources by argument or filename.\n"
            "Example resource specifications include:\n"
            "   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'"
        )
    wanted = named_targets(cluster, command, typed)
    if not wanted and for_ != "delete":
        raise Failure("no matching resources found")
    printed = Printed()
    for target in wanted:
        try:
            met = awaited(cluster, target, _WEEK_S if timeout_s < 0 else math.ceil(timeout_s))
        except Failure as failure:
            printed.failures.append(failure)
        else:
            printed.stdout += f"{target.served.label}/{target.name} condition met\n" if met else ""
    return printed


def _awaited(for_: str) -> Callable[[Cluster, Target, int], bool]:
    """How to wait for what ``--for`` says; False for what need not be said. Errors: ``Failure``."""
    what, _, value = for_.partition("=")
    if for_ in _COMES_AND_GOES:
        return _COMES_AND_GOES[for_]
    if what not in _HOLDS or not value:
        raise Failure(f'unrecognized condition: "{for_}"' if for_ else "unrecognized condition: []")
    holds = _HOLDS[what](value)
    return lambda cluster, target, timeout_s: _until(cluster, target, timeout_s, holds)


def _until(cluster: Cluster, target: Target, timeout_s: int, holds: Holds) -> bool:
    one = target.fetch(cluster)
    if holds(one):
        return True
    if not timeout_s:
        raise Failure(f"condition not met for {_named(target)}")
    for event in cluster.watch(target.place, timeout_s):
        if event["type"] == "DELETED":
            target.fetch(cluster)  # which says that it is not found, if nobody made it again
        elif holds(event["object"]):
            return True
    raise Failure(f"timed out waiting for the condition on {_named(target)}")


def _until_gone(cluster: Cluster, target: Target, timeout_s: int) -> bool:
    if _found(cluster, target) is None:
        return False
    for event in cluster.watch(target.place, timeout_s):
        if event["type"] == "DELETED":
            return True
    raise Failure(f"timed out waiting for the condition on {_named(target)}")


def _until_there(cluster: Cluster, target: Target, timeout_s: int) -> bool:
    if _found(cluster, target) is not None:
        return True
    for _event in cluster.watch(target.place, timeout_s):
        return True
    raise Failure("timed out waiting for the condition")


def _found(cluster: Cluster, target: Target) -> Json | None:
    try:
        return target.fetch(cluster)
    except Refused as refused:
        if refused.reason == "NotFound":
            return None
        raise


def _named(target: Target) -> str:
    return f"{target.served.plural}/{target.name}"


def _condition(words: str) -> Holds:
    name, _, wanted = words.partition("=")

    def holds(one: Json) -> bool:
        status = one.get("status", {})
        given = status.get("conditions", ())
        return any(
            each["type"].lower() == name.lower()
            and each["status"].lower() == (wanted or "true").lower()
            for each in given
        )

    return holds


def _path(words: str) -> Holds:
    expression, *values = _EQUALS.split(words)
    wanted = values[0].strip("'\"") if values else None
    if wanted == "":
        raise Failure(_USAGE)
    try:
        path = parse_path(expression)
    except Unparsed as wrong:
        raise Failure(str(wrong)) from wrong

    def holds(one: Json) -> bool:
        try:
            found = [value for values in path.values(one) for value in values]
        except Unfit as why:
            raise Failure(str(why)) from why
        if len(found) > 1:
            raise Failure("given jsonpath expression matches more than one value")
        if any(isinstance(value, dict | list) for value in found):
            raise Failure("jsonpath leads to a nested object or list which is not supported")
        return bool(found) and (wanted is None or go_text(found[0]) == wanted)

    return holds


_HOLDS: Mapping[str, Callable[[str], Holds]] = {"condition": _condition, "jsonpath": _path}
_COMES_AND_GOES = {"delete": _until_gone, "create": _until_there}
