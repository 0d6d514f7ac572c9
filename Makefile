# make report [SOURCE=name], make test, make explore, make mutate, make processors, make torture, make lab, make bench,
# make publish DEST=folder, make docs, make generated
PYTHON ?= python3
BIN := .venv/bin

.PHONY: report test explore mutate processors torture lab bench peers publish docs generated hooks
.DELETE_ON_ERROR:

report: .venv/.package
ifdef SOURCE
	@test -n "$$(ls 'data/raw/$(SOURCE)' 2>/dev/null)" || $(BIN)/kam get '$(SOURCE)'
	$(BIN)/kam use '$(SOURCE)'
endif
	$(BIN)/kam run

test: .venv/.developer
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest

explore: .venv/.developer
	$(BIN)/pytest -m hypothesis --hypothesis-profile explore

mutate: .venv/.developer
	$(BIN)/python tests/mutate.py

processors: .venv/.developer
	$(BIN)/python tests/processors.py

torture: .venv/.developer
	$(BIN)/python -m tests.torture

lab: .venv/.developer
	cd notebooks && ../$(BIN)/jupyter lab

bench: .venv/.package .venv/.peers
	$(BIN)/python benchmarks/sources.py
	$(BIN)/python benchmarks/pipeline.py
	$(BIN)/python benchmarks/key_clients.py
	$(BIN)/python benchmarks/segments.py
	$(BIN)/python benchmarks/value.py

peers: .venv/.peers

publish: .venv/.package
	@test -n '$(DEST)' || { echo 'say where: make publish DEST=folder' >&2; exit 2; }
	$(BIN)/kam publish '$(DEST)'

docs: .venv/.developer
	$(BIN)/mkdocs build --quiet

generated: .venv/.developer
	$(BIN)/python -m kam_analysis.pipeline.graph
	$(BIN)/python -m kam_analysis.sources.schema > sources/schema.json

hooks: .venv/.developer
	$(BIN)/pre-commit install

# The part of the lock that a run needs stands above the line "# Beside it"; the pip of the lock installs twice as fast
# as the one that comes with Python 3.11.
.venv/.run: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo 'Python 3.11 or newer is needed; name it: make report PYTHON=/path/to/python3' >&2; exit 2; }
	$(PYTHON) -m venv .venv
	sed '/^# Beside it/,$$d' requirements.lock > .venv/run.txt
	sed -n '/^pip==/,/[^\\]$$/p' requirements.lock > .venv/pip.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement .venv/pip.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-compile --require-hashes --requirement .venv/run.txt
	-@$(BIN)/python -m compileall -qq -j 0 -x '/tests/' .venv/lib
	touch $@

.venv/.package: pyproject.toml .venv/.run
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

.venv/.developer: requirements.lock .venv/.package
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes --requirement requirements.lock
	touch $@

.venv/.peers: requirements-bench.lock .venv/.run
	$(PYTHON) -m venv .venv/peers
	.venv/peers/bin/python -m pip install --quiet --no-deps --disable-pip-version-check --require-hashes --requirement requirements-bench.lock
	touch $@
