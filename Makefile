# The only list of commands. Each works on a fresh clone with Python 3.11 and make.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WORKERS ?= 2
.DEFAULT_GOAL := help
.PHONY: help setup run test check lint types contracts bench journeys races texts states migrations lock verify clean

help:            ## Show this list
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 14

setup: $(STAMP)  ## Make .venv with everything in requirements.lock

$(STAMP): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed: set PYTHON=/path/to/python3.11" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/kolaborasi texts compile
	@touch $(STAMP)

run: setup       ## Set up, load real Jakarta, plan, and serve the demonstration city
	$(BIN)/kolaborasi run $(ARGS)

test: setup      ## All tests, in parallel, on the embedded PostgreSQL
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup $(ARGS)

check: lint types contracts  ## Lint, types, import contracts, missing migrations, translations

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

contracts: setup
	$(BIN)/lint-imports --no-cache
	$(BIN)/kolaborasi manage makemigrations --check --dry-run

bench: setup     ## Benchmarks; results in benchmarks/results
	$(BIN)/python -m benchmarks $(ARGS)

journeys: setup  ## Browser journeys alone
	$(BIN)/python -m pytest -m journey $(ARGS)

races: setup     ## Races between real database sessions alone
	$(BIN)/python -m pytest tests/races $(ARGS)

texts: setup     ## List texts of the interface that have no Indonesian translation
	$(BIN)/kolaborasi texts missing

states: setup     ## Draw the lifecycles into docs/states
	$(BIN)/python -m kolaborasi.config.diagrams docs/states

migrations: setup ## Write missing migrations
	$(BIN)/kolaborasi manage makemigrations

lock: setup      ## Write requirements.lock anew from pyproject.toml
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra dev pyproject.toml -o requirements.lock

verify: setup    ## Recompute every balance, counter and hash in the database
	$(BIN)/kolaborasi verify

clean:           ## Remove the environment and the embedded database's data
	rm -rf $(VENV) .kolaborasi .kolaborasi-test .kolaborasi-bench
