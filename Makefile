# Entry point for developers: `make run` starts Palique, `make test` checks it. Each target builds what it needs, once.
SHELL := /bin/sh
.DEFAULT_GOAL := run
.DELETE_ON_ERROR:
PYTHON ?= python3
# Node is a package of the Python environment, so a machine needs only Python and make.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# Images of containers often set this. Each of some hundred processes would compile the project again.
unexport PYTHONDONTWRITEBYTECODE
# Node uses the certificate store of the system, as the Python tools do.
export NODE_USE_SYSTEM_CA := 1

.PHONY: run setup web simulate prepare test test-in-browsers test-all-else test-web browsers ci fuzz faults faults-table faults-mutants screenshots long-log page-cost visitor-list first-row bench dev-test lint \
	format generate check-generated lock clean observability k8s images k8s-lock images-test containers-test upgrade-test compose-test

## Run
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

# All sources of the web parts, without build results.
WEB_SOURCES := $(shell find web \( -name node_modules -o -name dist -o -name tests \) -prune -o -type f -print 2>/dev/null)

web/node_modules/.built: web/node_modules/.ready $(WEB_SOURCES)
	@echo "setup: building the web parts"
	@cd web && npm run --silent build
	@touch $@

# Simulates visitors on the demo site of a running stack, for sizing. Stops after SECONDS or on Ctrl-C.
VISITORS ?= 1000
CHANGES ?= 50
SECONDS ?= 300
URL ?= http://127.0.0.1:8080
simulate: setup
	@python bench/simulate.py --visitors $(VISITORS) --changes $(CHANGES) --seconds $(SECONDS) --url $(URL)

# Measures the figures of docs/performance.md on a stack of their own and writes them there; needs an otherwise idle machine.
long-log page-cost visitor-list first-row: setup web
	@python -m devstack.apt chromium chromium-headless-shell
	python -m bench.$(subst -,_,$@)

# Measures all benchmarks against their targets and peers, in 15 minutes; ONLY=B3 selects some of them.
ONLY ?=
bench: setup web
	python -m bench --only '$(ONLY)'

## Check
# Several processes, because most tests wait more than they compute. They share one MongoDB and one RabbitMQ, and run the longest
# files first (tests/support/order.py). The browser tests have two processes of their own, each with a stack and a Chromium.
WORKERS ?= 4
PYTEST := pytest --numprocesses $(WORKERS)

# Debian's browsers for the tests: Chromium without its window, Firefox, and WebKit with its driver and a screen for it.
BROWSERS := chromium-headless-shell firefox-esr WebKitWebDriver=webkit2gtk-driver Xvfb=xvfb

# Installs the browsers and RabbitMQ for the tests when they are missing.
prepare: setup
	@python -m devstack.apt $(BROWSERS)
	@python -m devstack.prepare

test: setup
	@$(MAKE) --jobs 2 web prepare
	@$(MAKE) test-web
	@$(MAKE) --jobs 2 --keep-going test-in-browsers test-all-else

test-in-browsers:
	pytest --numprocesses 2 -m 'not engines' tests/browser

test-all-else:
	$(PYTEST) tests/unit tests/integration tests/system

test-web:
	cd web && npm run --silent test && npm run --silent size

# The main job in WebKit and Firefox, and what differs between engines. `make test` contains the main job only.
browsers: setup web prepare
	pytest tests/browser/engines

# All checks that a change must pass. Linters run first: on two cores they would starve the tests beside them.
ci: setup
	@$(MAKE) --jobs 2 web prepare
	@$(MAKE) check-generated breaking
	@$(MAKE) --jobs 2 --keep-going --output-sync=target lint test-web
	@$(MAKE) --jobs 2 --keep-going test-in-browsers test-all-else

# The fault bench: each cell once. With KILLS or HOURS it sends SIGKILL to random processes, so many times or for so long.
SEED ?= 1
KILLS ?= 0
HOURS ?= 0
faults: setup web
	python -m tests.faults --seed $(SEED) --kills $(KILLS) --hours $(HOURS)

# Writes the results of the last runs of `make faults` into docs/guarantees.md.
faults-table: setup
	python -m tests.faults.table

# Breaks copies of the product on purpose; the bench must find each change. Takes some minutes.
faults-mutants: setup web
	python -m tests.faults.mutated

# Fuzzes frames, HTTP and gRPC for SECONDS each; `make test` fuzzes for a few seconds only.
fuzz: setup web
	PALIQUE_FUZZ_SECONDS=$(SECONDS) pytest tests/system -k fuzz

# Takes screenshots of every page and state for review.
screenshots: setup web
	@python -m devstack.apt chromium-headless-shell
	python -m tools.screenshots

