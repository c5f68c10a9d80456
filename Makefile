# Everything a person or CI runs. `make help` lists it.
STACK ?= dev
PY := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help setup up preview test lint format lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## install what the local stack needs into this checkout (.venv, node_modules)
	@scripts/setup.sh local

up: setup ## run the declared stack on this machine and open a live session (Ctrl-C ends it)
	@exec $(PY) -m local up

preview: setup ## STACK=dev|prod|local [REPORT=dir]: resources and policy violations, offline
	@$(PY) -m local preview $(STACK) $(if $(REPORT),--report $(REPORT))

test: ## lint, types and every test
	@scripts/setup.sh test
	@scripts/check.sh

lint: ## ruff and mypy only
	@scripts/setup.sh test
	@scripts/check.sh lint

format: ## rewrite the sources in the house format
	@scripts/setup.sh test
	@$(PY) -m ruff check --fix . ; $(PY) -m ruff format .

lock: ## compile the lock files again (UPGRADE=1 takes newer versions)
	@scripts/setup.sh local
	@scripts/lock.sh

clean: ## remove what was installed or generated in this checkout
	rm -rf .venv .local .mypy_cache .ruff_cache .pytest_cache container/astro/node_modules
