"""What a terminal knows of the gateway: GATEWAY_IP and GATEWAY_PORT, as the exercise calls them."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

from labgateway.lab.kubeconfig import point_kubectl
from labgateway.memory.home import Home
from labgateway.shapes.settings import GATEWAY_PORT

GATEWAY_IP = "127.0.0.1"
_AT_PROMPT = "prompt"
_PROGRAMS = Path(sys.executable).parent


def write_env(home: Home, gateway_port: int) -> None:
    """Write what a shell sources to find the gateway and the lab's programs.

    Who sources it wants the lab's KUBECONFIG, whatever it was; a prompt, which sources it with a
    word, changes it in a shell's beginning only. PATH is changed once in a shell. bash expands PS0
    when a line was typed, before it runs: the port is then the present one, also where the gateway
    has started since the prompt came. A length of 0 prints nothing.
    """
    programs, kubeconfig, cache, env = (
        shlex.quote(str(one)) for one in (_PROGRAMS, home.kubeconfig, home.kube_cache, home.env)
    )
    port = f"$(. {env}; echo $GATEWAY_PORT)"
    ps0 = shlex.quote(f"${{GATEWAY_IP:0:$((GATEWAY_PORT={port},0))}}")
    home.write_private(
        home.env,
        f"export GATEWAY_IP={GATEWAY_IP} GATEWAY_PORT={gateway_port}\n"
        f'[ -n "$_labgateway" ] || export PATH={programs}:"$PATH"\n'
        f'[ -n "$_labgateway$PS0" ] || PS0={ps0}\n'
        f'[ "$1$_labgateway" = {_AT_PROMPT}found ] && [ -n "$KUBECONFIG" ] ||'
        f" export KUBECONFIG={kubeconfig} KUBECACHEDIR={cache}\n"
        "_labgateway=found\n",
    )


def point_terminals(home: Home) -> None:
    """Let the shells of this process's children find the lab, whichever port it will have."""
    point_kubectl(home)
    os.environ["LABGATEWAY_HOME"] = str(home.path)
    last = home.last_running()
    port = last.gateway_port if last is not None else GATEWAY_PORT
    write_env(home, port)
    point_here(port)
    # At the first prompt, because bash's start-up files may have put other programs first.
    os.environ["PROMPT_COMMAND"] = f". {shlex.quote(str(home.env))} {_AT_PROMPT}"


def point_here(gateway_port: int) -> None:
    """Let ``!curl`` in a cell, and programs that it starts, find the gateway."""
    os.environ["GATEWAY_IP"] = GATEWAY_IP
    os.environ["GATEWAY_PORT"] = str(gateway_port)
