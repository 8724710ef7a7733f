# WebinarSync's commands. `make` lists them. Everything they write is in .local/.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh
PORT ?= 8000
# A command of manage.py and its arguments: make manage C='changepassword admin'.
C ?= help
FAULT_SECONDS ?= 180
FAULT_DATABASES ?= sqlite postgresql
# Arguments for pytest: make test T='-m rule -x', make test T=tests/sync.
T ?=
# Set to anything, `make test` also measures which branches the quick tests take on SQLite, and fails below
# the floor in pyproject.toml.
COVERAGE ?=
# How many processes run tests at once.
TEST_PROCESSES ?= 3

# The first of these that is Python 3.11 or newer; `make PYTHON=/path/to/python3 …` overrides it.
PYTHON ?= $(shell for python in python3.11 python3 python3.12 python3.13 python3.14; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$python && break; done)

LOCAL := .local
RUN := $(LOCAL)/venv
DEV := $(LOCAL)/venv-dev
PY := $(DEV)/bin/python
# Nothing is resolved: the lock contains everything, and a newer release must not be installed.
PIP_INSTALL := -m pip install -qq --disable-pip-version-check --root-user-action=ignore --no-deps --require-hashes

# Each test process has a database, a simulator and a browser of its own.
PARALLEL := -m pytest -n $(TEST_PROCESSES) --dist worksteal
COVER := --cov --cov-report= --cov-fail-under=0
ON_POSTGRES := $(PY) -m tests.postgres
# Installations under fault injection one after the other, and all other tests with this mark.
FAULTS := -m pytest -n 2 --dist loadgroup -rP --show-capture=stdout -p no:randomly -m faults
# pytest's exit code for "no tests": none of the selected tests depends on the database.
OR_NOTHING := || [ $$? = 5 ]

export PYTHONPYCACHEPREFIX := $(CURDIR)/$(LOCAL)/pycache
# Tests start hundreds of processes: each would compile everything again.
unexport PYTHONDONTWRITEBYTECODE
export RUFF_CACHE_DIR := $(LOCAL)/ruff
export HYPOTHESIS_STORAGE_DIRECTORY := $(LOCAL)/hypothesis

# Checks of the project with a server's settings.
PRODUCTION := SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(50))') \
	ALLOWED_HOSTS=webinars.example.com PUBLIC_URL=https://webinars.example.com \
	CSRF_TRUSTED_ORIGINS=https://webinars.example.com BEHIND_PROXY=True \
	GOTO_CLIENT_ID=an-id GOTO_CLIENT_SECRET=a-secret DEBUG=False HTTPS=True \
	DATABASE_URL=sqlite:///$(CURDIR)/$(LOCAL)/lint.sqlite3

.PHONY: help
help: ## list these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /|/' \
		| awk -F'|' '{printf "  make %-11s %s\n", $$1, $$2}'

.PHONY: demo
demo: $(LOCAL)/static.stamp ## try it: everything with a simulated GoToWebinar (PORT=8000)
	@$(RUN)/bin/python -m operations.demo --port $(PORT)

.PHONY: clean-demo
clean-demo: ## delete the demo's data and accounts
	@if [ -x $(RUN)/bin/python ]; then $(RUN)/bin/python -m operations.demo --forget; \
	else rm -rf $(LOCAL)/demo; fi

.PHONY: run
run: $(LOCAL)/venv-dev.stamp ## start a development server with an empty database (PORT=8000)
	@DJANGO_SETTINGS_MODULE=webinarsync.settings $(PY) -m operations.development --port $(PORT)

.PHONY: shell
shell: $(LOCAL)/venv-dev.stamp ## open a Python shell on the database of make run
	@DJANGO_SETTINGS_MODULE=webinarsync.settings $(PY) -m operations.development shell

.PHONY: manage
manage: $(LOCAL)/venv-dev.stamp ## run a command on the database of make run (C='doctor --offline')
	@DJANGO_SETTINGS_MODULE=webinarsync.settings $(PY) -m operations.development $(C)

.PHONY: hooks
hooks: $(LOCAL)/venv-dev.stamp ## install the checks of .pre-commit-config.yaml for each commit
	@$(DEV)/bin/pre-commit install

.PHONY: test
test: $(LOCAL)/venv-dev.stamp ## run every test on SQLite, and those that depend on the database on PostgreSQL
	$(PY) $(PARALLEL) $(if $(COVERAGE),$(COVER)) $(T)
	$(ON_POSTGRES) $(PARALLEL) $(T) $(OR_NOTHING)
	$(if $(COVERAGE),$(DEV)/bin/coverage report --skip-covered)

.PHONY: test-quick
test-quick: $(LOCAL)/venv-dev.stamp ## run the fast tests, on SQLite (T='-m rule -x', T=tests/sync)
	$(PY) $(PARALLEL) --quick $(T)