# The fast loop, under a minute: no browser, no whole stack, no test marked slow.
dev-test: setup
	@python -m devstack.prepare
	$(PYTEST) -m 'not slow' tests/unit tests/integration

# Checks the rules with promtool, every panel and rule on a stack with a real Prometheus, and every alert by its fault on two
# stacks in parallel, because it mostly waits. Takes six minutes.
observability: setup web
	@python -m devstack.apt prometheus
	promtool check rules deploy/observability/prometheus/rules.yaml
	promtool test rules deploy/observability/prometheus/rules.test.yaml
	pytest tests/observability/test_prometheus_and_grafana.py
	pytest --numprocesses 2 --dist worksteal tests/observability/test_alerts_in_a_hurry.py

# Renders every overlay and checks it against Kubernetes' schemas, checkov's rules and the project's own tests.
k8s: setup
	deploy/k8s/check.sh
	pytest tests/k8s

# Tests the images: certificates between services, least rights at the broker, read-only file systems.
images-test: images
	python -m devstack.engine pytest tests/images

# Builds the four images with podman or docker, without network access during the build. PYTHON_IMAGE selects the base image;
# without it, a stand-in for tests is the base where no registry answers.
images: setup web
	python -m devstack.engine --image python deploy/docker/images.sh

# Upgrades a running stack from the last release, process by process, and goes back, with talks and with open pages.
upgrade-test: setup web
	@python -m devstack.apt chromium-headless-shell
	pytest tests/upgrade

# Runs MongoDB and RabbitMQ as containers through testcontainers, with stand-ins where no registry answers. Never skips a test.
containers-test: setup
	python -m devstack.engine --image mongodb --image rabbitmq --serve pytest tests/integration/devstack/test_containers.py

# Runs deploy/compose with a real compose program: the story through Caddy, kills, backup and restore. Podman needs netavark for
# networks with names, and its probes wait for systemd where that is not disabled.
compose-test: images
	@docker compose version >/dev/null 2>&1 || python -m devstack.apt docker-compose iptables \
		/usr/lib/podman/netavark=netavark /usr/lib/podman/aardvark-dns=aardvark-dns
	CONTAINERS_CONF=$(CURDIR)/tests/compose/containers.conf DISABLE_HC_SYSTEMD=true \
		python -m devstack.engine --image mongodb --image rabbitmq --image caddy --serve pytest -s tests/compose

lint: setup web/node_modules/.ready
	ruff check .
	ruff format --check .
	mypy .
	lint-imports
	python -m tools.prose
	buf lint
	cd web && npm run --silent check

# Lists the licences of all packages that ship; fails on an unknown or not permissive one.
licences: setup
	@python -m tools.licences

# Fails on known vulnerabilities and overdue renewals (docs/dependencies.md), and where the registries give no advisories. With
# WITHOUT_ADVISORIES=1 it goes on without them, and everything that ships must be as new as after a critical vulnerability.
WITHOUT_ADVISORIES ?=
audit: setup
	@python -m tools.audit $(if $(WITHOUT_ADVISORIES),--without-advisories)

# Checks that the protos only grew since the last release in docs/releases.md.
breaking: setup
	@tools/breaking.sh

# Builds a release into build/release (docs/releases.md). DRAFT=1 builds a state that is no release yet.
DRAFT ?=
release: setup web
	@python -m tools.release $(if $(DRAFT),--draft) $(if $(WITHOUT_ADVISORIES),--without-advisories)

format: setup web/node_modules/.ready
	ruff check --fix .
	ruff format .
	cd web && npm run --silent format

## Generate
generate: setup
	python -m tools.generate

GENERATED := 'protos/*_pb2*' 'web/*.gen.ts' docs/protocol.md docs/settings.md docs/openapi.json docs/asyncapi.yaml \
	web/dashboard/public/reference.html kit/config/known_names.py \
	'deploy/observability/grafana/*.json' deploy/observability/prometheus-rule.yaml

check-generated: generate
	@git diff --exit-code --stat -- $(GENERATED) && test -z "$$(git ls-files --others --exclude-standard -- $(GENERATED))" || \
		{ echo 'Generated files differ from what is checked in: run `make generate` and commit.' >&2; exit 1; }

# Run it after a change of the dependencies in pyproject.toml. The lock files name no package index.
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

sbom-lock: setup
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command 'make sbom-lock' tools/sbom.in -o tools/sbom.lock

audit-lock: setup
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command 'make audit-lock' tools/audit.in -o tools/audit.lock

# Keeps .palique, which holds a developer's data.
clean:
	rm -rf .venv build web/node_modules web/*/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
