"""``kubectl get``, ``describe``, ``explain``, ``version`` and ``api-resources``."""

from __future__ import annotations

from typing import Any

from labgateway.decisions.describing import pairs
from labgateway.decisions.explaining import NoSuchField, explained
from labgateway.decisions.printing import aligned, described
from labgateway.lab.cluster import TABLE, Cluster, Served, kind_named
from labgateway.lab.command_line import Command
from labgateway.lab.failures import Failure, Refused, Verbatim
from labgateway.lab.kubectl_output import Print, document_printer, output_format
from labgateway.lab.printed import Printed
from labgateway.lab.sources import Typed
from labgateway.lab.targets import Target, nothing_found, targets

Json = dict[str, Any]

_SEE_RESOURCES = 'Use "kubectl api-resources" for a complete list of supported resources.'


def get(cluster: Cluster, command: Command, typed: Typed) -> Printed:
    """Show objects as a table, YAML, JSON or names."""
    output = output_format(command)
    if command.has("watch") or command.has("watch-only"):
        raise Failure(
            "-w would keep this cell running for ever",
            "kubectl wait waits for one thing; in a terminal -w works",
        )
    if not command.arguments and not command.files:
        raise Verbatim(
            f"You must specify the type of resource to get. {_SEE_RESOURCES}\n\n"
            "error: Required resource not specified.\n"
            'Use "kubectl explain <resource>" for a detailed description of that resource'
            " (e.g. kubectl explain pods).\n"
            "See 'kubectl get -h' for help and examples"
        )
    wanted = targets(command, typed)
    if output in {"", "wide"}:
        return _tables(cluster, command, wanted)
    if output == "name":
        return _names(cluster, wanted)
    return _documents(cluster, wanted, document_printer(command))


def _tables(cluster: Cluster, command: Command, wanted: list[Target]) -> Printed:
    printed = Printed()
    tables: dict[Served, Json] = {}
    for target in wanted:
        try:
            found = target.fetch(cluster, TABLE)
        except Refused as refused:
            if not (refused.reason == "NotFound" and command.has("ignore-not-found")):
                printed.failures.append(refused)
            continue
        if target.served in tables:
            tables[target.served]["rows"] += found["rows"]
        else:
            tables[target.served] = found
    filled = {served: table for served, table in tables.items() if table["rows"]}
    texts, within = [], False
    for served, table in filled.items():
        # From the first kind with namespaces on, kubectl's tables have a column for them.
        within = within or (command.has("all-namespaces") and served.namespaced)
        prefix = f"{served.label}/" if len(tables) > 1 else ""
        texts.append(_table(command, table, prefix, within=within))
    printed.stdout = "\n".join(texts)
    if not filled and not printed.failures:
        printed.notes = nothing_found(command, wanted)
    return printed


def _table(command: Command, table: Json, prefix: str, *, within: bool) -> str:
    wide = command.flags.get("output") == "wide"
    shown = [
        i for i, column in enumerate(table["columnDefinitions"]) if wide or not column["priority"]
    ]
    head = [table["columnDefinitions"][i]["name"].upper() for i in shown]
    columns = [name for name in command.flags.get("label-columns", "").split(",") if name]
    head += [name.rpartition("/")[2].upper() for name in columns]
    rows = []
    for row in table["rows"]:
        metadata = row["object"]["metadata"]
        cells = ["" if row["cells"][i] is None else str(row["cells"][i]) for i in shown]
        cells[0] = f"{prefix}{cells[0]}"
        labels = metadata.get("labels", {})
        cells += [labels.get(name, "") for name in columns]
        if command.has("show-labels"):
            cells.append(",".join(pairs(labels)) or "<none>")
        if within:
            cells.insert(0, metadata.get("namespace", ""))
        rows.append(cells)
    if command.has("show-labels"):
        head.append("LABELS")
    if within:
        head.insert(0, "NAMESPACE")
    return aligned(rows if command.has("no-headers") else [head, *rows])


def _names(cluster: Cluster, wanted: list[Target]) -> Printed:
    printed = Printed()
    for served, one in _objects(cluster, wanted, printed):
        printed.stdout += f"{served.label}/{one['metadata']['name']}\n"
    return printed


def _documents(cluster: Cluster, wanted: list[Target], text: Print) -> Printed:
    printed = Printed()
    objects = _objects(cluster, wanted, printed)
    single = len(wanted) == 1 and wanted[0].name
    if single and objects:
        printed.stdout = text(objects[0][1])
    elif not single and (objects or not printed.failures):
        items = [one for _, one in objects]
        metadata = {"resourceVersion": ""}
        printed.stdout = text(
            {"apiVersion": "v1", "items": items, "kind": "List", "metadata": metadata}
        )
    return printed


def _objects(cluster: Cluster, wanted: list[Target], printed: Printed) -> list[tuple[Served, Json]]:
    objects: list[tuple[Served, Json]] = []
    for target in wanted:
        try:
            found = target.fetch(cluster)
        except Refused as refused:
            printed.failures.append(refused)
            continue
        some = [found] if target.name else found["items"]
        objects += [(target.served, one) for one in some]
    return objects


def describe(cluster: Cluster, command: Command, typed: Typed) -> Printed:
    """Show objects in words, conditions and reasons included."""
    if not command.arguments and not command.files:
        raise Failure(f"You must specify the type of resource to describe. {_SEE_RESOURCES}")
    printed = Printed()
    wanted = targets(command, typed)
    objects = [one for _, one in _objects(cluster, wanted, printed)]
    if objects:
        printed.stdout = described(objects)
    elif not printed.failures:
        printed.notes = nothing_found(command, wanted)
    return printed


def explain(cluster: Cluster, command: Command, _typed: Typed) -> Printed:
    """Show what a field is for."""
    if not command.arguments:
        raise Failure(f"You must specify the type of resource to explain. {_SEE_RESOURCES}")
    if len(command.arguments) > 1:
        raise Failure("We accept only this format: explain RESOURCE")
    word, *path = command.arguments[0].split(".")
    try:
        served = kind_named(word)
    except Failure as failure:
        raise Verbatim(str(failure), *failure.hints) from failure
    root = "apis" if served.group else "api"
    document = cluster.call("GET", f"/openapi/v3/{root}/{served.api_version}")
    try:
        text = explained(
            document,
            served.group,
            served.version,
            served.kind,
            path,
            recursive=command.has("recursive"),
        )
    except NoSuchField as missing:
        known = f"fields here: {', '.join(missing.known)}" if missing.known else "it has no fields"
        return Printed(missing.head, failures=[Failure(str(missing), known)])
    return Printed(text)


def version(cluster: Cluster, command: Command, _typed: Typed) -> Printed:
    """Show which API answers."""
    if command.arguments:
        raise Failure(f"extra arguments: [{' '.join(command.arguments)}]")
    server = cluster.call("GET", "/version")["gitVersion"]
    return Printed(f"Client Version: {server} (%kubectl in a notebook)\nServer Version: {server}\n")
