# Deep Learning in Twelve Weeks. `make help` lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO_INSTALLED := $(VENV)/.installed-demo
INSTALLED := $(VENV)/.installed
PIP_INSTALL := $(BIN)/python -m pip install --progress-bar off
EVERYTHING := '.[instructor,book,pages,dev]'
SITE := _build/html
DEMO := build/demo

# Two processes run the tests, since many tests wait; a file's tests stay in one of them.
SIDE_BY_SIDE := --numprocesses 2 --dist loadgroup --no-loadscope-reorder

# The demonstration's hidden data are drawn from this; a real course makes its own secret with
# `autograder secret`.
DEMO_SECRET := demonstration

.DEFAULT_GOAL := help
.PHONY: help install install-newest constraints demo test test-all parity book serve notebooks release verify records lint public pages clean clean-cache

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

install: $(INSTALLED)  ## make .venv and install everything, in the versions of constraints.txt

install-newest: $(BIN)/python  ## install everything in the newest versions; rm -r .venv goes back
	$(PIP_INSTALL) --upgrade --upgrade-strategy eager --editable $(EVERYTHING)
	@touch $(DEMO_INSTALLED) $(INSTALLED)

constraints: $(INSTALLED)  ## write the versions installed here to constraints.txt, for others too
	$(BIN)/python -m pip freeze --exclude-editable | sed 's/+.*//' > constraints.txt
	$(BIN)/python -m uv pip compile --quiet pyproject.toml --all-extras --universal --python-version 3.11 \
	  --no-annotate --no-emit-index-url --custom-compile-command 'make constraints' --output-file constraints.txt

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(PIP_INSTALL) --upgrade pip

# Week 1 needs no PyTorch, which is gigabytes where its build is the one for CUDA.
$(DEMO_INSTALLED): pyproject.toml constraints.txt | $(BIN)/python
	@echo "make: installs what week 1 needs"
	$(PIP_INSTALL) --constraint constraints.txt --editable '.[instructor,book]'
	@touch $@

$(INSTALLED): pyproject.toml constraints.txt | $(BIN)/python
	@echo "make: installs everything; PyTorch's build for CUDA alone is some 3 GB"
	$(PIP_INSTALL) --constraint constraints.txt --editable $(EVERYTHING)
	@touch $(DEMO_INSTALLED) $@

demo: export AUTOGRADER_SECRET ?= $(DEMO_SECRET)
demo: $(DEMO_INSTALLED)  ## build the site with week 1, release week 1, grade a sample class, show the marks
	@echo "make: 1/4 builds the site with week 1; its pages are executed where no other build did"
	$(BIN)/autograder contents 1 --out $(DEMO)/contents.yml
	$(BIN)/jupyter-book build . -W --keep-going -n --all --toc $(DEMO)/contents.yml
	@echo "make: 2/4 releases week 1"
	$(BIN)/autograder release 1
	@echo "make: 3/4 makes a sample class"
	rm -rf $(DEMO)/class $(DEMO)/graded
	$(BIN)/autograder sample-class 1 --out $(DEMO)/class
	@echo "make: 4/4 grades the sample class"
	$(BIN)/autograder grade 1 $(DEMO)/class --out $(DEMO)/graded
	@echo
	@echo "The site, week 1:  $(CURDIR)/$(SITE)/index.html   (make book builds all weeks)"
	@echo "The marks:         $(CURDIR)/$(DEMO)/graded/marks.csv and checks.csv, gradebook.db"
	@echo "The class report:  $(CURDIR)/$(DEMO)/graded/class-report.html"
	@echo "Learners' feedback: $(CURDIR)/$(DEMO)/graded/feedback/"

test: $(INSTALLED)  ## run the tests; the dearest ones are drawn from
	@echo "make: runs the tests; the site is built beside them (_build/), and browser tests wait for it"
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) $(PYTEST)

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
