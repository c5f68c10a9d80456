#!/bin/sh
# The one check script: people, `make test` and CI run this and nothing else.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"
echo "== ruff";  ruff check . && ruff format --check .
echo "== mypy";  mypy
[ "${1:-all}" = lint ] && exit 0
scripts/chromium.sh || true
echo "== pytest"
exec pytest ${PYTEST_ARGS:-}
