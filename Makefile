# `make run` and `make test` set up all they need, from nothing, and can be repeated. Settings: docs/operations.md.

SHELL := /bin/sh
PYTHON := $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
IN_VENV := .venv/bin/python
.DEFAULT_GOAL := help
.PHONY: help run test bench lint messages requirements python environment environment-dev

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' Makefile

run: environment  ## set up and serve the portal with demo content on 127.0.0.1:8000 (PORT=… for another)
	@exec $(IN_VENV) manage.py serve --set-up

test: environment-dev  ## lint, then the whole suite on SQLite, and on PostgreSQL where that is installed
	@exec $(IN_VENV) scripts/run_tests.py

bench: environment-dev  ## registrations a second beside a bare Django form, on SQLite and PostgreSQL (some minutes)
	@exec $(IN_VENV) scripts/run_bench.py

lint: environment-dev  ## style, templates, types, import directions, requirements, migrations
	@exec $(IN_VENV) scripts/lint.py

messages: environment  ## compile the translations
	@$(IN_VENV) manage.py compile_translations

requirements: environment-dev  ## pin what pyproject.toml declares, in requirements.txt and requirements-dev.txt
	@exec $(IN_VENV) scripts/requirements.py

python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and none is on the PATH (found: $$(python3 -V 2>&1 || echo none)). Debian 12 or newer: apt-get install python3 python3-venv" >&2; exit 1; }

environment: python
	@$(PYTHON) scripts/prepare_environment.py requirements.txt

environment-dev: python
	@$(PYTHON) scripts/prepare_environment.py requirements.txt requirements-dev.txt
