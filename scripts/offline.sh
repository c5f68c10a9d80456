#!/bin/sh
# scripts/offline.sh [COMMAND …]: run a command, by default a shell, in which `pulumi` deploys to a pretend cloud with no account
# and no network. Use it in the folder of any program:  ../astro-live/scripts/offline.sh pulumi preview
set -eu
folder=$PWD
cd "$(dirname "$0")/.."
scripts/setup.sh local
exec .venv/bin/python -m local serve --folder "$folder" -- "$@"
