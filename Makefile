# The recipes of the project. `make help` lists them.
#
# scripts/setup installs what a recipe needs; scripts/env puts it on PATH.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run build dev test lint bench screens figures clean

env := source scripts/env

# Arguments for the program that a recipe ends in: make run ARGS='--listen 127.0.0.1:8080'
ARGS ?=

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)$$/  make \1|\2/p' Makefile | column -t -s '|'

run: build ## Build the release binary and start it
	@$(env); exec target/release/menshen serve $(ARGS)

# The site is built and compressed first, then embedded into the binary.
build: ## Build the release binary, with the admin UI inside: target/release/menshen
	@scripts/setup build
	$(env); cargo leptos build --release --precompress --split

dev: ## Build for development, and again with every change
	@scripts/setup build
	$(env); cargo leptos watch --split -- serve --dev $(ARGS)

# Unit, contract and doc tests on SQLite and PostgreSQL; then the release binary, against its own
# OpenAPI document and in a browser.
test: ## Run all tests
	@scripts/setup test
	$(env); scripts/with-postgres cargo test --workspace --no-fail-fast
	$(env); cargo leptos build --release --precompress --split
	scripts/schemathesis
	scripts/e2e
	scripts/third-party

lint: ## Check format, lints, documentation, dependencies and scripts
	@scripts/setup lint
	$(env); cargo fmt --all --check
	cd end2end && node_modules/.bin/tsc --noEmit
	@if command -v shellcheck >/dev/null; then \
		echo 'shellcheck -x scripts/* .ci/run'; \
		grep -lE -d skip '^#(!/usr/bin/env bash| shellcheck)' scripts/* .ci/run | xargs shellcheck -x; \
	else echo '==> shellcheck is not installed: skipped'; fi
	$(env); cargo clippy --locked --workspace --all-targets -- -D warnings
	$(env); cargo clippy --locked --package app --no-default-features --features hydrate \
		--target wasm32-unknown-unknown -- -D warnings
	$(env); RUSTDOCFLAGS=-Dwarnings cargo doc --locked --workspace --no-deps
	@$(env); if command -v cargo-deny >/dev/null; then \
		echo 'cargo deny check bans licenses sources'; \
		cargo deny check bans licenses sources; \
	else echo '==> cargo-deny is not installed: skipped'; fi

bench: ## Run the benchmarks
	@scripts/setup build
	$(env); cargo bench $(ARGS)

# English in light and on a phone, Chinese in dark.
screens: build ## Take pictures of all pages, into docs/screens
	@scripts/setup figures
	$(env); scripts/screens $(ARGS)

# What it printed last stands in docs/figures.md.
figures: build ## Measure start, memory, sizes, route changes, Lighthouse's scores, 100,000 users
	$(env); scripts/measure
	$(env); scripts/lighthouse
	$(env); scripts/measure-users

clean: ## Delete what was built (not data/, and not the tools in the cache)
	rm -rf target end2end/test-results end2end/playwright-report
