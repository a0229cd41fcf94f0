"""The command line: ``labgateway lab | serve | export | doctor``."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import get_args

from labgateway.lab.client import Client
from labgateway.lab.doctor import report
from labgateway.lab.export import export
from labgateway.lab.jupyter import jupyter_command, lay_out
from labgateway.lab.session import Lab
from labgateway.lab.settings import bypass_proxies, from_environment, kubeconfig
from labgateway.lab.terminal import point_terminals
from labgateway.memory.home import Home
from labgateway.shapes.settings import ProviderMode, Settings
from labgateway.words.errors import LabError, LabNotRunning

PACKAGE = Path(__file__).resolve().parents[1]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code. Errors of ours are one sentence on stderr, code 1."""
    parsed = _parser().parse_args(arguments)
    try:
        return int(parsed.command(parsed))
    except LabError as error:
        print(f"labgateway: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("labgateway", description="An AI gateway to learn with.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    lab = commands.add_parser("lab", help="open JupyterLab, laid out")
    lab.add_argument("--copy", type=Path, metavar="DIR", help="copy the notebooks to DIR first")
    lab.add_argument("jupyter", nargs="*", help="more arguments for `jupyter lab`, after --")
    lab.set_defaults(command=_lab)
    serve = commands.add_parser("serve", help="run the gateway in the foreground")
    serve.add_argument("--provider", choices=get_args(ProviderMode))
    for name in ("gateway", "stats", "admin"):
        serve.add_argument(f"--{name}-port", type=_port, metavar="N", help="0 is any free one")
    serve.add_argument("--home", type=Path, metavar="DIR")
    serve.set_defaults(command=_serve)
    exporting = commands.add_parser("export", help="write what you applied, for a real cluster")
    exporting.add_argument("folder", type=Path, metavar="DIR")
    exporting.add_argument("--home", type=Path, metavar="DIR")
    exporting.set_defaults(command=_export)
    doctor = commands.add_parser("doctor", help="say what works on this machine and what does not")
    doctor.set_defaults(command=_doctor)
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**16:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; a port is a number up to 65535")
    return int(text)


def _lab(parsed: argparse.Namespace) -> int:
    notebooks = _notebooks(parsed.copy)
    settings = from_environment()
    home = Home(settings.home)
    bypass_proxies()
    # Terminals in JupyterLab inherit this: kubectl, python -m checks and the notebooks agree.
    point_terminals(home)
    lay_out()
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    # In a container the user is root and nobody else is there.
    root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    command = jupyter_command(notebooks, *root, *parsed.jupyter)
    os.execv(command[0], command)  # noqa: S606 - our own interpreter, no shell wanted


def _notebooks(copy: Path | None) -> Path:
    """The folder to open: the clone's, or a copy of those in the package.

    Errors: ``LabError`` when there is neither.
    """
    clone = PACKAGE.parent / "notebooks"
    source = clone if clone.is_dir() else PACKAGE / "_notebooks"
    if copy is not None:
        # Never overwrite what the learner wrote.
        shutil.copytree(source, copy, dirs_exist_ok=True, copy_function=_copy_new)
        return copy.resolve()
    if source != clone:
        raise LabError(
            "there is no clone here; name a folder for the notebooks: labgateway lab --copy DIR"
        )
    return clone


def _copy_new(source: str, target: str) -> str:
    return target if Path(target).exists() else shutil.copy2(source, target)


def _serve(parsed: argparse.Namespace) -> int:
    lab = Lab(_serve_settings(parsed))
    if not lab.owner:
        there = lab.client.running
        lab.stop()
        raise LabError(
            f"a gateway already runs for {lab.home}, in {there.owner} (process {there.pid}); use it"
            f" as it is (`. {lab.home}/env.sh` leads kubectl and curl to it), stop it there with"
            " `lab.stop()` or Ctrl-C, or give another --home"
        )
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: lab.interrupt())
    for notice in lab.observe().place.notices:
        print(f"notice: {notice}", file=sys.stderr)
    print(
        f"ready gateway={lab.gateway_url} stats={lab.metrics_url.removesuffix('/metrics')}"
        f" admin={lab.admin_url} console={lab.console_link}"
        f" kubeconfig={lab.kubeconfig}",
        flush=True,
    )
    lab.wait()
    lab.stop()
    return 0


def _serve_settings(parsed: argparse.Namespace) -> Settings:
    settings = from_environment()
    given = {
        "provider": parsed.provider,
        "home": parsed.home.absolute() if parsed.home else None,
        "gateway_port": parsed.gateway_port,
        "stats_port": parsed.stats_port,
        "admin_port": parsed.admin_port,
    }
    if parsed.provider == "openai" and settings.openai_api_key is None:
        raise LabError("--provider openai needs OPENAI_API_KEY; it is not set")
    # A port that was asked for by number is not silently replaced.
    strict = any(given[name] for name in ("gateway_port", "stats_port", "admin_port"))
    chosen = {name: value for name, value in given.items() if value is not None}
    return replace(settings, **chosen, strict_ports=strict, owner="labgateway serve")


def _export(parsed: argparse.Namespace) -> int:
    client = Client.find(parsed.home)
    for line in export(client, parsed.folder):
        print(line)
    return 0


def _doctor(_parsed: argparse.Namespace) -> int:
    settings = from_environment()
    try:
        client: Client | None = Client.find(settings.home)
    except LabNotRunning:
        client = None
    lines, healthy = report(settings, client, kubeconfig())
    print("\n".join(lines))
    return 0 if healthy else 1
