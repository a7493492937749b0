# Everything starts here: `make run` shows Palique, `make test` checks it. Targets make what they need, and nothing twice.
SHELL := /bin/sh
.DEFAULT_GOAL := run
.DELETE_ON_ERROR:
PYTHON ?= python3
# Node comes with the Python environment, so that a bare machine needs no other tool.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# Node trusts what the machine trusts, as the Python tools do.
export NODE_USE_SYSTEM_CA := 1

.PHONY: run setup web simulate prepare test test-in-chromium test-all-else test-web ci lint-beside-tests fuzz faults faults-table faults-mutants screenshots page-cost visitor-list bench dev-test lint \
	format generate check-generated lock clean observability k8s images k8s-lock images-test

## Show it
run: setup web
	@python -m devstack

setup: .venv/.ready

.venv/.ready: requirements.lock bootstrap.lock pyproject.toml tools/setup.sh
	@tools/setup.sh $(PYTHON)
	@touch $@

web: web/node_modules/.built

web/node_modules/.ready: web/package-lock.json $(wildcard web/package.json web/*/package.json) .venv/.ready
	@echo "setup: installing the locked packages into web/node_modules"
	@cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# Everything that could change what the browser gets; not what is made from it.
WEB_SOURCES := $(shell find web \( -name node_modules -o -name dist -o -name tests \) -prune -o -type f -print 2>/dev/null)

web/node_modules/.built: web/node_modules/.ready $(WEB_SOURCES)
	@echo "setup: building the web parts"
	@cd web && npm run --silent build
	@touch $@

# Visitors to order on the demo site of a running stack, for sizing: they look at pages until the time is over or Ctrl-C.
VISITORS ?= 1000
CHANGES ?= 50
SECONDS ?= 300
URL ?= http://127.0.0.1:8080
simulate: setup
	@python bench/simulate.py --visitors $(VISITORS) --changes $(CHANGES) --seconds $(SECONDS) --url $(URL)

# Figures of docs/performance.md, taken anew on a stack of their own and written there; best on a machine with nothing else to do.
page-cost visitor-list: setup web
	@python -m devstack.apt chromium chromium
	python -m bench.$(subst -,_,$@)

# All figures of the running product, against its targets and its peers, in a quarter of an hour; ONLY=B3 takes some of them.
ONLY ?=
bench: setup web
	python -m bench --only '$(ONLY)'

## Check it
# Several processes a part: most tests wait more than they work. The processes share one MongoDB and one RabbitMQ, and take the longest
# files first (tests/support/order.py). Each process of the browser tests has a stack and a Chromium.
WORKERS ?= 4
PYTEST := pytest --numprocesses $(WORKERS)

# What tests need and may have to install: Debian's Chromium and RabbitMQ.
prepare: setup
	@python -m devstack.apt chromium chromium
	@python -m devstack.prepare

test: setup web prepare
	@$(MAKE) --jobs 3 --keep-going test-in-chromium test-all-else test-web

test-in-chromium:
	pytest --numprocesses 2 tests/browser

test-all-else:
	$(PYTEST) tests/unit tests/integration tests/system

test-web:
	cd web && npm run --silent test && npm run --silent size

# All that a change must pass. Linters run beside the tests, with low priority: they use the time in which tests wait.
ci: setup web prepare
	@$(MAKE) check-generated
	@$(MAKE) --jobs 4 --keep-going test-in-chromium test-all-else test-web lint-beside-tests

lint-beside-tests:
	@nice -n 10 $(MAKE) lint

# The fault bench: each cell once; with KILLS or HOURS, kill -9 at random until there were so many or it took so long.
SEED ?= 1
KILLS ?= 0
HOURS ?= 0
faults: setup web
	python -m tests.faults --seed $(SEED) --kills $(KILLS) --hours $(HOURS)

# Puts what the last runs of `make faults` counted into docs/guarantees.md.
faults-table: setup
	python -m tests.faults.table

# Breaks the product in ways that the bench must find, each in a copy. Some minutes.
faults-mutants: setup web
	python -m tests.faults.mutated

# Longer than the seconds that `make test` gives to it: frames, HTTP and gRPC for SECONDS each.
fuzz: setup web
	PALIQUE_FUZZ_SECONDS=$(SECONDS) pytest tests/system -k fuzz

# Pictures of every page and state, to be looked at.
screenshots: setup web
	@python -m devstack.apt chromium chromium
	python -m tools.screenshots

# The fast loop, under a minute: no browser, no whole stack, and nothing that waits for a time-out or for a death.
dev-test: setup
	@python -m devstack.prepare
	$(PYTEST) -m 'not slow' tests/unit tests/integration

# Rules by promtool, then every panel and rule against a stack with a real Prometheus, then every alert by its fault, on two such stacks
# side by side, for most of it is waiting: six minutes.
observability: setup web
	@python -m devstack.apt prometheus prometheus
	promtool check rules deploy/observability/prometheus/rules.yaml
	promtool test rules deploy/observability/prometheus/rules.test.yaml
	pytest tests/observability/test_prometheus_and_grafana.py
	pytest --numprocesses 2 --dist worksteal tests/observability/test_alerts_in_a_hurry.py

# Every overlay rendered, held against Kubernetes' schemas and checkov's rules, and its parts against one another.
k8s: setup
	deploy/k8s/check.sh
	pytest tests/k8s

# The images tried: the story with certificates between services, least rights at the broker, and nothing writable.
images-test: images
	pytest tests/images

# The four images, by podman or docker, with nothing fetched while they are built. PYTHON_IMAGE names another base.
images: setup web
	deploy/docker/images.sh

lint: setup web/node_modules/.ready
	ruff check .
	ruff format --check .
	mypy .
	lint-imports
	buf lint
	cd web && npm run --silent check

format: setup web/node_modules/.ready
	ruff check --fix .
	ruff format .
	cd web && npm run --silent format

## Generate it
generate: setup
	python -m tools.generate

GENERATED := 'protos/*_pb2*' 'web/*.gen.ts' docs/protocol.md docs/settings.md docs/openapi.json kit/config/known_names.py \
	'deploy/observability/grafana/*.json' deploy/observability/prometheus-rule.yaml

check-generated: generate
	@git diff --exit-code --stat -- $(GENERATED) && test -z "$$(git ls-files --others --exclude-standard -- $(GENERATED))" || \
		{ echo 'Generated files differ from what is checked in: run `make generate` and commit.' >&2; exit 1; }

# After a change of pyproject.toml. Neither file names a package index.
lock: setup
	uv pip compile --quiet --all-extras --universal --generate-hashes --no-emit-index-url \
		--custom-compile-command 'make lock' pyproject.toml -o requirements.lock
	python tools/bootstrap_lock.py requirements.lock bootstrap.lock
	for service in gateway presence chat tickets; do \
		uv pip compile --quiet --extra $$service --universal --generate-hashes --no-emit-index-url --constraints requirements.lock \
			--custom-compile-command 'make lock' pyproject.toml -o deploy/docker/$$service.lock; \
	done

k8s-lock: setup
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command 'make k8s-lock' deploy/k8s/tools.in -o deploy/k8s/tools.lock

# Not .palique: that is somebody's data.
clean:
	rm -rf .venv build web/node_modules web/*/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
