"""kubectl's command line: one line of words → verb, arguments and flags, or kubectl's complaint."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field

from labgateway.lab.failures import Failure, Verbatim

# name: (letter, whether it takes a value)
_FLAGS = {
    "namespace": ("n", True),
    "all-namespaces": ("A", False),
    "output": ("o", True),
    "filename": ("f", True),
    "recursive": ("R", False),
    "selector": ("l", True),
    "field-selector": ("", True),
    "ignore-not-found": ("", False),
    "no-headers": ("", False),
    "show-labels": ("", False),
    "label-columns": ("L", True),
    "all": ("", False),
    "overwrite": ("", False),
    "for": ("", True),
    "timeout": ("", True),
    "watch": ("w", False),
    "watch-only": ("", False),
    "dry-run": ("", True),
    "validate": ("", True),
    "wait": ("", False),
    "container": ("c", True),
    "follow": ("f", False),
    "previous": ("p", False),
    "since": ("", True),
    "tail": ("", True),
    "timestamps": ("", False),
    "address": ("", True),
    "api-group": ("", True),
    "namespaced": ("", False),
    "sort-by": ("", True),
    "verbs": ("", True),
    "help": ("h", False),
}
DEFAULT_NAMESPACE = "default"
_FILES = {"filename", "recursive", "namespace", "dry-run", "help"}
VERBS = {
    "apply": _FILES | {"output", "validate"},
    "get": {
        *("namespace", "all-namespaces", "output", "selector", "field-selector", "filename"),
        *("ignore-not-found", "no-headers", "show-labels", "label-columns", "recursive", "help"),
        *("watch", "watch-only"),
    },
    "describe": {"namespace", "all-namespaces", "selector", "filename", "recursive", "help"},
    "delete": _FILES | {"all", "selector", "ignore-not-found", "wait", "output"},
    "explain": {"recursive", "help", "namespace"},
    "logs": {
        *("namespace", "container", "follow", "previous", "since", "tail", "timestamps", "help"),
    },
    "port-forward": {"namespace", "address", "help"},
    "label": _FILES | {"all", "selector", "overwrite"},
    "annotate": _FILES | {"all", "selector", "overwrite"},
    "wait": {"all", "selector", "filename", "recursive", "namespace", "for", "timeout", "help"},
    "version": {"output", "help"},
    "api-resources": {
        *("output", "no-headers", "api-group", "namespaced", "sort-by", "verbs", "help"),
    },
}
# Verbs of the real kubectl that work in a terminal of the lab, and those refused there too.
_IN_A_TERMINAL = (
    *("api-versions", "auth", "cluster-info", "completion", "config", "create", "diff"),
    *("edit", "events", "expose", "kuberc", "kustomize", "patch", "plugin", "proxy"),
    *("replace", "rollout"),
)
_NOWHERE = (
    *("attach", "autoscale", "certificate", "cordon", "cp", "debug", "drain", "exec", "run"),
    *("scale", "set", "taint", "top", "uncordon"),
)
_SHELL = {"|", "||", "&&", ";", "&", ">", ">>", "2>&1", "<"}


@dataclass
class Command:
    """A command line, understood."""

    verb: str = ""
    arguments: list[str] = field(default_factory=list)
    flags: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)

    def has(self, flag: str) -> bool:
        """Whether a flag that takes no value is on."""
        return self.flags.get(flag, "false") != "false"


def read(line: str) -> Command:
    """The command of a line; a first word ``kubectl`` and a heredoc at the end are ignored.

    Errors: ``Failure`` in kubectl's words.
    """
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise Failure(f"this line cannot be read: {str(error).lower()}") from error
    words = words[1:] if words[:1] == ["kubectl"] else words
    shell = next((word for word in words if word in _SHELL), None)
    if shell is not None and "port-forward" not in words:  # which takes & and is refused whole
        raise Failure(
            f'unexpected "{shell}"',
            f"%kubectl is not a shell: leave out {shell} and what follows, or use a terminal",
        )
    command = Command()
    rest = iter([word for word in words if not word.startswith("<<")])
    pending: list[tuple[str, str]] = []
    for word in rest:
        if word.startswith("-") and word != "-":
            pending.extend(_flags(word, rest, command.verb or _verb_in(words)))
        elif not command.verb:
            command.verb = _verb(word)
        else:
            command.arguments.append(word)
    for name, value in pending:
        _keep(command, name, value)
    return command


def _verb_in(words: list[str]) -> str:
    return next((word for word in words if word in VERBS), "")


def _verb(word: str) -> str:
    if word in VERBS:
        return word
    here = f"here: {', '.join(VERBS)}"
    message = f'"kubectl {word}" is not part of %kubectl'
    if word in _IN_A_TERMINAL:
        raise Failure(message, here, f"in a terminal of the lab, kubectl {word} works")
    if word in _NOWHERE:
        raise Failure(message, here, "the lab has no containers or nodes that it could act on")
    message = f'unknown command "{word}" for "kubectl"'
    close = difflib.get_close_matches(word, [*VERBS, *_IN_A_TERMINAL, *_NOWHERE], n=1)
    if close:
        message += f"\n\nDid you mean this?\n\t{close[0]}\n"
    raise Failure(message, here)


def _flags(word: str, rest: Iterator[str], verb: str) -> Iterator[tuple[str, str]]:
    """The flags in one word; a value is in the word or is the next word."""
    name, equals, value = word.lstrip("-").partition("=")
    if word.startswith("--"):
        known = name in _FLAGS
        if not known or (verb and name not in VERBS[verb]):
            raise _complaint(verb, f"unknown flag: --{name}")
        if equals:
            yield name, value
        elif not _FLAGS[name][1]:
            yield name, "true"
        else:
            # --dry-run alone is an old spelling that kubectl refuses as well.
            yield name, _next(rest, verb, f"flag needs an argument: --{name}")
        return
    letters = word[1:]
    while letters:
        letter, letters = letters[0], letters[1:]
        name = _named(letter, verb)
        if not name or (verb and name not in VERBS[verb]):
            raise _complaint(verb, f"unknown shorthand flag: '{letter}' in {word}")
        if not _FLAGS[name][1]:
            yield name, "true"
            continue
        value = letters.removeprefix("=")
        yield name, value or _next(rest, verb, f"flag needs an argument: '{letter}' in {word}")
        return


def _named(letter: str, verb: str) -> str:
    """The flag that a letter means: -f is --filename, and --follow of logs."""
    names = [one for one, (short, _) in _FLAGS.items() if short == letter]
    return next((one for one in names if one in VERBS.get(verb, set())), "".join(names[:1]))


def _next(rest: Iterator[str], verb: str, complaint: str) -> str:
    value = next(rest, None)
    if value is None:
        raise _complaint(verb, complaint)
    return value


def _complaint(verb: str, message: str) -> Failure:
    see = f"kubectl {verb}" if verb else "kubectl"
    flags = " ".join(f"--{name}" for name in sorted(VERBS.get(verb, set())))
    return Failure(f"{message}\nSee '{see} --help' for usage.", f"here: {flags}")


def _keep(command: Command, name: str, value: str) -> None:
    if name == "filename":
        command.files += value.split(",")
    else:
        command.flags[name] = value


def usage(verb: str) -> Verbatim:
    """What ``--help`` and a line without a verb show."""
    if not verb:
        return Verbatim(f"%kubectl in a notebook: {', '.join(VERBS)}")
    flags = " ".join(f"--{name}" for name in sorted(VERBS[verb] - {"help"}))
    return Verbatim(f"kubectl {verb} in a notebook takes: {flags}")
