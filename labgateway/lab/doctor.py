"""What works on this machine and what does not, in lines for a person."""

from __future__ import annotations

import platform
import shutil
import sys
from importlib.metadata import PackageNotFoundError, version

from labgateway.edges.model_process import find_model
from labgateway.edges.serving import bind
from labgateway.lab.client import Client
from labgateway.memory.home import Home
from labgateway.shapes.settings import Settings
from labgateway.words.errors import PortInUse

_PACKAGES = ("jupyterlab", "ipywidgets", "fastapi", "uvicorn", "aiohttp", "pandas", "plotly")
_LOW_DISK_BYTES = 200 * 1024 * 1024


def report(settings: Settings, client: Client | None, given: str) -> tuple[list[str], bool]:
    """(lines, whether nothing stands in the way); ``given`` is what KUBECONFIG is."""
    lines = [f"ok    Python {platform.python_version()} at {sys.executable}"]
    lines += [_package(name) for name in _PACKAGES]
    model = find_model()
    lines.append(
        f"note  {model}; the simulator answers instead"
        if isinstance(model, str)
        else "ok    local model"
    )
    kubectl = shutil.which("kubectl")
    lines.append(
        f"ok    kubectl at {kubectl}" if kubectl else "note  no kubectl; %%kubectl works without"
    )
    lines += _kubeconfig(Home(settings.home), given) if kubectl else []
    free = shutil.disk_usage(settings.home if settings.home.is_dir() else settings.home.parent).free
    low = free < _LOW_DISK_BYTES
    lines.append(f"{'FAIL' if low else 'ok  '}  {free // 2**20} MB free for {settings.home}")
    if client is not None:
        lines.append(
            f"ok    the gateway runs in process {client.running.pid} ({client.running.owner})"
        )
    else:
        lines += [_port(name, port) for name, port in _ports(settings)]
    return lines, not any(line.startswith("FAIL") for line in lines)


def _kubeconfig(home: Home, given: str) -> list[str]:
    """Without it kubectl asks port 8080, where the gateway answers 404 to what is no request."""
    if given == str(home.kubeconfig):
        return []
    now = f"KUBECONFIG is {given or 'not set'}: kubectl in this terminal does not ask the lab"
    return [f"note  {now}; export KUBECONFIG={home.kubeconfig}"]


def _package(name: str) -> str:
    try:
        return f"ok    {name} {version(name)}"
    except PackageNotFoundError:
        return f"FAIL  {name} is not installed; run make setup"


def _ports(settings: Settings) -> tuple[tuple[str, int], ...]:
    return (
        ("gateway", settings.gateway_port),
        ("stats", settings.stats_port),
        ("admin", settings.admin_port),
    )


def _port(name: str, port: int) -> str:
    try:
        bind(port, strict=True).close()
    except PortInUse:
        return f"note  port {port} is in use by another program; the {name} port will be another"
    return f"ok    port {port} is free for {name}"
