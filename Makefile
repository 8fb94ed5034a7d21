# One file for everything a newcomer types. `make demo` and `make test` set up .venv by themselves.

PYTHON ?= python3
BIN := .venv/bin
MOST_MB ?= 1600
READY := .venv/.ready

.PHONY: wheel packaging demo test lint bench fuzz faults night clean
.DEFAULT_GOAL := demo

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "vidrestore needs Python 3.11 or newer; try: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	$(PYTHON) -m venv .venv
	@# torch alone and first: resolved together with the rest, pip may pick another build of it.
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: $(READY)
	@mkdir -p out
	$(BIN)/vidrestore restore samples/clip.mkv out/clip.mkv --overwrite --report out/clip.json
	@$(BIN)/python samples/before_after.py samples/clip.mkv out/clip.mkv out/before_after.png
	@echo "restored video:        out/clip.mkv"
	@echo "before/after picture:  out/before_after.png"
	@echo "report:                out/clip.json"

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	@# A worker for each core, each with one thread: more threads than cores wait for one another.
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

bench: $(READY)
	$(BIN)/python benchmarks/throughput.py
	$(BIN)/python benchmarks/memory.py

fuzz: $(READY)
	$(BIN)/python -m tests.fuzzing.fuzz --keep out/fuzz
	$(BIN)/python -m tests.fuzzing.fuzz_readers --keep out/fuzz
	$(BIN)/python -m pytest -q -m hypothesis --hypothesis-profile thorough

faults: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.fuzzing.faults
	$(BIN)/python -m tests.fuzzing.resumed

night: $(READY)
	$(BIN)/python -m tests.fuzzing.night --files 300

# A wheel, and whether what it installs can restore: in an environment of its own.
wheel: $(READY)
	rm -rf dist out/wheel
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .
	$(PYTHON) -m venv out/wheel
	out/wheel/bin/python -m pip install --quiet --constraint constraints.txt torch
	out/wheel/bin/python -m pip install --quiet --constraint constraints.txt dist/*.whl
	cd out && wheel/bin/vidrestore doctor
	cd out && wheel/bin/vidrestore restore ../samples/clip.mkv wheel.mkv --to 1 --overwrite

# All ways to install that can be tried here: the wheel, uv, pipx and the container files, where their
# tools are. Weighed last, so that the sum stops nothing else: all of it, and once more without what
# comes along and no job imports, which the sample then proves (with a build of torch without CUDA).
packaging: wheel
	@if command -v uv >/dev/null; then \
		UV_TOOL_DIR=$(CURDIR)/out/uv UV_TOOL_BIN_DIR=$(CURDIR)/out/uv/bin \
			uv tool install --quiet --force --python $(PYTHON) --constraints constraints.txt . && \
		out/uv/bin/vidrestore --version; else echo "uv is not here: not tried"; fi
	@if command -v pipx >/dev/null; then \
		PIPX_HOME=$(CURDIR)/out/pipx PIPX_BIN_DIR=$(CURDIR)/out/pipx/bin \
			pipx install --quiet --force --pip-args='-c $(CURDIR)/constraints.txt' . && \
		out/pipx/bin/vidrestore --version; else echo "pipx is not here: not tried"; fi
	@if command -v hadolint >/dev/null; then hadolint containers/*.Containerfile; \
		else echo "hadolint is not here: container files not looked at"; fi
	out/wheel/bin/python benchmarks/installed_size.py
	out/wheel/bin/python -m pip uninstall --quiet --yes --requirement containers/unused.txt
	cd out && wheel/bin/vidrestore restore ../samples/clip.mkv wheel.mkv --to 1 --overwrite
	out/wheel/bin/python benchmarks/installed_size.py --most $(MOST_MB)

clean:
	rm -rf .venv out build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
