# make lab opens the lab, make test proves it; both set everything up first. Works with GNU make 3.81.
# PYTHON=/path/to/python picks the Python; else the newest one found that is 3.11 or newer.

.PHONY: help lab setup test check bench clean static unrun

# The fast tests leave these out: they take minutes, a browser or the real model.
FAST = -n 2 -m "not slow and not model and not browser"
# A file's tests share a server or a kernel, so they stay together.
SLOW = -n 2 --dist loadfile -m "slow or model or browser"

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile

lab: setup  ## set up what is missing and open JupyterLab
	.venv/bin/labgateway lab

# A name on PATH may be a pyenv shim with no Python behind it, so each is asked for its version.
setup:  ## set up what is missing: .venv, the pinned packages, the model
	@for python in $(or $(PYTHON),python3.14 python3.13 python3.12 python3.11 python3); do \
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    exec $$python binder/setup_lab.py; \
	  fi; \
	done; \
	python=$(or $(PYTHON),python3); \
	if $$python -c 'import sys; sys.exit(sys.version_info < (3, 6))' 2>/dev/null; then \
	  exec $$python binder/setup_lab.py; \
	fi; \
	echo "No Python 3 answers as $(or $(PYTHON),python3): install Python 3.11 or newer," \
	  "or name one with \`make $(or $(firstword $(MAKECMDGOALS)),setup) PYTHON=/path/to/python3.11\`." >&2; exit 1

test: static  ## all tests: fast and slow, notebooks, browser, real model
	.venv/bin/python -m pytest $(FAST)
	.venv/bin/python -m pytest $(SLOW) --durations=15

check: static  ## the fast tests, two or three minutes
	.venv/bin/python -m pytest $(FAST)

# What the tools say without running the code.
static: unrun setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

# The tests are about the notebooks as they are shipped: without outputs, their blanks open.
unrun:
	@if run=$$(grep -l '"execution_count": [0-9]' notebooks/*.ipynb notebooks/*/*.ipynb); then \
	  echo "These notebooks were run, and the tests are about them as they are shipped:" $$run >&2; \
	  echo "Put yours aside with \`git stash push notebooks\`, or work on a copy: \`labgateway lab --copy DIR\`." >&2; \
	  exit 1; \
	fi

bench: setup  ## measure: the scripts of tests/performance
	@for script in tests/performance/*.py; do \
	  echo "== $$script"; .venv/bin/python $$script || exit 1; \
	done

clean:  ## delete .venv, build output and caches; what the learner did (.lab) stays
	rm -rf .venv .venv.lock build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
