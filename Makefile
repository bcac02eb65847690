# Banter. `make help` says what there is.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PORT ?= 8080
ENVIRONMENTS ?= production
stack := $(or $(CARGO_TARGET_DIR),target)/debug/stack

.PHONY: up down logs status test check help fmt wipe install stack schemathesis bench

up: install ## Start everything on this machine: http://localhost:8080 (PORT=9000 ENVIRONMENTS="preview production")
	@cargo build --workspace --bins
	@$(stack) up --gateway-port $(PORT) --environments $(ENVIRONMENTS)

down: ## Stop everything; the data stays
	@if [ -x $(stack) ]; then $(stack) down; else echo 'Nothing was ever up.'; fi

wipe: ## Stop everything and delete the data
	@if [ -x $(stack) ]; then $(stack) down --wipe; else echo 'Nothing was ever up.'; fi

status: stack ## Show every process and how it is
	@$(stack) status

logs: stack ## Follow the logs (of one process: make logs PROCESS=messaging)
	@$(stack) logs --follow $(PROCESS)

test: install ## Run all tests, on a database and a broker of their own
	@scripts/test.sh

schemathesis: install ## Hold the OpenAPI against what the services do, with generated requests (EXAMPLES=100 each)
	@scripts/schemathesis.sh

bench: install ## Measure the release's binaries, as ratios to what the machine can do (ARGS='--small'; see bench/README.md)
	@scripts/bench.sh $(ARGS)

check: install ## Format, lints, documentation, licences
	@scripts/check.sh

fmt: ## Format the code
	@cargo fmt --all

help: ## Show this
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install:
	@scripts/install.sh

stack:
	@[ -x $(stack) ] || cargo build --quiet --package stack
