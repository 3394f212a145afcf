# Two commands matter: `make demo` and `make test`. Each sets up what is missing first.
PYTHON ?= python3
PORT ?= 8000
DATA ?= .demo
YEARS ?= 0
WHO ?= anna
PICTURES ?= docs/screenshots
VENV := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help demo sign-in screenshots test check static setup build fmt hooks catalogues lock clean

help: ## List these commands
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

demo: ## Start both faces with a seeded demo: make demo [PORT=8000] [DATA=dir] [YEARS=5]
	@$(PYTHON) tools/setup.py demo
	@exec $(VENV)/tipportal demo --port $(PORT) --data $(DATA) --years $(YEARS)

sign-in: ## What one of the demo's people signs in with just now: make sign-in [WHO=anna] [DATA=dir]
	@$(VENV)/tipportal demo --data $(DATA) --sign-in "$(WHO)"

screenshots: setup ## Pictures of every page: make screenshots [PICTURES=dir]
	@$(VENV)/python tools/screenshots.py $(PICTURES)

test: setup ## Set up, then the whole gate and all tests
	@$(VENV)/python tools/gate.py

check: ## The whole gate and all tests, without set-up
	@$(VENV)/python tools/gate.py

static: ## The gate without the tests
	@$(VENV)/python tools/gate.py --static

setup: ## Only set up what the gate and the tests need
	@$(PYTHON) tools/setup.py test

build: ## Build scripts, styles and catalogues again if their sources changed
	@$(PYTHON) tools/setup.py demo

fmt: ## Format everything that has a formatter
	@$(VENV)/python tools/gate.py --fix

catalogues: ## Bring the translation catalogues up to date with the sources
	@$(VENV)/python tools/catalogues.py --update

lock: setup ## Resolve the locks again from requirements/*.in and frontend/package.json
	@$(VENV)/python tools/lock.py

hooks: ## Let git run the static gate before each commit and the whole gate before each push
	@printf '#!/bin/sh\nexec make static\n' > "$$(git rev-parse --git-path hooks)/pre-commit"
	@printf '#!/bin/sh\nexec make check\n' > "$$(git rev-parse --git-path hooks)/pre-push"
	@chmod +x "$$(git rev-parse --git-path hooks)/pre-commit" "$$(git rev-parse --git-path hooks)/pre-push"

clean: ## Remove everything that set-up made
	rm -rf .venv frontend/node_modules tipportal/static/dist .mypy_cache .ruff_cache .pytest_cache
