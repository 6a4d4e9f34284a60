# Two commands: `make benchmark` runs the main job, `make test` all checks. Both install what they need first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet --constraint constraints.txt
CORE := $(VENV)/.core
DEV := $(VENV)/.dev
# Packages that others score with, each in an environment of its own.
LM_EVAL := .venv-lm-eval/.done
INSPECT := .venv-inspect/.done
# The encoders that are fine-tuned or embed the text: torch is heavy, and stays out of the environment of the rest.
ENCODER := .venv-encoder/.done
# Daft and Ray, which want an older pyarrow than the rest, in an environment of their own.
SCALE := .venv-scale/.done
# The server that the annotation workflow is tested on, in an environment of its own.
STUDIO := .venv-label-studio/.done
# Two test files at a time, in the order of the list of tests.
TWO := $(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder
# Tests of servers and clusters, which wait for processes of their own, and so run apart from those that compute.
SERVERS := tests/annotation/studio tests/labelling/test_scale.py
CHROMIUM := $(shell command -v chromium || command -v chromium-browser || command -v google-chrome-stable || command -v google-chrome)

.PHONY: benchmark test environments fix install figures roundtrip clean

## Verify the release against its sources, train and score the baselines, print the leaderboard.
benchmark: $(CORE)
	@echo "1/3  rebuilding the dataset from bullets, votes and adjudications, and comparing it with dataset/"
	@$(BIN)/briefbench release verify
	@echo "2/3  training the baselines and scoring their predictions"
	@$(BIN)/briefbench baseline run all --protocol weeks --seed 0
	@echo "3/3  rendering the leaderboard"
	@$(BIN)/briefbench leaderboard

## Lint, type-check and test. Without a Chromium on the machine the website's tests in a browser are left out, and it says so.
test: environments
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@$(if $(CHROMIUM),,echo "no Chromium on this machine: the tests in a browser are LEFT OUT; install chromium to run them")
	$(TWO) $(SERVERS:%=--ignore=%) $(if $(CHROMIUM),,-m "not browser")
	$(TWO) $(SERVERS) $(if $(CHROMIUM),,-m "not browser")
	$(ENCODER:.done=bin/pytest) tests/encoder

# Installing waits for the disk and the network as much as for a processor: three at a time.
environments:
	@$(MAKE) --no-print-directory --jobs 3 $(DEV) $(ENCODER) $(STUDIO) $(SCALE) $(LM_EVAL) $(INSPECT)

## Mend what ruff can mend.
fix: $(DEV)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

## Measure speed and memory, each against a named peer.
figures: $(DEV)
	for script in startup evaluation coverage agreement release website baselines; do $(BIN)/python benchmarks/$$script.py || exit 1; done

## Send the whole corpus and all recorded votes through a real Label Studio, and compare what comes back to the byte.
roundtrip: $(DEV) $(STUDIO)
	$(BIN)/python benchmarks/roundtrip.py

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

$(LM_EVAL): integrations/lm_eval/requirements.txt $(VENV)/bin/python pyproject.toml
	@echo "installing lm-evaluation-harness beside BriefBench (about a minute)"
	@$(call harness,.venv-lm-eval,$<)
	@touch $@

$(INSPECT): integrations/inspect/requirements.txt $(VENV)/bin/python pyproject.toml
	@echo "installing Inspect beside BriefBench (about a minute)"
	@$(call harness,.venv-inspect,$<)
	@touch $@

$(ENCODER): baselines/requirements-encoder.txt $(VENV)/bin/python pyproject.toml
	@echo "installing the encoders beside BriefBench (a few minutes)"
	@$(call harness,.venv-encoder,$<)
	@touch $@

$(SCALE): tests/labelling/requirements.txt $(VENV)/bin/python pyproject.toml
	@echo "installing Daft and Ray beside BriefBench (about a minute)"
	@$(call harness,.venv-scale,$<)
	@touch $@

$(STUDIO): src/briefbench/annotation/studio/server.py | $(DEV)
	@$(BIN)/briefbench annotate serve --install --environment $(@D)
	@touch $@

# An environment with the pinned requirements and BriefBench itself.
harness = $(BIN)/python -m venv $(1) && $(1)/bin/python -m pip install --disable-pip-version-check --quiet --requirement $(2) --editable .

clean:
	rm -rf $(VENV) .venv-lm-eval .venv-inspect .venv-scale .venv-encoder .venv-label-studio site build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
