#!/bin/sh
# Installs the locked packages of a tool into an environment of its own, unless it has them already.
# usage: tools/environment.sh LOCK FOLDER, from the project's folder
set -eu
lock=$1
folder=$2

cmp -s "$lock" "$folder/installed.lock" && exit 0
echo "setup: installing the tools of $lock into $folder" >&2
rm -rf "$folder"
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$lock"
cp "$lock" "$folder/installed.lock"
