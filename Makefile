# Everything a person does with the project, by name. `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
CORPUS ?= ../shared/corpus
SECONDS ?= 60
KILLS ?= 300
OUT ?= target/score
GUICHET := target/release/guichet

.PHONY: help demo run test it lint bench score score-lolo score-outcomes trust-report ocr-models crash flood hostile fuzz sandbox-test deny needs release

include packaging/ocr.mk

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

needs: ## install what a new machine lacks (Debian packages when root, else say what to install)
	@packaging/needs

release: needs
	@cargo build --release --locked

demo: release ## the main job on sample dossiers, live; ONCE=1 ends when idle
	@$(GUICHET) demo $(if $(ONCE),--once)

run: release ## the daemon on this folder's inbox, default configuration
	@$(GUICHET) run

test: needs ## formatting and all tests, the crash harness among them (every point three times, 300 kills at random)
	cargo fmt --check
	@packaging/run-tests

lint: ## formatting and lints only
	cargo fmt --check
	cargo clippy --all-targets --locked --features crash-points -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --document-private-items --locked

score: release ## read a labelled corpus (CORPUS=DIR) and print the scorer's table
	@tests/score "$(CORPUS)" "$(OUT)"

score-lolo: release ## read every layout of a corpus as if it had never been seen (CORPUS=DIR, LIST=1 names the wordings taken away)
	@python3 tests/score_lolo.py --corpus "$(CORPUS)" --guichet $(GUICHET) $(if $(LIST),--list) --errors $(or $(ERRORS),0)

trust-report: release ## how far the trust of the readings holds, by evidence, doubt and layout (CORPUS=DIR)
	@rm -rf "$(OUT)"
	@$(GUICHET) read "$(CORPUS)" --out "$(OUT)" --relative-to "$(CORPUS)" --today 2026-11-20 || [ $$? -eq 1 ]
	@python3 tests/trust_report.py "$(OUT)" --corpus "$(CORPUS)"

score-outcomes: release ## defects found and dossier outcomes right over a labelled corpus (CORPUS=DIR)
	@rm -rf "$(OUT)"
	@$(GUICHET) read "$(CORPUS)" --out "$(OUT)" --relative-to "$(CORPUS)" --today 2026-11-20 || [ $$? -eq 1 ]
	@python3 tests/score_outcomes.py "$(OUT)" --corpus "$(CORPUS)" --errors $(or $(ERRORS),20)

crash: ## kill guichet at every named point three times and KILLS times at random (300; 10000 for a release)
	@KILLS=$(KILLS) cargo test --locked --features crash-points --test crash -- --nocapture --test-threads 1

flood: ## drop FILES files at once (100000) and take them all: rate and memory
	@FLOOD=$(or $(FILES),100000) cargo test --locked --features crash-points --test it flood -- --nocapture

hostile: ## read every hostile file of our own making behind the walls, and print the figures
	@cargo test --release --locked --test hostile -- --ignored --nocapture

sandbox-test: release ## try the escapes from the process a document is read in
	@$(GUICHET) sandbox-test

fuzz: ## fuzz every target for SECONDS each (default 60), on the stable toolchain
	@SECONDS_EACH=$(SECONDS) tests/fuzz/run

deny: ## licences, banned crates and sources of everything linked in, after .deny.toml
	@packaging/deny

bench: release ## whole pipeline (memory, drop to answer, documents per second), then what isolation costs per document
	@python3 tests/bench/pipeline.py $(GUICHET) --corpus "$(CORPUS)"
	@cargo bench --locked --bench isolation -- $(wildcard $(CORPUS))
