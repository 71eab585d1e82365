# Two commands are all it takes:  make demo  ·  make test
# They need Python 3.11 or newer with venv, and nothing else; everything is installed into .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
# Hashes pin every byte; without build isolation nothing unpinned can slip in while building.
INSTALL := $(PIP) install --require-hashes --no-build-isolation

.DEFAULT_GOAL := help
.PHONY: help demo test check bench soak format clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/run.done ## the whole road on an invented institute; ONCE=1 ends after the first edition
	$(BIN)/publisher demo $(if $(ONCE),--once)

test: $(VENV)/dev.done ## every test; some of them: make test ARGS=tests/store
	$(BIN)/python -m pytest -n auto $(ARGS)

check: $(VENV)/dev.done ## ruff, mypy, import rules
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: $(VENV)/dev.done ## speed and memory, as ratios against a peer in the same run
	$(BIN)/python -m tests.bench

soak: $(VENV)/dev.done ## the long sizes: more kills, larger lists; takes its time
	PUBLISHER_TEST_EXAMPLES=500 $(BIN)/python -m pytest -n auto -m 'not browser'
	PUBLISHER_TEST_KILLS=50 PUBLISHER_TEST_CONNECTIONS=20 \
	  $(BIN)/python -m pytest -n auto tests/flows/test_deliver_killed.py
	PUBLISHER_TEST_SIGNATURES=1000 PUBLISHER_TEST_SIGNED_COPIES=600 \
	  $(BIN)/python -m pytest tests/delivery/test_dkim.py tests/flows/test_deliver_signed.py
	PUBLISHER_TEST_SUBJECTS=5000 $(BIN)/python -m pytest tests/delivery/test_readers.py
	PUBLISHER_TEST_RSPAMD=1 $(BIN)/python -m pytest tests/delivery/test_spam_filters.py
	PUBLISHER_TEST_REFUSALS=500 $(BIN)/python -m pytest tests/flows/test_refusal_wins.py
	PUBLISHER_TEST_POSTS=10000 $(BIN)/python -m pytest tests/flows/test_large_board.py
	$(BIN)/python -m tests.bench --large

format: $(VENV)/dev.done ## put the code into its one form
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean: ## forget what was installed; var/ is left alone
	rm -rf $(VENV) .mypy_cache .ruff_cache .import_linter_cache .hypothesis

$(VENV)/python.done:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Python 3.11 or newer is needed; name one with: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "Python's venv is missing; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "Installing into $(VENV) (once, about a minute) …"
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/run.done: $(VENV)/python.done requirements/build.txt requirements/run.txt pyproject.toml
	@$(INSTALL) -r requirements/build.txt
	@$(INSTALL) -r requirements/run.txt
	@$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

$(VENV)/dev.done: $(VENV)/run.done requirements/dev.txt
	@$(INSTALL) -r requirements/dev.txt
	@touch $@
