# make build    exports in data/raw (or the demo) to tested, published marts
# make test     everything that guards the project, on DuckDB, Postgres and Spark
# make test-engines    of it, the project on Spark, which it installs in .venv-spark; needs Java 17
# make test-bi  the dashboard for Superset, served and looked at; installs Superset (1 GB)
# make test-mutations  shows that the tests see deliberate faults, one at a time
# make example  a real shop's year, small
# make lineage  which column comes from which, and how tables join, as pages of the built site
# make clean    remove what these installed and compiled; never data

# dbt variables, for example: make build VARS='{as_of_date: 2010-12-09}'
VARS ?=

PYTHON := $(shell for python in python3.11 python3; do \
	$$python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null \
	&& echo $$python && break; done)
BIN := .venv/bin
# Tests choose their own folders, whatever the shell they are started from works on.
CHOOSING := env -u OMNILOOP_DATA -u OMNILOOP_RAW -u DBT_TARGET -u DBT_TARGET_PATH
TESTS := $(CHOOSING) $(BIN)/python -m pytest
export PYTHONUTF8 := 1
# No tool that is used here tells its maker so.
export DO_NOT_TRACK := 1

.PHONY: help build test test-gates test-units test-builds test-sources test-engines test-bi \
	test-mutations example lineage clean
help:
	@sed -n '/^$$/q; s/^# //p' Makefile

build: .venv/.ok
	$(BIN)/omniloop build $(if $(VARS),--vars '$(VARS)')

# In parts, two at a time, the shortest last.
test: .venv/.browser-ok .venv-bouncer/.ok .venv-lineage/.ok .venv-spark/.ok
	$(MAKE) --no-print-directory --jobs 2 test-units test-sources test-builds test-engines test-gates

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

test-sources:
	$(TESTS) harness/tests/test_sources.py

# These look at the same builds, or build in one copy of the project that dbt reads once.
BUILDS := $(patsubst %,harness/tests/test_%.py,boards published builds changes conditions deliveries identity recompute)
test-builds:
	$(TESTS) $(BUILDS)

test-units:
	$(TESTS) $(patsubst %,--ignore %,$(BUILDS) harness/tests/test_sources.py)

# Not part of `make test`: Superset is heavy.
test-bi: .venv/.browser-ok .venv-bi/.ok
	$(TESTS) harness/tests/test_bi.py harness/tests/bi_superset.py

# In an environment of its own: Spark is another gigabyte.
test-engines: .venv-spark/.ok
	@command -v java > /dev/null \
	|| (apt-get update && apt-get install -y --no-install-recommends openjdk-17-jre-headless) > /dev/null 2>&1 \
	|| (echo "No Java: install openjdk-17-jre-headless, then run this again."; exit 1)
	$(CHOOSING) .venv-spark/bin/python -m pytest harness/tests/test_engines.py

# Not part of `make test`: what it tests is the tests.
test-mutations: .venv/.test-ok
	$(CHOOSING) $(BIN)/python -m harness.dev.mutations

example: .venv/.ok
	PATH="$(CURDIR)/$(BIN):$$PATH" bash examples/online_retail/run.sh

# Of the warehouse that was built last, the demo's if there is no other. A full refresh is followed:
# an increment also asks its own table what it has. The artifacts of `make build` stay.
LINEAGE ?= target/lineage
lineage: export OMNILOOP_DATA := $(or $(OMNILOOP_DATA),$(if $(wildcard data/omniloop.duckdb),data,data/demo))
lineage: export DBT_TARGET_PATH := $(LINEAGE)
lineage: export DBT_SEND_ANONYMOUS_USAGE_STATS := false
lineage: .venv/.ok .venv-lineage/.ok
	@test -d $(OMNILOOP_DATA)/site || (echo "Nothing is built in $(OMNILOOP_DATA): run make build first."; exit 1)
	mkdir -p $(OMNILOOP_DATA)/site/lineage
	$(BIN)/dbt --quiet docs generate --no-compile
	$(BIN)/dbt --quiet compile --full-refresh --exclude resource_type:test resource_type:unit_test
	cd $(LINEAGE) && $(CURDIR)/.venv-lineage/bin/colibri generate --light --disable-telemetry \
		--manifest manifest.json --catalog catalog.json --output-dir columns
	.venv-lineage/bin/dbterd run --artifacts-dir $(LINEAGE) --output $(LINEAGE) --output-file-name tables.d2 \
		--target d2 --entity-name-format table --select "wildcard:*.dim_*" --select "wildcard:*.fct_*"
	.venv-lineage/bin/d2 --layout elk $(LINEAGE)/tables.d2 $(LINEAGE)/tables.svg
	install -m 644 $(LINEAGE)/tables.svg $(OMNILOOP_DATA)/site/lineage/tables.svg
	install -m 644 $(LINEAGE)/columns/index.html $(OMNILOOP_DATA)/site/lineage/index.html
	@echo "Open $(OMNILOOP_DATA)/site/lineage/index.html (columns) and tables.svg beside it."

clean:
	rm -rf .venv .venv-* target logs .pytest_cache .ruff_cache *.egg-info

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

.venv-bouncer/.ok .venv-lineage/.ok: .venv-%/.ok: requirements-%.txt
	$(call make_venv,.venv-$*)
	$(call install,.venv-$*,-r requirements-$*.txt)
	@touch $@

.venv-bi/.ok: examples/bi/requirements.txt
	$(call make_venv,.venv-bi)
	$(call install,.venv-bi,-r $<)
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
