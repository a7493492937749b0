#!/bin/sh
# Checks that the protos only grew since the last release in docs/releases.md. Without that commit here, as in a shallow clone, it says so.
# usage: tools/breaking.sh, from the project's folder
set -eu
row=$(grep -m 1 -E '^\| [0-9.]+ \| [0-9-]{10} \| `[0-9a-f]{40}` ' docs/releases.md)
version=$(echo "$row" | cut -d ' ' -f 2)
commit=$(echo "$row" | cut -d '`' -f 2)
if ! git cat-file -e "$commit^{commit}" 2>/dev/null; then
    if [ "$(git rev-parse --is-shallow-repository)" = true ]; then
        echo "breaking: not checked: this shallow clone lacks $commit, the commit of $version. Run: git fetch --unshallow" >&2
        exit 0
    fi
    echo "breaking: docs/releases.md names $commit for $version, which is no commit of this history. Correct the row." >&2
    exit 1
fi
# A copy, because buf reads no worktree of git.
old=build/breaking
rm -rf "$old"
mkdir -p "$old"
git archive "$commit" buf.yaml protos | tar -x -C "$old"
buf breaking --against "$old"
echo "breaking: the protos only grew since $version"
