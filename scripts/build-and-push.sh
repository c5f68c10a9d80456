#!/bin/sh
# scripts/build-and-push.sh STACK [--dry-run]: see scripts/build-and-push.sh --help
cd "$(dirname "$0")/.." && scripts/setup.sh local && exec .venv/bin/python -m scripts.release build-and-push "$@"
