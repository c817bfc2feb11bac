# Deep Learning in Twelve Weeks. `make help` lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO_INSTALLED := $(VENV)/.installed-demo
INSTALLED := $(VENV)/.installed
PIP_INSTALL := $(BIN)/python -m pip install --progress-bar off
EVERYTHING := '.[instructor,book,cluster,pages,dev]'
SITE := _build/html
DEMO := build/demo
PUBLIC := build/public
DIST := build/learner/dist
# Packed sites: those of earlier tags, and that of this one; and all of them beside the newest.
KEPT := build/kept
PACKED := build/packed
WHOLE := build/site
# What `make changed` compares the site with.
BASE ?= main
# What Colab starts, as Google publishes it.
COLAB_IMAGE ?= us-docker.pkg.dev/colab-images/public/runtime:latest

# Two processes run the tests, since many tests wait; a file's tests stay in one of them.
SIDE_BY_SIDE := --numprocesses 2 --dist loadgroup --no-loadscope-reorder

# The demonstration's hidden data are drawn from this; a real course makes its own secret with
# `autograder secret`.
DEMO_SECRET := demonstration

.DEFAULT_GOAL := help
.PHONY: help install install-newest constraints demo test test-all parity book serve notebooks release verify records lint public site kept pack versions keep changed package upload links mirrors colab gpu runner free-disk issue-open issue-close pages gallery facts clean clean-cache

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
	$(BIN)/python -m autograder.evidence.facts

clean-cache:  ## remove the executed pages that all clones on this machine share
	rm -rf "$${XDG_CACHE_HOME:-$$HOME/.cache}/dlcourse/executed-pages"

serve: book  ## show the site on http://localhost:8000
	$(BIN)/python -m http.server --directory $(SITE) --bind 127.0.0.1 8000

gallery: $(INSTALLED)  ## take the first page's pictures, sounds and samples out of the executed pages
	PYTHONPATH=book/_ext $(BIN)/python -m course_site.gallery_files

facts: $(INSTALLED)  ## count checks, wrong answers and training runs for the first page
	$(BIN)/python -m autograder.evidence.facts

notebooks: $(INSTALLED)  ## write the chapters as notebooks for Colab
	$(BIN)/autograder notebooks

release: $(INSTALLED)  ## write the learners' notebooks and both graders' bundles
	$(BIN)/autograder release

lint: $(INSTALLED)  ## ruff and mypy --strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

public: $(INSTALLED)  ## write the learners' half to build/public; REPOSITORY=, REF=, PUSH= as its options
	rm -rf $(PUBLIC)
	$(BIN)/autograder public $(PUBLIC) $(if $(REPOSITORY),--repository $(REPOSITORY)) \
	  $(if $(REF),--ref $(REF)) $(if $(PUSH),--push $(PUSH))

site: public  ## build the site from build/public alone, as it is published
	cd $(PUBLIC) && $(CURDIR)/$(BIN)/jupyter-book build . -W --keep-going -n --all

kept:  ## download the packed sites of all tags publish-NAME from their releases, to build/kept
	.ci/versions download $(KEPT)

pack: $(INSTALLED)  ## TAG=publish-NAME: pack the site of build/public as version NAME, in build/packed
	.ci/versions pack $(PUBLIC)/$(SITE) $(PACKED) $(BIN)/python

versions: $(INSTALLED)  ## lay the kept and the packed sites beside that of build/public: build/site
	rm -rf $(WHOLE)
	PYTHONPATH=book/_ext $(BIN)/python -m course_site.assemble lay $(PUBLIC)/$(SITE) $(WHOLE) $(KEPT) $(PACKED)

keep:  ## TAG=publish-NAME: attach the site of build/packed to the release of that tag
	.ci/versions keep $(PACKED)

changed: $(INSTALLED)  ## which pages of the built site differ from those of the commit BASE=
	.ci/changed $(BASE) $(SITE) $(BIN)

package: public  ## write sdist and wheel of the learner's package to build/learner/dist; TAG=v1.2 must fit
	rm -rf build/learner
	@version=v$$(sed -n 's/^__version__ = "\(.*\)"/\1/p' dlcourse/__init__.py); \
	  [ "$${TAG:-$$version}" = "$$version" ] || \
	  { echo "make: the tag is $$TAG and the package is $$version (dlcourse/__init__.py)" >&2; exit 1; }
	$(BIN)/python -m uv build $(PUBLIC) --out-dir $(DIST)
	cp -r $(PUBLIC)/notebooks build/learner/notebooks

upload:  ## hand build/learner/dist to the package index, from a workflow that the index trusts
	$(PYTHON) -m pip install --constraint constraints.txt uv
	$(PYTHON) -m uv publish --trusted-publishing always $(DIST)/*

links: $(INSTALLED)  ## try every address outside the site that a page links to
	COURSE_SITE_EXECUTE= $(BIN)/jupyter-book build . --builder linkcheck --path-output build/links

mirrors: $(INSTALLED)  ## download every data set from each of its addresses and compare SHA-256
	$(BIN)/autograder mirrors

colab: package  ## run the chapters' notebooks in Colab's own image; needs Docker and 60 GB
	docker run --rm --volume $(CURDIR)/build/learner:/learner:ro --volume $(CURDIR)/.ci:/ci:ro \
	  --entrypoint bash $(COLAB_IMAGE) /ci/notebooks python3 /learner

gpu: export AUTOGRADER_SECRET ?= $(DEMO_SECRET)
gpu: export DLCOURSE_TIER := gpu
gpu: $(INSTALLED)  ## on a machine with a GPU: every answer verified and a class graded in the gpu tier
	$(PIP_INSTALL) --constraint constraints.txt 'tensorflow[and-cuda]'
	$(BIN)/python -c 'import sys, tensorflow as tf; sys.exit(not tf.config.list_physical_devices("GPU") and "TensorFlow sees no GPU")'
	$(BIN)/autograder doctor
	$(BIN)/autograder verify --tier gpu
	rm -rf build/gpu
	$(BIN)/autograder sample-class 1 --out build/gpu/class
	$(BIN)/autograder grade 1 build/gpu/class --out build/gpu/graded

runner:  ## prepare a Linux machine that is thrown away afterwards: let users make namespaces
	if [ -e /proc/sys/kernel/apparmor_restrict_unprivileged_userns ]; then \
	  sudo sysctl --write kernel.apparmor_restrict_unprivileged_userns=0; fi

free-disk:  ## on a hosted runner: remove what its image holds and no target here uses
	[ "$$GITHUB_ACTIONS" = true ]
	sudo rm -rf /usr/share/dotnet /usr/local/lib/android /opt/ghc /opt/hostedtoolcache/CodeQL

issue-open:  ## ISSUE=title RUN=address: one open issue says that a workflow failed
	.ci/issue open "$$ISSUE" "$$RUN"

issue-close:  ## ISSUE=title RUN=address: close that issue
	.ci/issue close "$$ISSUE" "$$RUN"

clean:  ## remove what was built; .venv and the course secret stay
	rm -rf _build build .pytest_cache .mypy_cache .ruff_cache .hypothesis
