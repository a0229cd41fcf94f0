"""The environment, read in exactly one place."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from shutil import which
from typing import cast, get_args
from urllib.request import getproxies_environment

from labgateway.shapes.settings import (
    ADMIN_PORT,
    GATEWAY_PORT,
    OPENAI_BASE_URL,
    SPAN_QUEUE,
    STATS_PORT,
    TRACES_SAMPLER,
    LogFormat,
    ProviderMode,
    Settings,
)
from labgateway.words.errors import LabError

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
# Set by the lab's extension of the Jupyter server, for its kernels and terminals.
CONSOLE_PATH = "LABGATEWAY_CONSOLE_PATH"
# Set by JupyterHub for every server of a user, on a machine that others use too.
HUB = "JUPYTERHUB_SERVICE_PREFIX"
BINDER = "BINDER_LAUNCH_HOST"  # set by BinderHub
_IDLE = (
    "Binder stops a kernel after 10 minutes without use, and with it the gateway, later the whole"
    " machine; lab.progress() downloads what you did and restores it"
)
CAPTURE = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
SPAN_QUEUE_SIZE = "OTEL_BSP_MAX_QUEUE_SIZE"
COLLECTORS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_USUAL_PORTS = (GATEWAY_PORT, STATS_PORT, ADMIN_PORT)
# OpenTelemetry's values; log and spans here have one switch, which each of the last four turns on.
_CAPTURES = {
    "NO_CONTENT": False,
    "FALSE": False,
    "SPAN_ONLY": True,
    "EVENT_ONLY": True,
    "SPAN_AND_EVENT": True,
    "TRUE": True,
}


class BadSetting(LabError):
    """An environment variable holds something that it cannot hold."""


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings as the environment gives them.

    ``LABGATEWAY_HOME``, ``LABGATEWAY_PROVIDER``, ``OPENAI_API_KEY``, ``OPENAI_BASE_URL`` (the last
    two as the OpenAI SDK reads them), ``LOG_FORMAT`` (as agentgateway reads it; JSON when unset),
    ``OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`` (whether prompts and answers are kept).
    ``OTEL_EXPORTER_OTLP_ENDPOINT`` and its kin (whether spans are exported; the SDK reads where),
    ``OTEL_TRACES_SAMPLER`` (which traces are sampled), ``OTEL_BSP_MAX_QUEUE_SIZE`` (how many spans
    wait for a collector). ``LABGATEWAY_CONSOLE_PATH`` (where this
    kernel's Jupyter server has the console), ``JUPYTERHUB_SERVICE_PREFIX`` (all ports are free),
    ``BINDER_LAUNCH_HOST`` (idle kernels are stopped).
    Errors: ``BadSetting``, naming variable and value.
    """
    env = os.environ if environment is None else environment
    # A key pasted with its line end is a common accident; it must not reach a header or an error.
    key = env.get("OPENAI_API_KEY", "").strip() or None
    provider = env.get("LABGATEWAY_PROVIDER") or ("openai" if key else "local")
    _check("LABGATEWAY_PROVIDER", provider, get_args(ProviderMode))
    log_format = env.get("LOG_FORMAT") or "json"
    _check("LOG_FORMAT", log_format, get_args(LogFormat))
    capture = (env.get(CAPTURE) or "NO_CONTENT").upper()
    _check(CAPTURE, capture, tuple(_CAPTURES))
    if provider == "openai" and key is None:
        raise BadSetting(
            "LABGATEWAY_PROVIDER is 'openai', which needs OPENAI_API_KEY; it is not set"
        )
    if key is not None and not (key.isascii() and key.isprintable()):
        raise BadSetting("OPENAI_API_KEY has characters that cannot be sent in a header")
    proxies = getproxies_environment()
    # On a hub's machine the usual ports are everybody's.
    gateway_port, stats_port, admin_port = (0, 0, 0) if env.get(HUB) else _USUAL_PORTS
    return Settings(
        home=home_path(env),
        provider=cast("ProviderMode", provider),
        openai_api_key=key,
        openai_base_url=env.get("OPENAI_BASE_URL") or OPENAI_BASE_URL,
        gateway_port=gateway_port,
        stats_port=stats_port,
        admin_port=admin_port,
        proxy=proxies.get("https") or proxies.get("all"),
        owner=env.get("JPY_SESSION_NAME") or "a notebook",
        log_bodies=_CAPTURES[capture],
        log_format=cast("LogFormat", log_format),
        otlp_export=_exports_spans(env),
        span_queue=_span_queue(env),
        traces_sampler=env.get("OTEL_TRACES_SAMPLER", "").strip().lower() or TRACES_SAMPLER,
        console_path=env.get(CONSOLE_PATH) or None,
        notices=(_IDLE,) if env.get(BINDER) else (),
    )


def kernel_name() -> str | None:
    """What tells this kernel from others; None outside of one.

    The path of its notebook, which Jupyter Server gives a kernel as ``JPY_SESSION_NAME``, else
    the id of its process.
    """
    ipython = sys.modules.get("IPython")
    if ipython is None or ipython.get_ipython() is None:
        return None
    return os.environ.get("JPY_SESSION_NAME") or f"process {os.getpid()}"


def _exports_spans(env: Mapping[str, str]) -> bool:
    """Whether there is a collector, by the variables that OpenTelemetry's SDK reads."""
    if env.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    exporters = env.get("OTEL_TRACES_EXPORTER", "").strip().lower()
    named = any(env.get(name, "").strip() for name in COLLECTORS)
    return named and exporters != "none"


def _span_queue(env: Mapping[str, str]) -> int:
    value = env.get(SPAN_QUEUE_SIZE, "").strip() or str(SPAN_QUEUE)
    if not value.isdecimal() or int(value) < 1:
        raise BadSetting(f"{SPAN_QUEUE_SIZE} is {value!r}; it is a number of spans, such as 2048")
    return int(value)


def _check(variable: str, value: str, possible: tuple[str, ...]) -> None:
    if value not in possible:
        raise BadSetting(f"{variable} is {value!r}; it can be one of {', '.join(possible)}")


def home_path(env: Mapping[str, str], below: Path | str = ".") -> Path:
    """Where state is kept.

    ``LABGATEWAY_HOME``; else, on a hub, ``~/.labgateway``; else ``.lab`` beside our pyproject.toml
    at or above the directory ``below``; else ``~/.labgateway``.
    """
    given = env.get("LABGATEWAY_HOME")
    if given:
        return Path(given).expanduser().absolute()
    here = Path(below).absolute()
    for directory in () if env.get(HUB) else (here, *here.parents):
        project = directory / "pyproject.toml"
        if project.is_file() and 'name = "labgateway"' in project.read_text(encoding="utf-8"):
            return directory / ".lab"
    return Path.home() / ".labgateway"


def kubeconfig() -> str:
    """What tells kubectl where its cluster is, "" when nothing does."""
    return os.environ.get("KUBECONFIG", "")


def shell() -> str:
    """What terminals run: bash where there is one, else the learner's shell, else sh.

    Only bash learns at each line where the gateway is by now (``lab/terminal.py``), and the
    exercise's commands are written for it.
    """
    given = os.environ.get("SHELL") or "/bin/sh"
    return given if Path(given).name == "bash" else which("bash") or given


def bypass_proxies() -> None:
    """Make this process and its children reach this machine without a proxy."""
    for name in ("NO_PROXY", "no_proxy"):
        listed = [one.strip() for one in os.environ.get(name, "").split(",") if one.strip()]
        missing = [one for one in LOOPBACK_NAMES if one not in listed]
        os.environ[name] = ",".join([*listed, *missing])
