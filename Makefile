# Two commands do all the set-up: `make run` and `make test`. `make` lists the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# A copy of the lock that .venv was built from; where it equals the lock,
# a newer date alone (after a checkout) rebuilds nothing.
BUILT_FROM := $(VENV)/requirements.lock

.DEFAULT_GOAL := help
.PHONY: help run run-login test check bench fuzz torture lock words system browser office clean $(VENV)

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

run: $(BUILT_FROM) ## start the dashboard on this computer and print its address
	$(BIN)/python -m dashboard serve

run-login: $(BUILT_FROM) ## start it with people who sign in: an editor, a contributor, a reader
	$(BIN)/python -m tools.run_login

test: $(BUILT_FROM) browser office ## run every test, those in a real browser too
	$(BIN)/python -m pytest

check: $(BUILT_FROM) ## lint, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy dashboard tools

bench: $(BUILT_FROM) browser ## measure, beside other tools
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench_report
	$(BIN)/python -m tests.bench_importing $(if $(UPR),--upr $(UPR))
	$(BIN)/python -m tests.bench_links
	$(BIN)/python -m tests.bench_large $(if $(UPR),--upr $(UPR))

fuzz: $(BUILT_FROM) ## throw made-up registries and edits at the reader and the store
	$(BIN)/python -m tests.fuzz

torture: $(BUILT_FROM) ## kill the saver, fail the disk, crowd the file: prove that nothing is lost
	@command -v strace >/dev/null || $(MAKE) system
	$(BIN)/python -m tests.torture
	$(BIN)/python -m tests.splice --registries 1000

lock: $(BUILT_FROM) ## write requirements.lock anew from requirements.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --custom-compile-command 'make lock' \
	  --output-file requirements.lock requirements.txt

words: $(BUILT_FROM) ## gather the sentences of the interface for the translators
	$(BIN)/pybabel -q extract -F pyproject.toml -k mark -k tr -k tr_html -k self -k count:1,2 --no-wrap --no-location \
	  --sort-output --project "policy recommendation tracker" --copyright-holder "the authors" \
	  -o dashboard/language/messages.pot .
	for language in ru kk; do $(BIN)/pybabel -q update -i dashboard/language/messages.pot --no-wrap \
	  --no-fuzzy-matching --ignore-obsolete -l $$language -o dashboard/language/$$language.po; done

system: $(BUILT_FROM) ## install what tests need from the system: Chromium, LibreOffice, fonts, strace
	./tools/system.sh $(BIN)/python

browser: $(BUILT_FROM)
	@$(BIN)/python -m tools.browser >/dev/null 2>&1 || $(MAKE) system

office: $(BUILT_FROM)
	@command -v soffice >/dev/null || $(MAKE) system

clean: ## remove the virtual environment and every cache
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find dashboard tests tools -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV): $(BUILT_FROM)

$(BUILT_FROM): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed; '$(PYTHON)' is $$($(PYTHON) --version 2>&1)." >&2; \
	  echo "Name a newer one: make PYTHON=python3.12" >&2; exit 1; }
	@if cmp -s requirements.lock $@; then touch $@; else \
	  echo "Building $(VENV) from requirements.lock" && \
	  $(PYTHON) -m venv $(VENV) && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock && \
	  cp requirements.lock $@; fi
