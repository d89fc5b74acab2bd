# Start here: make run. Everything is installed into .venv, nothing outside this folder is changed.
# A change of a lock (requirements.txt, requirements/*.txt) is noticed, and installed by the next make run or make test.

HOST ?= 127.0.0.1
PORT ?= 8501
PYTHON ?= python3
ARGS ?=

# Many tests wait for something, so more of them than cores go on at once: how many, tests/workers.py says.
SHARED := -p no:cacheprovider --quiet --numprocesses auto --no-loadscope-reorder

VENV := .venv
BIN := $(VENV)/bin
UV := uv==0.13.9
INSTALL := sh requirements/install.sh $(VENV)
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD := 1

.DEFAULT_GOAL := help
.PHONY: help run replicas test bench soak shots docs lock clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' Makefile
	@echo "Settings: HOST=$(HOST) PORT=$(PORT) PYTHON=$(PYTHON), and ARGS=... for pytest."

run: $(VENV)/installed-run ## serve the app on http://HOST:PORT; Ctrl-C ends it
	@case "$(HOST)" in \
		127.*|localhost|::1) echo "Streamwise on http://$(HOST):$(PORT)" ;; \
		*) $(BIN)/python -m demos addresses --host "$(HOST)" --port "$(PORT)" ;; \
	esac
	@exec $(BIN)/python -m streamlit run app.py --server.address $(HOST) --server.port $(PORT)

replicas: $(VENV)/installed-replicas ## three servers, their pages, an engine and a proxy: http://127.0.0.1:8080 (deploy/)
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/honcho start -d . -f deploy/Procfile

# Children of the tests start faster where what is compiled is kept.
test: export PYTHONDONTWRITEBYTECODE :=

# The first line compiles the tests beside the other checks: workers that all do it at once take longer.
test: $(VENV)/installed-test ## all checks; what needs a Chromium or a proxy that is not here is left out, and counted
	@[ -n "$(ARGS)" ] || $(BIN)/python -m pytest --collect-only --quiet -p no:cacheprovider > /dev/null 2>&1 &
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m guide check
	$(BIN)/python -m pytest $(or $(ARGS),$(SHARED))

bench: $(VENV)/installed-test ## figures of this machine; ARGS=streams for one of them
	$(BIN)/python -m tests.bench $(ARGS)

soak: $(VENV)/installed-test ## ten minutes of 200 streams, cut and resumed; ARGS="--seconds 60 --streams 50" for less
	$(BIN)/python -m tests.soak $(ARGS)

shots: $(VENV)/installed-test ## pictures of every page; the README's is docs/drop.png
	$(BIN)/python -m tests.shots $(ARGS)

docs: $(VENV)/installed-test ## write the generated pages of docs/ anew
	$(BIN)/python -m tests.generate_docs

# A lock holds every package with its version and its hashes, for Python 3.11 and newer on every system. What a longer list
# shares with a shorter one has the same version in both; bench is for an environment of its own. ARGS=--upgrade for new versions.
COMPILE = build/lock/bin/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 \
	--custom-compile-command "make lock" $(ARGS)

# The locks of the starter project, one for each set of packages that it may use. They are handed out, so they name the command
# that makes such a lock in a project.
STARTER := guide/knowledge/starter/locks
STARTER_COMPILE = build/lock/bin/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-annotate \
	--custom-compile-command "uv pip compile pyproject.toml --extra test --universal --generate-hashes -o requirements.lock" \
	--constraints requirements/tests.txt $(ARGS)

lock: ## write the locks anew from the lists in requirements/*.in
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet --disable-pip-version-check $(UV)
	$(COMPILE) requirements/run.in --output-file requirements.txt
	$(COMPILE) requirements/model.in --constraints requirements.txt --output-file requirements/model.txt
	$(COMPILE) requirements/mcp.in --constraints requirements/model.txt --output-file requirements/mcp.txt
	$(COMPILE) requirements/replicas.in --constraints requirements/mcp.txt --output-file requirements/replicas.txt
	$(COMPILE) requirements/tests.in --constraints requirements/model.txt --constraints requirements/mcp.txt --constraints requirements/replicas.txt --output-file requirements/tests.txt
	$(COMPILE) requirements/proxies.in --constraints requirements/tests.txt --output-file requirements/proxies.txt
	$(COMPILE) requirements/deploy.in --constraints requirements/proxies.txt --output-file requirements/deploy.txt
	$(COMPILE) requirements/bench.in --output-file requirements/bench.txt
	for list in $(STARTER)/*.in; do $(STARTER_COMPILE) $$list --output-file $${list%.in}.txt || exit 1; done

clean: ## remove .venv and caches
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version) if sys.version_info < (3, 11) else 0'
	$(PYTHON) -m venv $(VENV)

# A stamp is newer than its requirements once they are installed. The one of `test` covers `run` too.
$(VENV)/installed-run: requirements.txt | $(BIN)/python
	@echo "Installing what runs (once, up to a minute) ..."
	@$(INSTALL) requirements.txt
	@touch $@

$(VENV)/installed-replicas: requirements/deploy.txt | $(BIN)/python
	@echo "Installing what several servers need (once, up to a minute) ..."
	@$(INSTALL) requirements/deploy.txt
	@touch $(VENV)/installed-run $@

SDK := tests/demos/sdk/javascript
$(VENV)/installed-test: requirements/tests.txt requirements/proxies.txt $(SDK)/package-lock.json | $(BIN)/python
	@echo "Installing what runs and what checks (once, up to a minute) ..."
	@$(INSTALL) requirements/tests.txt
	@$(INSTALL) requirements/proxies.txt --each
	@mkdir -p $(VENV)/javascript && cp $(SDK)/package.json $(SDK)/package-lock.json $(SDK)/.npmrc $(VENV)/javascript
	@cd $(VENV)/javascript && PATH=$(abspath $(BIN)):$$PATH npm ci --no-audit --no-fund --ignore-scripts --loglevel=error \
		|| echo "npm could not install LangGraph's JavaScript SDK and TypeScript; their tests will be left out, and counted"
	@touch $(VENV)/installed-run $@
