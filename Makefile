# Greenline. The two that a newcomer needs: make demo, make test.
#
# PYTHON=python3.12      set up with this Python instead of the newest suitable one
# WHEELHOUSE=folder      set up from a folder of packages instead of the network (docs/install.md)
# ARGS="--speed 5"       more options for greenline demo, or for pytest

SHELL := /bin/sh
VENV := .venv/bin
PEERS := tests/peers/node
BOOTSTRAP := PYTHON="$(PYTHON)" tools/bootstrap.sh $(if $(WHEELHOUSE),--wheelhouse "$(WHEELHOUSE)")
OFFSCREEN := QT_QPA_PLATFORM=$${QT_QPA_PLATFORM:-offscreen}

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo demo-shot test peers lint style types imports bench-check \
	lock wheelhouse clean

help: ## list what make can do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup: ## make .venv/ from the lock, with the system libraries that are missing
	@$(BOOTSTRAP)

setup-dev:
	@$(BOOTSTRAP) --dev

demo: setup ## the simulated plant and the monitor on it; without a screen a minute of it, and the report
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname)" = Darwin ]; then \
		exec $(VENV)/greenline demo $(ARGS); \
	else \
		echo "demo: no screen here, so one minute without a window, then the report"; \
		exec $(VENV)/greenline demo --headless --speed 20 --duration 60 $(ARGS); \
	fi

demo-shot: setup ## pictures of the running monitor: build/monitor-en.png, build/monitor-zh.png
	@mkdir -p build
	@for language in en zh; do \
		$(OFFSCREEN) $(VENV)/greenline demo --speed 20 --duration 60 \
			--shot build/monitor-$$language.png --language $$language || exit 1; \
		echo "demo-shot: build/monitor-$$language.png"; \
	done

test: setup-dev ## all tests
	@if command -v npm >/dev/null && [ -f $(PEERS)/package.json ]; then $(MAKE) -s peers || \
		echo "test: npm could not install node-opcua; the tests against it will be skipped"; fi
	@$(OFFSCREEN) $(VENV)/python -m pytest $(ARGS)

peers: $(PEERS)/node_modules/.package-lock.json ## the OPC UA server by others that some tests need (npm)

$(PEERS)/node_modules/.package-lock.json: $(PEERS)/package-lock.json
	@echo "peers: installing node-opcua by npm"
	@cd $(PEERS) && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

lint: style types imports ## style, types and the rules of imports

style: setup-dev
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .

types: setup-dev
	$(VENV)/mypy

imports: setup-dev
	$(VENV)/lint-imports

bench-check: setup-dev ## a short self-check of the benchmarks (tests/bench)
	@status=0; for file in tests/bench/bench_*.py; do \
		name=$$(basename "$$file" .py); echo "bench-check: $$name"; \
		$(OFFSCREEN) $(VENV)/python -m "tests.bench.$$name" --check || status=1; \
	done; exit $$status

lock: ## make requirements/*.txt anew from pyproject.toml (needs uv)
	@tools/lock.sh

wheelhouse: setup ## all packages as files in wheelhouse/, for a plant without internet
	$(VENV)/python -m pip download --require-hashes --no-build-isolation --dest wheelhouse \
		-r requirements/build.txt -r requirements/run.txt -r requirements/dev.txt

clean: ## remove what was built or cached; .venv and peers stay
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find data twin ui plc_sim tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
