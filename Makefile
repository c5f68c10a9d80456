# Everything a person or CI runs. `make help` lists it.
STACK ?= dev
PY := .venv/bin/python

# Many container images set it: each Python process would compile all that it imports, seconds at a time.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup up redeploy link preview engine chaos deployment test bench releases edits sites faults transcript races fuzz clients docs coverage lint policy-peers strings format lock doctor deploy image pulumi-preview drift changes comment rollback smoke clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## install what the local stack needs into this checkout (.venv, node_modules)
	@scripts/setup.sh local

up: setup ## [ROUTING=host] [MODE=production] [TASKS=3]: run the declared stack on this machine and open a live session (Ctrl-C ends it)
	@exec $(PY) -m local up $(if $(filter host,$(ROUTING)),--config routing=host --config publicUrl=https://edit.localhost:8443) $(if $(MODE),--config nodeEnv=$(MODE)) $(if $(TASKS),--config desiredCount=$(TASKS) --config sharedOwnership=true)

redeploy: ## exchange the tasks of the running local stack, as a deployment does (make up TASKS=3)
	@$(PY) -m local redeploy

link: ## [STACK=dev|prod SESSION=demo]: a one-time link to a session, by default to the local stack that runs
	@$(if $(filter command% environment%,$(origin STACK)),$(PY) -m scripts.release link $(STACK) --session $(or $(SESSION),demo),$(PY) -m local link $(if $(SESSION),--session $(SESSION)))

preview: setup ## STACK=dev|prod|local [REPORT=dir]: resources and policy violations, offline
	@$(PY) -m local preview $(STACK) $(if $(REPORT),--report $(REPORT))

engine: setup ## DO=up|refresh|drift|destroy STACK=dev|prod|local: the Pulumi CLI on a pretend cloud, offline
	@$(PY) -m local engine $(or $(DO),up) $(STACK)

test: ## [SLOW=1] [ONLY="tests/policy …"]: lint, types and the tests, those of tests/slow.txt too; or these tests and nothing else
	@scripts/setup.sh test
	@$(if $(ONLY),$(PY) -m pytest -p no:xdist $(ONLY),scripts/check.sh $(if $(SLOW),slow))

releases: ## [RELEASES=minors|5.7.14,…]: supported releases of Astro in Chromium, each with its own Vite, by path and by host
	@scripts/setup.sh test
	@scripts/chromium.sh || true
	@ASTRO_LIVE_RELEASES=$(or $(RELEASES),all) $(PY) -m pytest -p no:xdist tests/browser/test_releases.py tests/browser/test_releases_by_host.py tests/astro/test_rendering_errors.py

chaos: ## [SECONDS=120] [SEED=7]: three real tasks under random faults, edits, visits and sign-ins
	@scripts/setup.sh test
	@$(PY) -m tests.gateway.tasks.chaos --seconds $(or $(SECONDS),120) $(if $(SEED),--seed $(SEED))

deployment: ## [SESSIONS=10] [EDITS=5]: a deployment of the local stack with three tasks, live sessions and so many edits a second in each: time without a live connection, lost edits
	@scripts/setup.sh test
	@ASTRO_LIVE_SESSIONS=$(or $(SESSIONS),10) ASTRO_LIVE_EDITS_PER_SECOND=$(or $(EDITS),5) $(PY) -m pytest -p no:xdist -q -s tests/local/test_deployment.py

edits: ## [SECONDS=600] [SEED=7]: series of edits on a live session; the shortest that loses one
	@scripts/setup.sh test
	@scripts/chromium.sh || true
	@$(PY) -m tests.browser.series --seconds $(or $(SECONDS),600) $(if $(SEED),--seed $(SEED))

bench: ## [ONLY=name] [QUICK=1] [PUBLISH=1]: benchmarks against peers, see docs/benchmarks.md
	@scripts/setup.sh test
	@scripts/chromium.sh || true
	@$(PY) -m bench $(if $(ONLY),--only $(ONLY)) $(if $(QUICK),--quick) $(if $(PUBLISH),--publish)

sites: ## SITES="address-or-folder[#site-folder] ..." [PAGE=docs/sites.md] [QUICK=1]: try other people's sites, beside bare astro dev
	@scripts/setup.sh test
	@scripts/chromium.sh || true
	@$(PY) -m bench.sites $(SITES) $(if $(PAGE),--page $(PAGE)) $(if $(QUICK),--quick)

faults: ## every file operation of a session with every error: docs/faults.md
	@scripts/setup.sh test
	@$(PY) -m tests.gateway.fault_table

transcript: ## [PUBLISH=1]: an agent's work from a Git repository to a push, with the Python client and over MCP
	@scripts/setup.sh test
	@scripts/chromium.sh || true
	@PYTHONPATH=clients/python/src $(PY) -m tests.browser.transcript $(if $(PUBLISH),--publish)

races: ## [WRITES=10000]: conditional writes of eight writers, on one task and through two: none may be lost
	@scripts/setup.sh test
	@$(PY) -m tests.gateway.races $(if $(WRITES),--writes $(WRITES))

fuzz: ## [REQUESTS=50] [SEED=7]: generated requests for every call with each scope: calls x scopes x requests x failures
	@scripts/setup.sh test
	@$(PY) -m tests.gateway.api_fuzz $(if $(REQUESTS),--requests $(REQUESTS)) $(if $(SEED),--seed $(SEED))

clients: ## generate clients/ from the API's description again
	@scripts/setup.sh test
	@$(PY) -m scripts.gen_clients

docs: ## [SERVE=1]: the documentation as a site with search, in .local/site
	@scripts/setup.sh test
	@NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs $(if $(SERVE),serve,build) --strict

coverage: ## every test, slow ones too, with the lines that they run counted, and held to what CONTRIBUTING.md says
	@scripts/setup.sh test
	@scripts/check.sh coverage

lint: ## ruff, vulture, mypy, shellcheck, tsc and biome only
	@scripts/setup.sh test
	@scripts/check.sh lint

strings: ## [CASES=500]: search for config values that AWS would refuse
	@scripts/setup.sh test
	@ASTRO_LIVE_STRINGS=$(or $(CASES),500) $(PY) -m pytest -p no:xdist -q -s tests/aws/test_strings.py

policy-peers: ## PEERS="folder …" [LIST=1]: the policy pack on the fixtures of other packs
	@scripts/setup.sh test
	@$(PY) -m tests.policy.peers $(PEERS) $(if $(LIST),--list)

format: ## rewrite the sources in the house format
	@scripts/setup.sh test
	@$(PY) -m ruff check --fix . ; $(PY) -m ruff format . && scripts/biome.sh format --write

lock: ## compile the lock files again (UPGRADE=1 takes newer versions)
	@scripts/setup.sh local
	@scripts/lock.sh

doctor: ## [STACK=dev]: what this machine and account lack for each way of use, and how to get it
	@scripts/setup.sh local
	@$(PY) -m scripts.release doctor $(STACK)

deploy: setup ## STACK=dev|prod [UNPIN=1] [SMOKE=always|never]: pulumi up with policies, wait until stable, smoke test
	@$(PY) -m scripts.release deploy $(STACK) $(if $(UNPIN),--unpin) $(if $(SMOKE),--smoke $(SMOKE))

image: setup ## STACK=dev|prod: build the image, push it, pin its digest
	@$(PY) -m scripts.release build-and-push $(STACK)

pulumi-preview: setup ## STACK=dev|prod: pulumi preview against AWS, with policies
	@$(PY) -m scripts.release preview $(STACK)

drift: setup ## STACK=dev|prod: fail when the account differs from the program
	@$(PY) -m scripts.release drift $(STACK)

changes: setup ## STACK=dev|prod [BASE=../base REPORT=report]: what this checkout changes of a stack, by the Pulumi CLI, offline
	@$(PY) -m local changes $(STACK) $(if $(BASE),--base $(BASE)) --report $(or $(REPORT),report)

comment: setup ## STACK=dev|prod [REPORT=report]: REPORT/comment.md, for a pull request, from REPORT/changes.json
	@$(PY) -m scripts.release comment $(STACK) --report $(or $(REPORT),report)

rollback: setup ## STACK=dev|prod [DIGEST=sha256:…] [SMOKE=always|never]: run the previous image, or this one, again
	@$(PY) -m scripts.release rollback $(STACK) $(if $(DIGEST),--digest $(DIGEST)) $(if $(SMOKE),--smoke $(SMOKE))

smoke: setup ## STACK=local|dev|prod: ask a running stack the way a browser does
	@$(PY) -m scripts.release smoke $(STACK)

clean: ## remove what was installed or generated in this checkout
	rm -rf .venv .local .mypy_cache .ruff_cache .pytest_cache container/astro/node_modules
