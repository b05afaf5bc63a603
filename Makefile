# Everything that a fresh machine with Python 3.11 or newer, git and make needs.
PYTHON ?= python3
BIN := .venv/bin
SOURCES := alerts archive bench cli config crawler dashboard demo extract tests deciding.py health.py jobs.py model.py monitor.py noticing.py painting.py placing.py plot.py scheduler.py settling.py stood.py telling.py views.py
READY := .venv/.ready
# Most tests wait for a server or a clock more than they reckon: as many files at a time as there are cores, four at most.
PYTEST := $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help demo test check docs freeze run bench lock clean

help:  ## show what there is to make
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

$(READY): requirements-dev.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25"
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --no-deps --editable .
	touch $(READY)

demo: $(READY)  ## crawl the bundled sample site and show the alerts
	$(BIN)/tollwatch demo

test: $(READY)  ## run the tests
	$(PYTEST)

check: $(READY)  ## format, lint, types and tests: what CI runs
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy $(SOURCES)
	$(BIN)/hadolint Dockerfile
	$(PYTEST)

docs: $(READY)  ## write the tables of docs/archive.md anew
	$(BIN)/python -m archive.describe docs/archive.md

freeze: $(READY)  ## freeze the schema as this version's, before its release
	$(BIN)/python -m tests.archive.freeze

run: $(READY)  ## run the daemon with config.toml
	$(BIN)/tollwatch run

bench: $(READY)  ## measure against the bare libraries; what hostile texts and servers cost; how soon it tells; kill it
	$(BIN)/python -m bench.hostile
	$(BIN)/python -m bench.claims
	$(BIN)/python -m bench.crawl
	$(BIN)/python -m bench.importing
	$(BIN)/python -m bench.fuzz
	$(BIN)/python -m bench.alerts
	$(BIN)/python -m bench.kills
	$(BIN)/python -m bench.archive

lock: $(READY)  ## pin all packages anew, with hashes
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --upgrade --extra dev pyproject.toml -o requirements-dev.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header pyproject.toml -c requirements-dev.lock -o requirements.lock

clean:  ## remove what was installed and built
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache
