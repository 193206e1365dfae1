# What a developer does. `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv

.DEFAULT_GOAL := help
.PHONY: help run demo test lint types check bench train lock docs clean

help:  ## list what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

run: $(VENV)/.run  ## set up everything and run the daemon on the feeds of config.yaml
	@test -f config.yaml || $(BIN)/dateline init .
	@exec $(BIN)/dateline run

demo: $(VENV)/.run  ## the whole pipeline on a small newsroom of its own, without a network
	@$(BIN)/dateline demo

test: $(VENV)/.dev  ## set up everything and run the whole suite, on SQLite and PostgreSQL
	@$(BIN)/python -m tests.side_by_side

lint: $(VENV)/.dev  ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev  ## strict mypy over the packages
	$(BIN)/mypy

check: test lint types  ## all of the above: what CI runs

bench: $(VENV)/.dev  ## run every bench; each ends with one JSON line
	$(BIN)/python -m bench

train: $(VENV)/.dev  ## train the block classifier on the labelled pages of CORPUS=DIR
	$(BIN)/python -m bench.train --corpus $(CORPUS)

docs: $(VENV)/.dev  ## write docs/schema.md anew from the tables
	$(BIN)/python -m storage.schema_doc > docs/schema.md

lock: $(VENV)/.uv  ## resolve the dependencies anew and write requirements/
	$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml -o requirements/run.lock --upgrade
	$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml --group dev -c requirements/run.lock -o requirements/dev.lock --upgrade

clean:  ## remove the environment and the caches (never the database)
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist

$(VENV)/.uv: requirements/uv.lock
	@echo "Setting up the environment in $(VENV) (once, about half a minute) …" >&2
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Dateline needs Python 3.11 or later: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.lock
	@touch $@

$(VENV)/.run: $(VENV)/.uv requirements/run.lock pyproject.toml
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/run.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.lock
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.lock
	@touch $@
