# Every target makes what it needs: Python 3.11 to 3.13, make and pip are enough.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Most tests wait, for leases, reviews and answers: more of them than there are cores use the time.
WORKERS := $(shell n=$$(nproc 2>/dev/null || echo 2); echo $$((n < 5 ? 5 : n)))

.DEFAULT_GOAL := help
.PHONY: help venv demo oversell test check bench storm format coverage-table new-connector clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

venv: $(STAMP) ## Install the locked dependencies and this package into .venv

$(STAMP): requirements/dev.lock pyproject.toml
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	@echo "Installing the locked dependencies into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(STAMP) ## Both platforms simulated, synced and compared; stays up (ONCE=1 leaves, PRODUCTS=n, PORT=n)
	@$(BIN)/crossdock demo $(if $(ONCE),--once) $(if $(PRODUCTS),--products $(PRODUCTS)) $(if $(PORT),--port $(PORT))

test: $(STAMP) ## Run the tests (those on PostgreSQL where 127.0.0.1:5432 answers)
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

check: $(STAMP) ## What has to hold before a change goes in: format, lint, types, imports, tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@# Meanwhile the tests are compiled, once instead of by every worker.
	@$(BIN)/python -m pytest --collect-only -qq >/dev/null 2>&1 & $(BIN)/mypy; found=$$?; wait; exit $$found
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

bench: $(STAMP) ## Measure against a bare loop, print the table, write docs/performance.md (SIZE=small, ONLY="catalog orders")
	@$(BIN)/python -m bench $(if $(SIZE),--size $(SIZE)) $(if $(ONLY),--only $(ONLY),$(if $(filter small,$(SIZE)),,--write))

storm: $(STAMP) ## Seeded storms of faults and deaths (SEED=7 or SEEDS=1-1000, DATABASE=postgresql, JOBS=2, PROCESSES=3 are killed for SECONDS=40)
	@PYTHONPATH=tests $(BIN)/python -m storm $(or $(SEEDS),$(SEED),1-10) --jobs $(or $(JOBS),1) --database $(or $(DATABASE),sqlite) $(if $(PROCESSES),--workers $(PROCESSES)) $(if $(SECONDS),--seconds $(SECONDS)) $(if $(KEEP),--keep $(KEEP))

format: $(STAMP) ## Format the code and mend what can be mended
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

oversell: $(STAMP) ## Buyers drain both platforms at once: what was sold and not there, and whose fault it was (ARGS=…)
	@$(BIN)/python -m bench.oversell $(ARGS)

coverage-table: $(STAMP) ## Write docs/connectors/ anew: flows, settings and endpoints of each connector
	@PYTHONPATH=tests $(BIN)/python -m support.coverage

new-connector: $(STAMP) ## Begin a connector that passes the contract suite (NAME=my_warehouse TITLE="My warehouse")
	@PYTHONPATH=tests $(BIN)/python -m support.scaffold "$(NAME)" "$(TITLE)"

clean: ## Remove everything that can be made again
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache dist
