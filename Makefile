# Meshmill's errands; `make` alone lists them.
#
# Variables: PREFIX (default /usr/local) and DESTDIR say where `make install` puts things.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

PREFIX ?= /usr/local

# What `make simulate` runs: seeds of storms, seeds of three months, the first seed, databases at once.
SEEDS ?= 10000
LONG ?= 4
FIRST ?= 1
AT ?= $(shell nproc)

# make fuzz: for each reader.
SECONDS ?= 60
SCRIPTS := $(wildcard scripts/*) .ci/run
SWIFT_CODE := Sources Tests Plugins demo Package.swift

# The Swift runtime goes into the binary, so that it runs on machines without Swift.
RELEASE := swift build -c release --static-swift-stdlib --product meshmill

# All at once, hundreds of tests share two cores, and each one's time limit measures the machine. What computes for
# minutes comes afterwards, one suite after another, which is also faster than side by side.
AT_ONCE := SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=8
AFTERWARDS := MeshmillSimulationTests InterleavingTests MeshmillBenchTests

.PHONY: help setup build test acceptance simulate mutants fuzz chaos bench demo demo-clean lint format install clean

help: ## list what make can do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup: ## install what is missing to build and test (Debian, Ubuntu)
	@scripts/setup

build: setup ## build the program, optimized: .build/release/meshmill
	@$(RELEASE)

test: setup lint ## lint, build, run all tests, then the acceptance run
	@swift build --build-tests
	@$(AT_ONCE) scripts/suite $(AFTERWARDS:%=--skip %)
	@for suite in $(AFTERWARDS); do scripts/suite --filter $$suite; done
	@scripts/acceptance .build/debug/meshmill

fuzz: ## feed random inputs to each reader of foreign data, for SECONDS (60) each
	@swift build --build-tests
	@MESHMILL_FUZZ_SECONDS=$(SECONDS) scripts/suite --no-parallel --filter FuzzTests

acceptance: build ## only the acceptance run, with what measures time
	@scripts/acceptance .build/release/meshmill --all

simulate: setup ## many seeds under a virtual clock: make simulate SEEDS=100000 LONG=20 AT=2
	@scripts/simulate --seeds $(SEEDS) --long $(LONG) --first $(FIRST) --at $(AT) --journal .build/simulation.jsonl

mutants: setup ## take protections away one by one; tests must notice each (docs/reliability.md)
	@scripts/mutants

chaos: build ## half an hour of kills, failovers and cuts; ends with a scoreboard
	@scripts/chaos .build/release/meshmill

demo: build ## pictures to meshes, on a simulated provider; spends nothing
	@scripts/demo .build/release/meshmill

demo-clean: ## remove what the demo left: its meshes, keys and database
	@scripts/demo-clean

bench: build ## measure this machine beside baselines, half an hour: writes docs/performance.md
	@for name in $$(compgen -e); do case $$name in DATABASE_URL | PG*) unset "$$name" ;; esac; done; \
	    .build/release/meshmill bench --markdown docs/performance.md

lint: ## check the format of the code, and the scripts if shellcheck is there
	@swift format lint --strict -r $(SWIFT_CODE)
	@if command -v shellcheck >/dev/null; then shellcheck $(SCRIPTS); fi

format: ## bring the code into the project's format
	@swift format -i -r $(SWIFT_CODE)

install: build ## install the program, its manual page and shell completion into PREFIX
	@scripts/install .build/release/meshmill "$(DESTDIR)$(PREFIX)"

clean: ## remove everything that was built
	@rm -rf .build
