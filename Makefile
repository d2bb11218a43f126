# Everything is made in $(VENV); nothing else on the machine is touched. `make help` lists the targets.
PYTHON ?= python3
VENV ?= .venv
PYTEST_ARGS ?= -n logical --maxprocesses 4

BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check $(VERSIONS)

.PHONY: help demo test oldest lint format bench soak docs clean
.DEFAULT_GOAL := help

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

demo: $(VENV)/.demo ## render the examples to out/
	$(BIN)/panim demo

test: $(VENV)/.test ## run the tests
	$(BIN)/python -m pytest -m 'not soak' $(PYTEST_ARGS)

oldest: ## run the tests with the oldest versions of what panim needs
	$(MAKE) VENV=.venv-oldest VERSIONS='-c tests/oldest.txt' test

lint: $(VENV)/.lint ## style, types and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.lint ## lay the code out
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.demo ## measure panim against its peers (minutes)
	$(BIN)/python -m bench

soak: $(VENV)/.test ## the long tests
	$(BIN)/python -m pytest -m soak --timeout 1800

docs: $(VENV)/.demo ## the docs' pictures, to out/docs/
	$(BIN)/python docs/pictures.py
	$(BIN)/python docs/make_pictures.py out/docs

clean: ## remove what was made, the environments too
	rm -rf $(VENV) .venv-oldest .venv-bench out build dist .ruff_cache .mypy_cache .import_linter_cache .hypothesis .pytest_cache
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "panim needs Python 3.10 or later; say which: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml | $(BIN)/python
	$(PIP_INSTALL) -e '.[mpl]'
	@touch $@

$(VENV)/.test: pyproject.toml | $(BIN)/python
	$(PIP_INSTALL) -e '.[mpl,test]'
	@touch $@ $(VENV)/.demo

$(VENV)/.lint: pyproject.toml | $(BIN)/python
	$(PIP_INSTALL) -e '.[mpl,test,lint]'
	@touch $@ $(VENV)/.demo
