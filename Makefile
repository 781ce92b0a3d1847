# `make ask` answers a question, `make test` runs the tests (`make test-slow` those that take long), `make docs` makes the
# documentation. All of them set up what they need.
PYTHON ?= python3
VENV ?= .venv
KG := $(VENV)/bin/kg

.PHONY: ask test test-slow lint docs facts clean

ask: $(VENV)/.installed
	@$(KG) ask "What conditions warrant caution with Klonopin?"

test: $(VENV)/.installed-test
	$(VENV)/bin/python -m pytest -n auto -m "not slow"

test-slow: $(VENV)/.installed-test
	$(VENV)/bin/python -m pytest -n auto -m slow

lint: $(VENV)/.installed-lint
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

# A warning is an error; `build/docs/index.html` is where reading begins.
docs: $(VENV)/.installed-docs
	$(VENV)/bin/python -m sphinx -q -W --keep-going -E -b html docs build/docs

facts: $(VENV)/.installed
	$(KG) build ../shared/documents --facts facts --vocabulary none

# A virtual environment without pip is the rest of an attempt that failed: it is made again.
$(VENV)/.installed: pyproject.toml
	@test -x $(VENV)/bin/pip || $(PYTHON) -m venv --clear $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

$(VENV)/.installed-lint: $(VENV)/.installed-test
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[test,lint]'
	@touch $@

$(VENV)/.installed-docs: $(VENV)/.installed
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[docs]'
	@touch $@

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache
