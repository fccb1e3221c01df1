# The few commands of this repository; `make help` lists them. Needs Python 3.11 or newer, make and git.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

SCALE ?= quick
WORKERS ?= 2
PORT ?= 8000
ARGS ?=
CONFIG ?=

# Programs that start other programs (Snakemake its jobs, DVC its stages) find .venv's python first.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# Nothing here reports its use to anybody.
export DVC_NO_ANALYTICS := 1
export MLFLOW_DISABLE_TELEMETRY := true
export DO_NOT_TRACK := 1

.PHONY: help
help: ## Show these commands
	@printf 'Commands (options in capitals, as in: make reproduce SCALE=smoke ARGS=--dry-run):\n\n'
	@sed -nE 's/^([a-z-]+):.*## (.*)$$/  make \1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do \
		printf '%-18s %s\n' "$$name" "$$text"; done
	@printf '\nPYTHON=… names the Python to make .venv with; by default the first of 3.11 or newer that is found.\n'

.PHONY: set-up
set-up: ## Make .venv from requirements.txt (every command below does this first, when needed)
	@PYTHON='$(PYTHON)' .ci/set-up

.PHONY: reproduce
reproduce: set-up ## Run the papers and build the pages; SCALE=quick, CONFIG="papers=all seeds=2", options in ARGS
	@$(if $(findstring --config ,$(ARGS)),$(error Snakemake takes --config once; write CONFIG="papers=… seeds=…"))
	@.venv/bin/snakemake $(ARGS) --config scale=$(SCALE) $(CONFIG)
	@page='$(CURDIR)/site/$(SCALE)/index.html'; if [[ -f $$page ]]; then \
		printf '\nThe pages: %s\nIn a browser: ' "$$page"; \
		.venv/bin/python -c 'import pathlib, sys; print(pathlib.Path(sys.argv[1]).as_uri())' "$$page"; fi

.PHONY: test
test: set-up check ## Run the checks, then all tests in WORKERS=2 processes; more pytest options in ARGS
	@.venv/bin/python -m pytest -n $(WORKERS) $(ARGS)

.PHONY: check
check: set-up ## Lint, formatting, types, and who may import whom
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy common tests $(wildcard experiments papers)
	@.venv/bin/snakefmt --check $(wildcard Snakefile common/rules)
	@.venv/bin/lint-imports

.PHONY: bench
bench: set-up ## Time our ways beside the usual ones, each pair in one run; the names of some in ARGS
	@.venv/bin/python -m common.benchmark $(ARGS)

.PHONY: site
site: set-up ## Serve the pages on this machine; PORT=8000
	@[[ -f site/$(SCALE)/index.html ]] || { echo 'There are no pages yet; type: make reproduce' >&2; exit 1; }
	@printf 'http://127.0.0.1:$(PORT)/$(SCALE)/index.html (Ctrl-C stops)\n'
	@.venv/bin/python -m http.server --bind 127.0.0.1 --directory site $(PORT)

# One worker and no job runner: the run browser starts in 5 seconds instead of 12, in a sixth of the memory.
.PHONY: mlflow
mlflow: export MLFLOW_SERVER_ENABLE_JOB_EXECUTION := false
mlflow: PORT := 5000
mlflow: set-up ## Bring the records into MLflow, then open its run browser; PORT=5000
	@.venv/bin/python -m common.run_browser --scale $(SCALE) --browser http://127.0.0.1:$(PORT)
	@if [[ -n $${MLFLOW_TRACKING_URI:-} ]]; then exit; fi; \
		printf 'These addresses answer in some seconds (Ctrl-C stops)\n'; \
		.venv/bin/mlflow server --backend-store-uri sqlite:///mlflow.db --artifacts-destination mlruns \
			--host 127.0.0.1 --port $(PORT) --workers 1

.PHONY: readme
readme: set-up ## Write the verdicts of the last reproduction into README.md
	@.venv/bin/python -m common.pages readme --scale $(SCALE)

.PHONY: cluster
cluster: set-up ## Add Snakemake's plugins for Slurm, Kubernetes and other clusters
	@.venv/bin/python -m pip install --quiet --constraint requirements.txt '.[cluster]'

environment.yml: requirements.txt ## Write the same pins for conda and mamba
	@{ sed -n '/^#/p' $@; printf '%s\n' 'name: reproducible-research' 'channels:' '  - conda-forge' 'dependencies:' \
		'  - python=3.11' '  - pip' '  - pip:'; sed -nE 's/^[A-Za-z].*/      - &/p' $<; } > $@.partial
	@mv $@.partial $@

.PHONY: clean
clean: ## Delete results, pages, the run browser's database and caches (data and .venv stay)
	rm -rf results site mlruns mlflow.db* .snakemake .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find . -path ./.venv -prune -o -name __pycache__ -prune -exec rm -rf {} +
