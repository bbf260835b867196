.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
CODE := federation city_node province_hub dashboard

.PHONY: help
help: ## Show what can be made
	@awk 'BEGIN { FS = ":.*## " } /^[a-z_-]+:.*## / \
		{ printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## Make .venv from the hashed locks
	./scripts/setup

.PHONY: demo
demo: ## Start every tier on this machine (generated input)
	./scripts/demo

.PHONY: test
test: ## Run the whole test suite
	./scripts/test

.PHONY: lint
lint: setup ## Check the style and the form of the code
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .

.PHONY: format
format: setup ## Put the code into form
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

.PHONY: types
types: setup ## Check the types
	.venv/bin/mypy

.PHONY: proto
proto: setup ## Check the wire contract and generate its code
	./scripts/generate_wire

.PHONY: guide
guide: setup ## Write the tables of the guide
	./scripts/write_guide

.PHONY: bench
bench: setup ## Measure durable ingest
	./scripts/bench durable-ingest --json

.PHONY: lock
lock: ## Renew the locks from requirements/*.in
	./scripts/lock
