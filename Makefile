# Two commands matter: `make demo` and `make test`. Each sets up what is missing first.
PYTHON ?= python3
PORT ?= 8000
DATA ?= .demo
VENV := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help demo test check setup build fmt catalogues lock clean

help: ## List these commands
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

demo: ## Start both faces with a seeded demo: make demo [PORT=8000] [DATA=dir]
	@$(PYTHON) tools/setup.py demo
	@exec $(VENV)/tipportal demo --port $(PORT) --data $(DATA)

test: setup ## Set up, then the whole gate and all tests
	@$(VENV)/python tools/gate.py

check: ## The whole gate and all tests, without set-up
	@$(VENV)/python tools/gate.py

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

clean: ## Remove everything that set-up made
	rm -rf .venv frontend/node_modules tipportal/static/dist .mypy_cache .ruff_cache .pytest_cache
