#!/bin/sh
# Creates .venv from the two hashed locks. Needs only Python 3.11; can be interrupted and repeated.
# usage: tools/setup.sh PYTHON
set -eu
python=${1:-python3}
venv=.venv

say() { printf '%s\n' "setup: $*" >&2; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then sudo -n "$@"
    else return 1; fi
}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
    say "Python 3.11 or newer is needed, as '$python'. Name another one with: make PYTHON=/path/to/python3.11"
    exit 1
}

# Debian's python3 lacks ensurepip, which `venv` needs.
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    say "this Python cannot make environments (no ensurepip); installing python3-venv"
    as_root env DEBIAN_FRONTEND=noninteractive sh -c \
        'apt-get update -qq && apt-get install -qqy --no-install-recommends python3-venv' >/dev/null || {
        say "could not. Please run:  sudo apt-get install python3-venv   and then make again."
        exit 1
    }
fi

# An interrupted run can leave an environment without pip: then, and after a change of Python, create a new one.
if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    rm -rf "$venv"
    "$python" -m venv "$venv"
fi

install_lock() {
    # uv is five times faster but ignores pip's configuration: where only pip can reach
    # a package index, pip installs everything.
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r bootstrap.lock || return 1
    # Compiled once here, so that every process of the stack starts in half the time.
    "$venv/bin/uv" pip sync --quiet --system-certs --compile-bytecode --require-hashes \
        --python "$venv/bin/python" requirements.lock 2>"$venv/uv.log" && return 0
    say "uv could not fetch the packages (see $venv/uv.log); trying pip"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
}

say "installing the locked packages into $venv"
install_lock || {
    say "the packages of requirements.lock could not be installed. Is a Python package index within reach?"
    exit 1
}

# Installs the project itself, editable, with the build tool of the lock; needs no network.
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation -e .
