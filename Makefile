# make build    exports in data/raw (or the demo) to tested, published marts
# make test     everything that guards the project
# make test-engines    the project on Spark too, which it installs in .venv-spark; needs Java 17
# make test-mutations  shows that the tests see deliberate faults, one at a time
# make example  a real shop's year, small
# make clean    remove what these installed and compiled; never data

# dbt variables, for example: make build VARS='{as_of_date: 2010-12-09}'
VARS ?=

PYTHON := $(shell for python in python3.11 python3; do \
	$$python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null \
	&& echo $$python && break; done)
BIN := .venv/bin
# Tests choose their own folders, whatever the shell they are started from works on.
TESTS := env -u OMNILOOP_DATA -u OMNILOOP_RAW -u DBT_TARGET -u DBT_TARGET_PATH $(BIN)/python -m pytest
export PYTHONUTF8 := 1
# No tool that is used here tells its maker so.
export DO_NOT_TRACK := 1

.PHONY: help build test test-gates test-units test-deliveries test-sources test-engines test-mutations \
	example clean
help:
	@sed -n '/^$$/q; s/^# //p' Makefile

build: .venv/.ok
	$(BIN)/omniloop build $(if $(VARS),--vars '$(VARS)')

# In parts, two at a time.
test: .venv/.browser-ok .venv-bouncer/.ok
	$(MAKE) --no-print-directory --jobs 2 test-sources test-deliveries test-gates test-units

# The gates read the project only; a folder of their own leaves the warehouse of `make build` alone.
test-gates: export OMNILOOP_DATA := target/gates/data
test-gates: export DBT_TARGET_PATH := target/gates
test-gates: export DBT_TARGET := duckdb
test-gates:
	$(BIN)/ruff check harness
	mkdir -p $(OMNILOOP_DATA)
	$(BIN)/dbt --quiet parse
	COLUMNS=160 .venv-bouncer/bin/dbt-bouncer run --show-all-failures
	$(BIN)/sqlfluff lint --disable-progress-bar --quiet models tests
	$(BIN)/dct validate --strict

test-units:
	$(TESTS) --ignore harness/tests/test_deliveries.py --ignore harness/tests/test_sources.py

test-deliveries:
	$(TESTS) harness/tests/test_deliveries.py

test-sources:
	$(TESTS) harness/tests/test_sources.py

# Not part of `make test`: Spark is another gigabyte, and slow to start.
test-engines: .venv-spark/.ok
	@command -v java > /dev/null \
	|| (apt-get update && apt-get install -y --no-install-recommends openjdk-17-jre-headless) > /dev/null 2>&1 \
	|| (echo "No Java: install openjdk-17-jre-headless, then run this again."; exit 1)
	env -u OMNILOOP_DATA -u OMNILOOP_RAW -u DBT_TARGET -u DBT_TARGET_PATH .venv-spark/bin/python -m pytest \
		harness/tests/test_engines.py

# Not part of `make test`: what it tests is the tests.
test-mutations: .venv/.test-ok
	env -u OMNILOOP_DATA -u OMNILOOP_RAW -u DBT_TARGET -u DBT_TARGET_PATH $(BIN)/python -m harness.dev.mutations

example: .venv/.ok
	PATH="$(CURDIR)/$(BIN):$$PATH" bash examples/online_retail/run.sh

clean:
	rm -rf .venv .venv-bouncer .venv-spark target logs .pytest_cache .ruff_cache *.egg-info

.venv/.ok: requirements.txt pyproject.toml
	$(call make_venv,.venv)
	$(call install,.venv,-r requirements.txt)
	$(call install,.venv,--no-build-isolation --no-deps -e .)
	@touch $@

.venv/.test-ok: .venv/.ok requirements-dev.txt
	$(call install,.venv,-r requirements-dev.txt)
	@touch $@

# The boards are looked at in a real browser: Debian's, else the one Playwright fetches.
.venv/.browser-ok: .venv/.test-ok
	@command -v chromium > /dev/null \
	|| (apt-get update && apt-get install -y --no-install-recommends chromium fonts-noto-cjk) > /dev/null 2>&1 \
	|| $(BIN)/playwright install chromium \
	|| (echo "No Chromium: install the packages chromium and fonts-noto-cjk, then run this again."; exit 1)
	@touch $@

.venv-bouncer/.ok: requirements-bouncer.txt
	$(call make_venv,.venv-bouncer)
	$(call install,.venv-bouncer,-r requirements-bouncer.txt)
	@touch $@

.venv-spark/.ok: requirements.txt requirements-dev.txt requirements-spark.txt
	$(call make_venv,.venv-spark)
	$(call install,.venv-spark,-r requirements.txt -r requirements-dev.txt -r requirements-spark.txt)
	$(call install,.venv-spark,--no-build-isolation --no-deps -e .)
	@touch $@

define make_venv
	$(if $(PYTHON),,$(error Python 3.11 is needed, as python3.11 or python3; none was found))
	@test -x $(1)/bin/python || $(PYTHON) -m venv $(1)
endef

# uv is faster where it is installed; pip does the same.
define install
	@echo "$(1): pip install $(2)"
	@if command -v uv > /dev/null && uv pip install -q -p $(1)/bin/python $(2); then true; \
	else $(1)/bin/python -m pip install -qq --disable-pip-version-check $(2); fi
endef
