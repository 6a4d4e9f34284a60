# Two commands: `make benchmark` runs the main job, `make test` all checks. Both install what they need first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet --constraint constraints.txt
CORE := $(VENV)/.core
DEV := $(VENV)/.dev

.PHONY: benchmark test fix install figures clean

## Verify the release against its sources, train and score the baselines, print the leaderboard.
benchmark: $(CORE)
	@echo "1/3  rebuilding the dataset from bullets, votes and adjudications, and comparing it with dataset/"
	@$(BIN)/briefbench release verify
	@echo "2/3  training the baselines and scoring their predictions"
	@$(BIN)/briefbench baseline run all
	@echo "3/3  rendering the leaderboard"
	@$(BIN)/briefbench leaderboard

## Lint, type-check and test.
test: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest

## Mend what ruff can mend.
fix: $(DEV)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

## Measure speed and memory, each against a named peer.
figures: $(DEV)
	for script in benchmarks/startup.py benchmarks/evaluation.py benchmarks/release.py; do $(BIN)/python $$script || exit 1; done

install: $(CORE)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("BriefBench needs Python 3.11 or newer; run make PYTHON=python3.12, say" if sys.version_info < (3, 11) else 0)'
	@echo "creating $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)

$(CORE): $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "installing BriefBench (about a minute)"
	@$(PIP) --editable .
	@touch $@

$(DEV): $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "installing BriefBench and its development tools (about a minute)"
	@$(PIP) --editable '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
