# Everything a developer and CI run. `make run` needs nothing but Python 3.11 or later.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DATA ?= ../shared/data
HOST ?= 127.0.0.1
PORT ?= 7860
FUZZ ?= 5000
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: help run index test fuzz check bench model clean

help:  ## Say what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 10

run: $(VENV)/.run  ## Install, index the articles in seeds/, and serve the page on http://127.0.0.1:7860
	$(BIN)/python app.py --host $(HOST) --port $(PORT)

index: $(VENV)/.run  ## Bring index/ up to date with seeds/
	$(BIN)/rag index seeds

test: $(VENV)/.dev  ## Run all tests (installs what they need; the page's tests want Debian's chromium)
	$(BIN)/python -m pytest $(ARGS)

fuzz: $(VENV)/.dev  ## Damage files of every format at random, FUZZ times each, and read them
	FUZZ=$(FUZZ) $(BIN)/python -m pytest tests/test_fuzz.py

check: $(VENV)/.dev  ## Lint, formatting, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.dev  ## Measure speed and memory against a simple floor
	$(BIN)/python -m benchmarks.speed

model: $(VENV)/.dev  ## Train the bundled model again from DATA, then fit what ranks with it
	$(BIN)/python -m training.common_words --data $(DATA) --out rag/text/common_words.txt
	$(BIN)/python -m training --data $(DATA) --out rag/encoding/bundled --work build/model
	$(BIN)/python -m training.ranker --data $(DATA) --model rag/encoding/bundled

clean:  ## Remove the environment, the caches and the built index (never seeds/)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info
	find index -mindepth 1 ! -name README.md ! -name .gitignore -delete

$(VENV)/.run: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP_INSTALL) --editable .
	touch $@

$(VENV)/.dev: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP_INSTALL) --editable '.[test,check,bench,training]'
	touch $@ $(VENV)/.run
