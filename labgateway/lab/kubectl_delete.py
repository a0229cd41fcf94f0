"""``kubectl delete``."""

from __future__ import annotations

from labgateway.lab.cluster import Cluster
from labgateway.lab.command_line import Command
from labgateway.lab.failures import Failure, Refused
from labgateway.lab.flag_values import dry_run
from labgateway.lab.printed import Printed
from labgateway.lab.sources import Typed
from labgateway.lab.targets import Target, named_targets


def delete(cluster: Cluster, command: Command, typed: Typed) -> Printed:
    """Delete the objects that are named, or with ``--all`` or ``-l`` those of a kind."""
    if not command.arguments and not command.files:
        raise Failure(
            "You must provide one or more resources by argument or filename.\n"
            "Example resource specifications include:\n"
            "   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'"
        )
    output = command.flags.get("output", "")
    if output not in _SAID:
        raise Failure(f"unexpected -o output mode: {output}. We only support '-o name'")
    printed, dry, say = Printed(), dry_run(command), _SAID[output]
    found = named_targets(cluster, command, typed)
    if not found:
        printed.stdout = "No resources found\n"
    for target in found:
        try:
            _delete(cluster, target, dry)
        except Refused as refused:
            if refused.reason == "NotFound" and command.has("ignore-not-found"):
                continue
            doing = f"error when deleting {target.source}: " if target.source else ""
            printed.failures.append(refused.when(doing))
        else:
            printed.stdout += say(target, dry)
    return printed


def _delete(cluster: Cluster, target: Target, dry_run: str) -> None:
    query = {"dryRun": "All"} if dry_run else {}
    cluster.request("DELETE", target.place, query=query)


def _sentence(target: Target, dry_run: str) -> str:
    where = f" from {target.namespace} namespace" if target.served.namespaced else ""
    return f'{target.served.label} "{target.name}" deleted{where}{dry_run}\n'


def _name(target: Target, _dry_run: str) -> str:
    return f"{target.served.label}/{target.name}\n"


_SAID = {"": _sentence, "name": _name}
