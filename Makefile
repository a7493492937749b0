# Everything starts here: `make run` shows Palique, `make test` checks it. Targets make what they need and nothing twice.
SHELL := /bin/sh
.DEFAULT_GOAL := run
PYTHON ?= python3
BIN := .venv/bin
# Node comes with the Python environment, so that a bare machine needs no other tool.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: run setup lock clean

setup: .venv/.ready

.venv/.ready: requirements.lock bootstrap.lock pyproject.toml tools/setup.sh
	@tools/setup.sh $(PYTHON)
	@touch $@

# After a change of pyproject.toml. Neither file names a package index.
lock: setup
	uv pip compile --quiet --all-extras --universal --generate-hashes --no-emit-index-url \
		--custom-compile-command 'make lock' pyproject.toml -o requirements.lock
	python tools/bootstrap_lock.py requirements.lock bootstrap.lock

clean:
	rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
