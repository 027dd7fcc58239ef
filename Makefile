# The only commands anyone needs: `make run` and `make test`.
SHELL := /bin/bash
VENV := .venv
PY := $(VENV)/bin/python
EXTRAS := test

.PHONY: run test bench check clean

run: $(VENV)/.run-installed
	@exec $(VENV)/bin/ipstation serve --demo

test: $(VENV)/.test-installed
	@scripts/browser.sh
	@$(PY) -m pytest -n auto $(ARGS)

bench: $(VENV)/.bench-installed $(VENV)-chatterbot/.installed
	@$(PY) benchmarks/answering.py --chatterbot-python $(VENV)-chatterbot/bin/python $(ARGS)
	@$(PY) benchmarks/engine.py $(ARGS)

check: $(VENV)/.check-installed
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy

# One stamp per set of packages, renewed when pyproject.toml changes.
$(VENV)/.run-installed: pyproject.toml | $(VENV)/bin/pip
	@$(PY) -m pip install --quiet --disable-pip-version-check --use-pep517 -e .
	@touch $@

$(VENV)/.%-installed: pyproject.toml | $(VENV)/bin/pip
	@$(PY) -m pip install --quiet --disable-pip-version-check --use-pep517 -e '.[$*]'
	@touch $@ $(VENV)/.run-installed

$(VENV)/bin/pip:
	@scripts/venv.sh $(VENV)

# ChatterBot wants an older SQLAlchemy than we do, so it lives by itself.
$(VENV)-chatterbot/.installed: | $(VENV)/bin/pip
	@scripts/venv.sh $(VENV)-chatterbot
	@$(VENV)-chatterbot/bin/pip install --quiet --disable-pip-version-check chatterbot==1.2.15 psutil
	@touch $@

clean:
	rm -rf $(VENV) $(VENV)-chatterbot build *.egg-info
