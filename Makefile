# Deep Learning in Twelve Weeks. `make help` lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
SITE := _build/html
DEMO := build/demo

# The demonstration's hidden data are drawn from this; a real course makes its own secret with
# `autograder secret`.
DEMO_SECRET := demonstration

.DEFAULT_GOAL := help
.PHONY: help install demo test test-all parity book serve notebooks release verify records lint public pages clean clean-cache

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

install: $(INSTALLED)  ## make .venv and install everything

$(INSTALLED): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[instructor,book,dev]'
	@touch $@

demo: export AUTOGRADER_SECRET ?= $(DEMO_SECRET)
demo: $(INSTALLED)  ## build the site with week 1, release week 1, grade a sample class, show the marks
	$(BIN)/autograder contents 1 --out $(DEMO)/contents.yml
	$(BIN)/jupyter-book build . -W --keep-going -n --all --toc $(DEMO)/contents.yml
	$(BIN)/autograder release 1
	rm -rf $(DEMO)/class $(DEMO)/graded
	$(BIN)/autograder sample-class 1 --out $(DEMO)/class
	$(BIN)/autograder grade 1 $(DEMO)/class --out $(DEMO)/graded
	@echo
	@echo "The site, week 1:  $(CURDIR)/$(SITE)/index.html   (make book builds all weeks)"
	@echo "The marks:         $(CURDIR)/$(DEMO)/graded/marks.csv and checks.csv, gradebook.db"
	@echo "The class report:  $(CURDIR)/$(DEMO)/graded/class-report.html"
	@echo "Learners' feedback: $(CURDIR)/$(DEMO)/graded/feedback/"

test: $(INSTALLED)  ## run the tests; the dearest ones are drawn from
	$(BIN)/python -m pytest $(PYTEST)

test-all: $(INSTALLED)  ## run every test in full; whoever publishes or finishes a week does
	$(BIN)/python -m pytest --everything $(PYTEST)

parity: export AUTOGRADER_SECRET ?= $(DEMO_SECRET)
parity: $(INSTALLED)  ## every solution, stub and wrong answer through three graders
	$(BIN)/autograder verify --parity

verify: export AUTOGRADER_SECRET ?= $(DEMO_SECRET)
verify: $(INSTALLED)  ## every wrong answer is caught by the checks meant for it
	$(BIN)/autograder verify

book: $(INSTALLED)  ## build the site; a warning or a failed cell fails the build
	$(BIN)/jupyter-book build . -W --keep-going -n --all

pages: $(INSTALLED)  ## execute the pages whose record is missing or stale, and record that
	$(BIN)/autograder pages

records: export AUTOGRADER_SECRET ?= $(DEMO_SECRET)
records: $(INSTALLED)  ## verify what has no record or a stale one: answers, graders, mutants
	$(BIN)/autograder verify --parity --stale --tier cpu
	$(BIN)/autograder mutate --stale --tier cpu

clean-cache:  ## remove the executed pages that all clones on this machine share
	rm -rf "$${XDG_CACHE_HOME:-$$HOME/.cache}/dlcourse/executed-pages"

serve: book  ## show the site on http://localhost:8000
	$(BIN)/python -m http.server --directory $(SITE) --bind 127.0.0.1 8000

notebooks: $(INSTALLED)  ## write the chapters as notebooks for Colab
	$(BIN)/autograder notebooks

release: $(INSTALLED)  ## write the learners' notebooks and both graders' bundles
	$(BIN)/autograder release

lint: $(INSTALLED)  ## ruff and mypy --strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

public: $(INSTALLED)  ## write the learners' half of the repository to build/public
	rm -rf build/public
	$(BIN)/autograder public build/public

clean:  ## remove what was built; .venv and the course secret stay
	rm -rf _build build .pytest_cache .mypy_cache .ruff_cache .hypothesis
