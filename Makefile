# Everything starts here: `make demo` shows the product, `make test` proves it.
#
#   make demo [PORT=8080]   the whole product with a sample institution, in a browser
#   make test               all checks and all tests
#   make check              the checks alone: style, types, floors, words
#   make chaos              races, kills, a pulled plug, a clock that jumps, at length; ARGS="--only kill --rounds 3" for less
#   make bench             what a verification costs here, beside what it is built on; ARGS="--growth --timing" for more
#   make fuzz               damaged seed files, ten minutes for each reader; ARGS="--seconds 60 --only pskc" for less
#   make lock [UPGRADE=1]   write the lock anew, after a change of pyproject.toml
#   make clean              remove what these commands made, the demo's data excepted
#
# PYTHON=python3.12 chooses the interpreter.

.SUFFIXES:
.PHONY: help demo test check chaos bench fuzz lock clean demo-ready dev-ready chaos-ready system-ready
.DEFAULT_GOAL := help

# What is installed is what the lock names, whatever the caller's shell has set.
unexport PYTHONPATH PYTHONHOME

python = .venv/bin/python

help:
	@sed -n 's/^#   //p' Makefile

demo: demo-ready
	@$(python) -m otpward demo $(if $(PORT),--port $(PORT))

test: system-ready check
	$(python) -m pytest -n 4 --dist loadfile --no-loadscope-reorder $(ARGS)

check: dev-ready
	$(python) -m ruff check
	$(python) -m ruff format --check
	$(python) -m mypy
	.venv/bin/lint-imports --no-logo
	$(python) -m tools.check_words

chaos: chaos-ready
	$(python) -m chaos $(ARGS)

bench: dev-ready
	@$(python) -m bench $(ARGS)

fuzz: dev-ready
	@PYTHONPATH=src nice $(python) -m fuzz $(ARGS)

demo-ready:
	@found=$$(tools/find-python) && "$$found" tools/prepare.py demo --port "$(PORT)"

dev-ready:
	@found=$$(tools/find-python) && "$$found" tools/prepare.py dev

chaos-ready:
	@found=$$(tools/find-python) && "$$found" tools/prepare.py chaos && "$$found" tools/system_packages.py chaos

system-ready:
	@found=$$(tools/find-python) && "$$found" tools/system_packages.py

lock:
	@found=$$(tools/find-python) && "$$found" tools/lock.py $(if $(UPGRADE),--upgrade)

clean:
	rm -rf .venv build dist src/*.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .screenshots
	find src tests tools chaos bench -name __pycache__ -type d -prune -exec rm -rf {} +
