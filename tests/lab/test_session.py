"""start(): one gateway for a learner, owned, attached to, adopted, and gone without a trace."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from labgateway.lab.cli import main
from labgateway.lab.client import Client
from labgateway.lab.session import Lab
from labgateway.memory.home import Home
from labgateway.shapes.settings import Settings
from tests.conftest import BACKEND, ROUTE
from tests.lab.processes import LabProcess, ask

pytestmark = pytest.mark.slow  # real processes

PAIR = f"{ROUTE}---{BACKEND}"


def free(url: str) -> bool:
    """Whether nothing listens at a URL's port any more."""
    port = urlsplit(url).port
    assert port is not None
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def any_ports(home: Path) -> Settings:
    """Settings for a lab in this process."""
    return Settings(home, provider="simulator", gateway_port=0, stats_port=0, admin_port=0)


def test_stop_leaves_no_thread_and_no_port(tmp_path: Path) -> None:
    """After stop() the process is as it was before."""
    before = set(threading.enumerate())
    lab = Lab(any_ports(tmp_path))
    url = lab.gateway_url
    assert ask(url).status_code == 404

    lab.stop()

    assert free(url)
    left = [one for one in threading.enumerate() if one not in before and one.name != "asyncio_0"]
    for one in left:
        one.join(10)  # AnyIO's have been told to end, and do so a moment later
    assert [one.name for one in left if one.is_alive()] == []


def test_start_twice_is_one_lab(tmp_path: Path) -> None:
    """Running the first cell again changes nothing."""
    with LabProcess(tmp_path) as kernel:
        assert kernel.evaluate("labgateway.start() is lab")


def test_the_interpreter_exits_and_leaves_nothing(tmp_path: Path) -> None:
    """A kernel that ends normally frees its ports and prints nothing."""
    with LabProcess(tmp_path) as kernel:
        output, errors = kernel.process.communicate(timeout=20)

        assert kernel.process.returncode == 0
        assert free(kernel.url)
        assert (output, errors) == ("", "")


def test_a_second_process_attaches(tmp_path: Path) -> None:
    """Two notebooks see one gateway: same URL, same resources, same log."""
    with LabProcess(tmp_path) as first, LabProcess(tmp_path) as second:
        assert (first.first["owner"], second.first["owner"]) == (True, False)
        assert first.url == second.url
        second.client.apply(PAIR)
        assert ask(second.url).status_code == 200
        assert first.evaluate("len(lab.logs())") == second.evaluate("len(lab.logs())") == 1


def test_kill_9_in_mid_request_loses_no_answer(tmp_path: Path) -> None:
    """The next notebook adopts: same port, same resources, every answered request in the log."""
    with LabProcess(tmp_path) as first:
        first.client.apply(PAIR)
        answered = [ask(first.url).headers["x-trace-id"] for _ in range(20)]
        with LabProcess(tmp_path) as second:
            # This request is being answered when its gateway is killed.
            in_flight = threading.Thread(target=_broken, args=(first.url,))
            in_flight.start()
            first.process.kill()
            first.process.wait()
            in_flight.join(20)

            assert second.evaluate("[len(lab.logs()), lab.owner]")[1]
            assert second.evaluate("lab.gateway_url") == first.url
            assert Client.find(tmp_path).running.secret == first.client.running.secret
            assert ask(first.url).status_code == 200
            logged = second.evaluate("list(lab.logs()['trace.id'])")
            assert logged[:20] == answered


def _broken(url: str) -> None:
    with pytest.raises(httpx.TransportError):
        ask(url, **{"x-simulate": "delay=10s"})


