"""``kubectl delete``."""

from __future__ import annotations

from labgateway.lab.cluster import Cluster, Failure, Place, Refused
from labgateway.lab.command_line import Command
from labgateway.lab.kubectl_apply import dry_run
from labgateway.lab.printed import Printed
from labgateway.lab.sources import Typed
from labgateway.lab.targets import Target, targets


def delete(cluster: Cluster, command: Command, typed: Typed) -> Printed:
    """Delete the objects that are named, or with ``--all`` or ``-l`` those of a kind."""
    if not command.arguments and not command.files:
        raise Failure(
            "You must provide one or more resources by argument or filename.\n"
            "Example resource specifications include:\n"
            "   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'"
        )
    wanted = targets(command, typed)
    many = command.has("all") or command.flags.get("selector")
    if not many and any(not target.name for target in wanted):
        raise Failure("resource(s) were provided, but no name was specified")
    printed = Printed()
    found = [one for target in wanted for one in _named(cluster, target)]
    if not found:
        printed.stdout = "No resources found\n"
    for target in found:
        try:
            printed.stdout += _delete(cluster, target, dry_run(command))
        except Refused as refused:
            if refused.reason == "NotFound" and command.has("ignore-not-found"):
                continue
            doing = f"error when deleting {target.source}: " if target.source else ""
            printed.failures.append(refused.when(doing))
    return printed


def _named(cluster: Cluster, target: Target) -> list[Target]:
    """The target itself, or one target for each object that it stands for."""
    if target.name:
        return [target]
    return [
        Target(Place(target.served, one["metadata"].get("namespace", ""), one["metadata"]["name"]))
        for one in target.fetch(cluster)["items"]
    ]


def _delete(cluster: Cluster, target: Target, dry_run: str) -> str:
    query = {"dryRun": "All"} if dry_run else {}
    cluster.request("DELETE", target.place, query=query)
    where = f" from {target.namespace} namespace" if target.served.namespaced else ""
    return f'{target.served.label} "{target.name}" deleted{where}{dry_run}\n'
