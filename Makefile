# Meshmill's errands; `make` alone lists them.
#
# Variables: PREFIX (default /usr/local) and DESTDIR say where `make install` puts the program.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

PREFIX ?= /usr/local
SCRIPTS := $(wildcard scripts/*) .ci/run
SWIFT_CODE := Sources Tests Plugins demo Package.swift

# The Swift runtime goes into the binary, so that it runs on machines without Swift.
RELEASE := swift build -c release --static-swift-stdlib --product meshmill

# All at once, hundreds of tests share two cores, and each one's time limit measures the machine.
AT_ONCE := SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=8

.PHONY: help setup build test fuzz acceptance demo demo-clean lint format install clean

help: ## list what make can do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup: ## install what is missing to build and test (Debian, Ubuntu)
	@scripts/setup

build: setup ## build the program, optimized: .build/release/meshmill
	@$(RELEASE)

test: setup lint ## lint, build, run all tests, then the acceptance run
	@swift build --build-tests
	@$(AT_ONCE) swift test --skip-build --disable-xctest
	@scripts/acceptance .build/debug/meshmill

SECONDS ?= 60

fuzz: ## feed random inputs to each reader of foreign data, for SECONDS (60) each
	@swift build --build-tests
	@MESHMILL_FUZZ_SECONDS=$(SECONDS) swift test --skip-build --disable-xctest --no-parallel --filter FuzzTests

acceptance: build ## only the acceptance run: three workers, 400 images, ten kills
	@scripts/acceptance .build/release/meshmill

demo: build ## pictures to meshes, on a simulated provider; spends nothing
	@scripts/demo .build/release/meshmill

demo-clean: ## remove what the demo left: its meshes, keys and database
	@scripts/demo-clean

lint: ## check the format of the code, and the scripts if shellcheck is there
	@swift format lint --strict -r $(SWIFT_CODE)
	@if command -v shellcheck >/dev/null; then shellcheck $(SCRIPTS); fi

format: ## bring the code into the project's format
	@swift format -i -r $(SWIFT_CODE)

install: build ## install the program into PREFIX/bin
	@install -D -s -m 755 .build/release/meshmill "$(DESTDIR)$(PREFIX)/bin/meshmill"
	@echo "installed $(DESTDIR)$(PREFIX)/bin/meshmill"

clean: ## remove everything that was built
	@rm -rf .build