def test_a_busy_port_is_replaced_and_said(tmp_path: Path) -> None:
    """Another program on 8080 costs the learner nothing; the card says so."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        lab = Lab(
            Settings(tmp_path, provider="simulator", gateway_port=port, stats_port=0, admin_port=0)
        )

        assert urlsplit(lab.gateway_url).port != port
        assert f"port {port} is in use" in repr(lab)
        lab.stop()


def test_a_proxy_never_gets_loopback_calls(tmp_path: Path) -> None:
    """With a corporate proxy in the environment, the lab and its learner talk past it."""
    with socket.socket() as proxy:
        proxy.bind(("127.0.0.1", 0))
        proxy.listen()
        proxy.settimeout(0.2)
        url = f"http://127.0.0.1:{proxy.getsockname()[1]}"
        names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
        with LabProcess(tmp_path, **dict.fromkeys(names, url)) as kernel:
            kernel.client.apply(PAIR)
            learners_own = (
                "__import__('httpx').post(lab.gateway_url + '/openai', json={'model': 'm',"
                " 'messages': [{'role': 'user', 'content': 'hi'}]}).status_code"
            )

            assert kernel.evaluate(learners_own) == 200
            with pytest.raises(TimeoutError):
                proxy.accept()


def test_serving_beside_a_notebook_says_whose_the_gateway_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And how to use it, or to end it; nothing of it is disturbed."""
    with LabProcess(tmp_path, JPY_SESSION_NAME="01.ipynb") as kernel:
        assert main(["serve", "--home", str(tmp_path)]) == 1
        said = capsys.readouterr().err
        assert f"in 01.ipynb (process {kernel.process.pid})" in said
        assert f". {tmp_path}/env.sh" in said
        assert ask(kernel.url).status_code == 404


def test_state_survives_a_restart(tmp_path: Path) -> None:
    """What was applied and answered is there again; the environment's Secrets are not on disk."""
    with LabProcess(tmp_path) as first:
        first.client.apply(PAIR)
        first.client.answer("1.predict", 500)
    with LabProcess(tmp_path) as second:
        seen = second.client.observation()

        assert seen.select("/openai") is not None
        assert seen.answers["1.predict"].value == 500
        assert ask(second.url).status_code == 200
    assert "sk-lab-" not in Home(tmp_path).resources.read_text()


def test_a_journal_cut_in_mid_line_is_mended(tmp_path: Path) -> None:
    """What a dying process half wrote is put aside and said; everything before it is there."""
    with LabProcess(tmp_path) as first:
        first.client.apply(PAIR)
    with Home(tmp_path).resources.open("a") as journal:
        journal.write('{"put": {"apiVersion": "v1", "kin')

    with LabProcess(tmp_path) as second:
        seen = second.client.observation()

        assert seen.select("/openai") is not None
        assert any("damaged" in notice for notice in seen.place.notices)


def serve(home: Path, *arguments: str) -> subprocess.Popen[str]:
    """`labgateway serve` with the simulator."""
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "labgateway",
            "serve",
            "--provider",
            "simulator",
            "--home",
            str(home),
            *arguments,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={name: value for name, value in os.environ.items() if name != "OPENAI_API_KEY"},
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_says_ready_and_stops_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    """One line with everything one needs; a signal ends it with code 0 and free ports."""
    process = serve(tmp_path, "--gateway-port", "0", "--stats-port", "0", "--admin-port", "0")
    assert process.stdout is not None
    line = process.stdout.readline()
    said = dict(part.split("=", 1) for part in line.split()[1:])

    process.send_signal(number)
    rest, errors = process.communicate(timeout=20)

    assert line.startswith("ready ")
    assert list(said) == ["gateway", "stats", "admin", "console", "kubeconfig"]
    assert Path(said["kubeconfig"]).stat().st_mode & 0o777 == 0o600
    assert (process.returncode, rest, errors) == (0, "", "")
    assert free(said["gateway"])


def test_a_replaced_port_stays_when_a_kernel_is_restarted(tmp_path: Path) -> None:
    """Exporters and links of other notebooks hold it; the program that has the usual one, too."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        settings = replace(any_ports(tmp_path), stats_port=other.getsockname()[1])
        first = Lab(settings)
        urls = first.gateway_url, first.metrics_url, first.admin_url
        first.stop()
        again = Lab(settings)
        try:
            assert (again.gateway_url, again.metrics_url, again.admin_url) == urls
        finally:
            again.stop()


def test_serve_does_not_replace_a_port_that_was_asked_for(tmp_path: Path) -> None:
    """A number on the command line is meant; the error names it."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        process = serve(tmp_path, "--gateway-port", str(port))
        _, errors = process.communicate(timeout=20)

    assert process.returncode == 1
    assert f"port {port}" in errors
    assert "Traceback" not in errors
