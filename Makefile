# What a developer runs. Each recipe is plain POSIX sh.

# Where to look for a Python, in this order; the first that is new enough and has venv wins.
PYTHONS ?= python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3
# The PostgreSQL versions that test-versions goes through.
POSTGRES ?= 15 16 18
# What speaks to PostgreSQL; the rest is the same on each.
DATABASE_TESTS := tests/store tests/flow/test_dispatch.py tests/edge/test_postgres.py tests/test_databases.py
# More words for pytest, the demo or the storm: make test ARGS="-k lock", make chaos ARGS=--short.
ARGS ?=
# Which storm make chaos repeats; none: a new one.
SEED ?=
# Tests that run side by side; 0: one after the other, in one process.
WORKERS ?= 3

VENV := .venv
PYTHON := $(VENV)/bin/python
# Last in the installation, so that one which broke off is done again.
STAMP := $(VENV)/.installed

# Candidates are run, not looked up: a shim on the PATH may stand for a Python that is not there.
FIND_PYTHON = \
	for python in $(PYTHONS) none; do \
		"$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
			2>/dev/null && break; \
	done; \
	if [ "$$python" = none ]; then \
		echo "Python 3.11 or newer with venv is needed; tried: $(PYTHONS)" >&2; \
		exit 1; \
	fi

.DEFAULT_GOAL := help
.PHONY: help demo install test chaos guards test-host test-versions lint check docs bench lock

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

demo: $(STAMP) ## send a campaign of 500 invented people, here and to nobody
	@$(VENV)/bin/sms-dispatcher demo $(ARGS)

install: $(STAMP) ## make .venv from requirements.lock, if it is not up to date

$(STAMP): pyproject.toml requirements.lock
	@$(FIND_PYTHON); \
	echo "installing into $(VENV) with $$("$$python" --version)"; \
	"$$python" -m venv --clear $(VENV)
	@$(PYTHON) -m pip install -qq --require-hashes -r requirements.lock
	@$(PYTHON) -m pip install -qq --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

test: $(STAMP) ## run the tests on the PostgreSQL that is found
	$(PYTHON) -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

guards: $(STAMP) ## run storms with daemons that lack a guard: each must fail
	$(PYTHON) -m pytest -n 2 -m guards $(ARGS)

test-host: $(STAMP) ## run what needs more than pip brings, then test-versions
	$(PYTHON) -m pytest -m needs_host $(ARGS)
	@$(MAKE) --no-print-directory test-versions

test-versions: $(STAMP) ## run what speaks to PostgreSQL on 15, 16 and 18 (POSTGRES="16 18")
	@set -e; for version in $(POSTGRES); do \
		echo "$(PYTHON) -m pytest -n $(WORKERS) --dist worksteal --postgresql $$version $(DATABASE_TESTS) $(ARGS)"; \
		$(PYTHON) -m pytest -n $(WORKERS) --dist worksteal --postgresql $$version $(DATABASE_TESTS) $(ARGS); \
	done

chaos: $(STAMP) ## kill, freeze and cut off three daemons, and count what became of every text (SEED=)
	@PYTHONPATH=tests $(PYTHON) -m support.chaos.command $(if $(SEED),--seed $(SEED)) $(ARGS)

lint: $(STAMP) ## check format, style, types and the walls between the rooms
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(PYTHON) -m mypy
	$(VENV)/bin/lint-imports

check: lint test ## lint, then test: what has to be green before a commit

docs: $(STAMP) ## write the generated pages of docs/ and the table of area codes
	PYTHONPATH=tests $(PYTHON) -m support.write_docs
	PYTHONPATH=tests $(PYTHON) -m support.write_areas

bench: $(STAMP) ## measure, beside what it is measured against
	$(PYTHON) bench/dispatch.py $(ARGS)
	$(PYTHON) bench/quiet.py
	$(PYTHON) bench/audit.py
	$(PYTHON) bench/webhooks.py
	$(PYTHON) bench/stop.py

lock: ## resolve the newest dependencies into requirements.lock
	@set -e; $(FIND_PYTHON); \
	scratch=$$(mktemp -d); trap 'rm -rf "$$scratch"' EXIT; \
	"$$python" -m venv "$$scratch"; \
	"$$scratch/bin/python" -m pip install --quiet uv; \
	env -u UV_FIND_LINKS -u UV_EXTRA_INDEX_URL "$$scratch/bin/uv" pip compile --quiet --no-config \
		--upgrade --universal --python-version 3.11 --generate-hashes --no-annotate \
		--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
		--extra demo --group dev --output-file requirements.lock pyproject.toml
