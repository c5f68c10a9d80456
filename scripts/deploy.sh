#!/bin/sh
# scripts/deploy.sh STACK [--dry-run]: see scripts/deploy.sh --help
cd "$(dirname "$0")/.." && scripts/setup.sh local && exec .venv/bin/python -m scripts.release deploy "$@"
