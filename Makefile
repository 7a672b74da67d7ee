# Two commands for a newcomer: `make run` and `make test`. Both do all of their set-up.
VENV   ?= .venv
PYTHON ?= python3
BIN    := $(VENV)/bin
ARGS   ?=
ALL     = -n 3 --dist loadfile --no-loadscope-reorder --durations=25
SEEDS  ?= 1 2 3 4 5 6 7 8 9 10

.PHONY: help run test check coverage fuzz bench screenshots format constraints clean

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.runtime ## Run the monitor (the simulated fleet, if there are no keys); ARGS="--listen ..."
	$(BIN)/monitor run $(ARGS)

test: $(VENV)/.dev ## Run all tests; ARGS="tests/unit -k grid" for some
	$(BIN)/python -m pytest $(if $(ARGS),$(ARGS),$(ALL))

coverage: $(VENV)/.dev ## The same tests, and which branches they take: 95 in 100 at least (twice the time)
	$(BIN)/python -m pytest $(ALL) --cov --cov-report=term --cov-fail-under=95

check: $(VENV)/.dev ## Format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

fuzz: $(VENV)/.dev ## Feed the dialects and the classifier 50,000 examples a test (hours); SEEDS="1 2" for some
	for seed in $(SEEDS); do \
		HYPOTHESIS_PROFILE=long $(BIN)/python -m pytest tests/unit/probes -k anything \
			--timeout=0 --hypothesis-seed=$$seed $(ARGS) || exit; \
	done

bench: $(VENV)/.dev ## Measure what the design claims; BENCH_EFFORT=small to try it out
	$(BIN)/python -m pytest tests/benchmarks -o addopts="--import-mode=importlib" -p no:randomly -s $(ARGS)

screenshots: $(VENV)/.dev ## Take the pictures of the pages in docs/images anew (needs Chromium)
	$(BIN)/python -m tests.e2e.screenshots

format: $(VENV)/.dev ## Put the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

constraints: ## Write the exact versions of a fresh, working set into constraints.txt
	.ci/constraints

clean: ## Remove what the commands above made
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage*

$(VENV)/.runtime: pyproject.toml constraints.txt
	PYTHON=$(PYTHON) .ci/setup $(VENV) .
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt
	PYTHON=$(PYTHON) .ci/setup $(VENV) ".[dev]"
	@touch $@ $(VENV)/.runtime
