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
compile policy/requirements.txt pyproject.toml --extra policy -c requirements/test.txt
compile requirements/bootstrap.txt requirements/bootstrap.in
compile bench/peers/requirements.txt bench/peers/requirements.in
