"""The environment, read in one place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from labgateway.lab.settings import (
    BINDER,
    CAPTURE,
    CONSOLE_PATH,
    HUB,
    BadSetting,
    bypass_proxies,
    from_environment,
    home_path,
    shell,
)


def test_without_a_key_the_local_model_answers(tmp_path: Path) -> None:
    """Nothing needs to be set."""
    settings = from_environment({"LABGATEWAY_HOME": str(tmp_path)})

    assert (settings.provider, settings.openai_api_key) == ("local", None)
    assert settings.home == tmp_path


def test_with_a_key_openai_answers(tmp_path: Path) -> None:
    """The variables are the OpenAI SDK's; a line end that was pasted along is cut off."""
    settings = from_environment(
        {
            "LABGATEWAY_HOME": str(tmp_path),
            "OPENAI_API_KEY": "sk-pasted-0001\r\n",
            "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
        }
    )

    assert settings.provider == "openai"
    assert settings.openai_api_key == "sk-pasted-0001"
    assert settings.openai_base_url == "http://127.0.0.1:9/v1"
    assert "sk-pasted" not in repr(settings)


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"LABGATEWAY_PROVIDER": "anthropic"}, "'anthropic'"),
        ({"LABGATEWAY_PROVIDER": "openai"}, "OPENAI_API_KEY"),
        ({"OPENAI_API_KEY": "sk-ä"}, "OPENAI_API_KEY"),
        ({"OTEL_BSP_MAX_QUEUE_SIZE": "-1"}, "OTEL_BSP_MAX_QUEUE_SIZE is '-1'; it is a number"),
        ({"LOG_FORMAT": "yaml"}, "LOG_FORMAT is 'yaml'; it can be one of json, text"),
        ({CAPTURE: "yes"}, f"{CAPTURE} is 'YES'; it can be one of NO_CONTENT, "),
    ],
)
def test_what_cannot_be_is_named(environment: dict[str, str], named: str) -> None:
    """The variable and what is wrong with it, never a key."""
    with pytest.raises(BadSetting, match=named) as caught:
        from_environment(environment)

    assert "sk-" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("", False),
        ("NO_CONTENT", False),
        ("no_content", False),
        ("false", False),
        ("SPAN_ONLY", True),
        ("event_only", True),
        ("Span_And_Event", True),
        ("true", True),
    ],
)
def test_opentelemetrys_variable_turns_bodies_on(
    value: str, *, kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In any case; log and spans have one switch, so each value but "no content" turns both on."""
    assert CAPTURE == "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
    assert from_environment({CAPTURE: value}).log_bodies is kept
    monkeypatch.setenv(CAPTURE, value)
    assert from_environment().log_bodies is kept
    assert from_environment({}).log_bodies is False


@pytest.mark.parametrize(("value", "written"), [("", "json"), ("json", "json"), ("text", "text")])
def test_the_form_of_log_lines_is_agentgateways_variable(value: str, written: str) -> None:
    """JSON where it is not set."""
    assert from_environment({"LOG_FORMAT": value}).log_format == written


@pytest.mark.parametrize(
    ("environment", "exported"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://localhost:4318/v1/traces"}, True),
        ({"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://localhost:4318/v1/metrics"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_SDK_DISABLED": "true"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_TRACES_EXPORTER": "none"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_TRACES_EXPORTER": "otlp"}, True),
    ],
)
def test_spans_are_exported_where_opentelemetrys_variables_say(
    environment: dict[str, str], *, exported: bool
) -> None:
    """As its SDK reads them; without a collector nothing is."""
    assert from_environment(environment).otlp_export is exported


@pytest.mark.parametrize(
    ("value", "sampler"),
    [("", "parentbased_always_on"), (" Always_Off ", "always_off"), ("traceidratio",) * 2],
)
def test_the_sampler_is_opentelemetrys_variable(value: str, sampler: str) -> None:
    """In any case, as its SDK reads it."""
    assert from_environment({"OTEL_TRACES_SAMPLER": value}).traces_sampler == sampler


def test_home_is_beside_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From anywhere in a clone the lab finds the clone's state; elsewhere the user's."""
    inner = tmp_path / "notebooks" / "llm-routing"
    inner.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "labgateway"\n')
    monkeypatch.chdir(inner)
    assert home_path({}) == tmp_path / ".lab"

    (tmp_path / "pyproject.toml").write_text('[project]\nname = "another"\n')
    assert home_path({}) == Path.home() / ".labgateway"


def test_loopback_bypasses_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the learner had excluded stays; this machine is added once."""
    monkeypatch.setenv("NO_PROXY", "intranet.example")
    monkeypatch.setenv("no_proxy", "")
    bypass_proxies()
    bypass_proxies()

    assert os.environ["NO_PROXY"] == "intranet.example,localhost,127.0.0.1,::1"
    assert os.environ["no_proxy"] == "localhost,127.0.0.1,::1"


def test_on_a_hub_ports_are_free_ones_and_state_is_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine is shared, and so may be the clone."""
    (tmp_path / "pyproject.toml").write_text('name = "labgateway"')
    monkeypatch.chdir(tmp_path)
    hub = {HUB: "/user/ada-1x2y/", CONSOLE_PATH: "/user/ada-1x2y/labgateway/ui/"}

    settings = from_environment(hub)

    assert (settings.gateway_port, settings.stats_port, settings.admin_port) == (0, 0, 0)
    assert settings.home == Path.home() / ".labgateway"
    assert settings.console_path == "/user/ada-1x2y/labgateway/ui/"
    assert from_environment(hub | {"LABGATEWAY_HOME": str(tmp_path)}).home == tmp_path
    assert from_environment({}).home == tmp_path / ".lab"
    assert from_environment({}).gateway_port == 8080


def test_the_home_can_be_looked_for_from_elsewhere(tmp_path: Path) -> None:
    """The Jupyter server finds what its kernels will, from its root directory."""
    (tmp_path / "pyproject.toml").write_text('name = "labgateway"')

    assert home_path({}, tmp_path / "notebooks") == tmp_path / ".lab"


def test_on_binder_the_idle_limit_is_said(tmp_path: Path) -> None:
    """There only: elsewhere nobody stops a kernel."""
    here = {"LABGATEWAY_HOME": str(tmp_path)}

    assert from_environment(here).notices == ()
    (notice,) = from_environment(here | {BINDER: "https://hub.example"}).notices
    assert "10 minutes" in notice
    assert "lab.progress()" in notice


@pytest.mark.parametrize("given", [None, "/bin/sh", "/usr/bin/zsh"])
def test_terminals_run_bash_where_there_is_one(
    given: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only bash asks at each line where the gateway is; without it the learner's shell is taken."""
    monkeypatch.delenv("SHELL", raising=False)
    if given is not None:
        monkeypatch.setenv("SHELL", given)
    bash = tmp_path / "bash"
    monkeypatch.setenv("PATH", str(tmp_path))

    without = shell()
    bash.touch(mode=0o755)

    assert (without, shell()) == (given or "/bin/sh", str(bash))


def test_the_learners_own_bash_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever is first on PATH."""
    monkeypatch.setenv("SHELL", "/opt/own/bash")

    assert shell() == "/opt/own/bash"
