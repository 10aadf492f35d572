# The verbs of this repository. `make` alone lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Python may keep its compiled files: without them Dagster takes twice as long to start.
unexport PYTHONDONTWRITEBYTECODE
STAMP := $(VENV)/.installed

.PHONY: help demo test real check docs calibrate dagster torture lock clean
.DEFAULT_GOAL := help

help: ## list the verbs
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# uv installs in seconds; where it cannot be had or does not trust the registry's certificate, pip does the same from the same hashes.
$(STAMP): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv 2>/dev/null || true
	@{ $(BIN)/python -m uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock && \
	  $(BIN)/python -m uv pip install --quiet --python $(BIN)/python --no-deps -e . ; } 2>/dev/null || \
	{ $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e . ; }
	@touch $(STAMP)

demo: $(STAMP) ## simulate a department, run one night over it, end at its page
	@$(BIN)/tidemark demo

test: $(STAMP) ## the tests
	@$(BIN)/python -m pytest -q -n 2 --dist loadgroup -m "not slow"

real: $(STAMP) ## the nightly job on real recordings (TIDEMARK_DATA, default ../shared/data)
	@$(BIN)/python -m pytest -q tests/test_real.py -s

check: $(STAMP) ## style, types, definitions
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/dg check defs

docs: $(STAMP) ## make the generated parts of the plug-ins' READMEs anew
	@$(BIN)/python -m pipeline.describe

calibrate: $(STAMP) ## measure the bars of the figures against known truths; writes docs/calibration.md
	@$(BIN)/python -m pipeline.calibrate --replications 200 --write docs/calibration.md

dagster: $(STAMP) ## Dagster in a browser, on loopback
	@mkdir -p .tidemark/dagster
	@DAGSTER_HOME=$(CURDIR) $(BIN)/dagster-webserver -w workspace.yaml -h 127.0.0.1 -p 3000

torture: $(STAMP) ## kill the night at a hundred moments; the figures must not change
	@TIDEMARK_KILLS=100 $(BIN)/python -m pytest -q -n 2 tests/test_kill.py

lock: $(STAMP) ## choose versions anew and write requirements.lock
	@$(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-strip-extras --extra dev pyproject.toml -o requirements.lock

clean: ## remove what runs have made
	rm -rf .tidemark .tidemark-demo .tidemark-demo-truth .servers .pytest_cache .mypy_cache .ruff_cache
