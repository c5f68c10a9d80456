#!/bin/sh
# scripts/rollback.sh STACK [--dry-run]: see scripts/rollback.sh --help
cd "$(dirname "$0")/.." && scripts/setup.sh local && exec .venv/bin/python -m scripts.release rollback "$@"
