"""``kubectl api-resources``: the kinds of the API."""

from __future__ import annotations

from collections.abc import Callable

from labgateway.decisions.printing import aligned
from labgateway.lab.cluster import Cluster, Served, served_kinds
from labgateway.lab.command_line import Command
from labgateway.lab.failures import Failure
from labgateway.lab.printed import Printed
from labgateway.lab.sources import Typed

_ORDERS: dict[str, Callable[[Served], tuple[str, ...]]] = {
    "": lambda one: (one.group, one.plural),
    "name": lambda one: (one.plural,),
    "kind": lambda one: (one.kind,),
}
_HEAD = ("NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND")


def api_resources(_cluster: Cluster, command: Command, _typed: Typed) -> Printed:
    """Show the kinds, or those of a group, with a verb, in namespaces or in none."""
    output, order = command.flags.get("output", ""), command.flags.get("sort-by", "")
    if output not in {"", "wide", "name"}:
        raise Failure(
            f'unable to match a printer suitable for the output format "{output}", allowed formats'
            " are: json,kyaml,name,wide,yaml",
            "here: name, wide; in a terminal of the lab all of them work",
        )
    if order not in _ORDERS:
        raise Failure("--sort-by accepts only name or kind")
    kinds = sorted(filter(_wanted(command), served_kinds()), key=_ORDERS[order])
    if output == "name":
        named = (f"{one.plural}.{one.group}".rstrip(".") for one in kinds)
        return Printed("".join(f"{name}\n" for name in named))
    wide = output == "wide"
    head = (*_HEAD, "VERBS", "CATEGORIES") if wide else _HEAD
    rows = [_row(one, wide=wide) for one in kinds]
    return Printed(aligned(rows if command.has("no-headers") else [head, *rows]))


def _wanted(command: Command) -> Callable[[Served], bool]:
    group, scoped = command.flags.get("api-group"), command.flags.get("namespaced")
    verbs = [verb for verb in command.flags.get("verbs", "").split(",") if verb]

    def wanted(one: Served) -> bool:
        return (
            group in {None, one.group}
            and (scoped is None or one.namespaced is (scoped == "true"))
            and all(verb in one.verbs for verb in verbs)
        )

    return wanted


def _row(one: Served, *, wide: bool) -> tuple[str, ...]:
    names = (one.plural, ",".join(one.short_names), one.api_version)
    row = (*names, str(one.namespaced).lower(), one.kind)
    return (*row, ",".join(sorted(one.verbs)), ",".join(one.categories)) if wide else row
