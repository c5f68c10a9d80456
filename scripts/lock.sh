#!/bin/sh
# Compile pyproject.toml into the hashed requirements files, and the npm lock files, without download addresses.
# test.txt is the superset; every other file is compiled under its versions, so a laptop, CI and the image agree.
set -eu
cd "$(dirname "$0")/.."
export UV_CUSTOM_COMPILE_COMMAND="make lock"
compile() {
    out=$1
    shift
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links "$@" --output-file "$out"
}
compile requirements/test.txt pyproject.toml --extra policy --extra infra --extra container --extra local --extra test --extra bench ${UPGRADE:+--upgrade}
compile requirements/local.txt pyproject.toml --extra policy --extra infra --extra container --extra local -c requirements/test.txt
compile requirements/container.txt pyproject.toml --extra container -c requirements/test.txt
compile requirements/policy.txt pyproject.toml --extra policy -c requirements/test.txt
compile requirements/bootstrap.txt requirements/bootstrap.in
compile bench/peers/requirements.txt bench/peers/requirements.in

# npm copies its packages' funding pages into the lock file, which are addresses too.
without_funding() {
    .venv/bin/python - "$1/package-lock.json" <<'PYTHON'
import json, pathlib, sys

file = pathlib.Path(sys.argv[1])
lock = json.loads(file.read_text())
for package in lock["packages"].values():
    package.pop("funding", None)
file.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n")
PYTHON
}
for lock in container/astro/package-lock.json container/astro/tools/package-lock.json bench/peers/package-lock.json clients/typescript/package-lock.json tests/javascript/package-lock.json tests/workflows/package-lock.json tests/sites/*/package-lock.json tests/sites/releases/*/package-lock.json tests/astro/earlier-vite/package-lock.json; do
    folder=$(dirname "$lock")
    (npm=$PWD/scripts/npm.sh; cd "$folder" && "$npm" install --package-lock-only)
    without_funding "$folder"
done