.PHONY: test-faults
test-faults: export FAULT_SECONDS := $(FAULT_SECONDS)
test-faults: export ORDERS ?= $(shell expr $(FAULT_SECONDS) '*' 3)
test-faults: export ODDITIES ?= 0-$(shell expr $(FAULT_SECONDS) '*' 2)
test-faults: $(LOCAL)/venv-dev.stamp ## kill and disturb real processes for minutes (FAULT_SECONDS=180 FAULT_SEED=… FAULT_DATABASES=sqlite)
ifneq ($(filter sqlite,$(FAULT_DATABASES)),)
	$(PY) $(FAULTS) $(T)
endif
ifneq ($(filter postgresql,$(FAULT_DATABASES)),)
	$(ON_POSTGRES) $(FAULTS) $(T)
endif

.PHONY: coverage
coverage: $(LOCAL)/venv-dev.stamp ## measure which branches the quick tests take; fails below the floor in pyproject.toml
	$(PY) $(PARALLEL) --quick $(COVER) $(T)
	$(DEV)/bin/coverage report --skip-covered

.PHONY: mutate
mutate: $(LOCAL)/venv-dev.stamp ## mutate the sync planner and list the changes that no test detects
	$(PY) -m tests.mutation

.PHONY: lint
lint: $(LOCAL)/venv-dev.stamp ## check style, types, layers, migrations and production settings
	$(DEV)/bin/ruff check .
	$(DEV)/bin/ruff format --check .
	$(DEV)/bin/mypy .
	$(DEV)/bin/lint-imports --cache-dir $(LOCAL)/import-linter
	@echo "makemigrations --check" && $(PRODUCTION) $(PY) manage.py makemigrations --check
	@echo "check --deploy" && $(PRODUCTION) $(PY) manage.py check --deploy --fail-level WARNING

.PHONY: audit
audit: $(LOCAL)/venv-dev.stamp ## check the installed packages for known vulnerabilities
	$(PY) -m tests.dependencies audit

.PHONY: outdated
outdated: $(LOCAL)/venv-dev.stamp ## compare the installed packages with the newest; older ones need a reason in docs/decisions
	$(PY) -m tests.dependencies outdated

.PHONY: format
format: $(LOCAL)/venv-dev.stamp ## format the code
	$(DEV)/bin/ruff check --fix-only --quiet .
	$(DEV)/bin/ruff format .

.PHONY: bench
bench: $(LOCAL)/venv-dev.stamp ## measure; writes docs/benchmarks.md and its JSON
	$(PY) -m benchmarks

.PHONY: bench-scale
bench-scale: $(LOCAL)/venv-dev.stamp ## measure 1, 2 and 4 workers (SCALE_WEBINARS=200 SCALE_REGISTRANTS=5000)
	$(PY) -m tests.postgres -m benchmarks.scale

.PHONY: lock
lock: $(LOCAL)/venv-dev.stamp ## resolve the requirements again and pin them with hashes
	$(DEV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --custom-compile-command "make lock" requirements.in -o requirements.txt
	$(DEV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --custom-compile-command "make lock" requirements-demo.in -o requirements-demo.txt
	$(DEV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --custom-compile-command "make lock" requirements-dev.in -o requirements-dev.txt

.PHONY: fonts
fonts: $(LOCAL)/venv-dev.stamp ## write the parts of the fonts that pages use
	$(PY) -m tests.fonts

.PHONY: screenshots
screenshots: $(LOCAL)/venv-dev.stamp ## take the docs' screenshots of the running demo (PAGES='dashboard report')
	$(PY) -m tests.screenshots $(PAGES)

.PHONY: messages
messages: $(LOCAL)/venv-dev.stamp ## collect texts to translate and compile translations (needs gettext)
	@command -v msgfmt >/dev/null || { echo "Translations need GNU gettext: install the package gettext."; exit 1; }
	$(PY) manage.py makemessages --all --no-location --no-obsolete --no-wrap --ignore '.local/*' --ignore 'tests/*'
	$(PY) manage.py compilemessages --ignore '.local/*'

# Virtual environments: created once, updated when the locked requirements change.
$(LOCAL)/venv.stamp: requirements-demo.txt
	@$(call install,$(RUN),requirements-demo.txt)

$(LOCAL)/venv-dev.stamp: requirements-dev.txt
	@$(call install,$(DEV),requirements-dev.txt)

$(LOCAL)/static.stamp: $(LOCAL)/venv.stamp $(shell find static -type f)
	@STATIC_ROOT=$(CURDIR)/$(LOCAL)/static $(RUN)/bin/python manage.py collectstatic --noinput -v 0
	@touch $@

define install
if [ -z "$(PYTHON)" ]; then \
	echo "WebinarSync needs Python 3.11 or newer. Install it, or name it: make PYTHON=/path/to/python3.11 …"; exit 1; fi; \
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	echo "WebinarSync needs Python 3.11 or newer, and $(PYTHON) is older or cannot be run."; exit 1; }; \
mkdir -p $(LOCAL); \
[ -x $(1)/bin/python ] && $(1)/bin/python -m pip --version >/dev/null 2>&1 \
	|| $(PYTHON) -m venv --clear $(1) || { \
	echo "Python's venv module is not complete here; on Debian and Ubuntu install the package python3-venv."; exit 1; }; \
echo "Installing what $(2) names (once; a minute or so)"; \
$(1)/bin/python $(PIP_INSTALL) -r $(2) && touch $@
endef
