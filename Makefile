# Everything that is done to this repository more than once. `make help` lists it.
#
# `make check` is the gate: what it accepts, continuous integration accepts. Tests that need a PostgreSQL server or a
# browser skip themselves where there is none; `make check-all` brings servers up and lets none skip.

TOOL := go tool -modfile=tools/go.mod
LINT := $(TOOL) golangci-lint
FUZZTIME ?= 60s
BENCH ?= .
PKG ?= ./...

# What takes longest begins first, so that the rest goes on beside it; go test leaves out what is named twice.
LONG = $(if $(filter ./...,$(PKG)),./internal/server/... ./internal/store ./internal/cli ./internal/analytics/clickhouse)

# say prints a headline with the time, so that a log shows where the minutes go.
say = @printf '== %s %s\n' "$$(date +%T)" '$@'

.PHONY: help
help: ## list what can be made
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 24

.PHONY: run
run: ## build and start Greenroom with the sample community
	go run ./cmd/greenroom serve --sample

.PHONY: check
check: test static ## the gate: tests, and everything that is checked without running the code

.PHONY: check-all
check-all: ## the gate with PostgreSQL, ClickHouse and a browser; a skipped test is a failure
	GREENROOM_REQUIRE_ALL=1 GREENROOM_TEST_CHROMIUM="$${GREENROOM_TEST_CHROMIUM:-$$(command -v chromium)}" \
		tools/with-postgres tools/with-clickhouse $(MAKE) --keep-going check

.PHONY: static
static: imports format tidy generated vet lint deadcode ## everything of the gate but the tests

.PHONY: test
test: ## run the tests (PKG=./internal/query/... for some)
	$(say)
	go run tools/gotest/main.go -vet=off -timeout=45m $(LONG) $(PKG)

.PHONY: race
race: ## run the tests with the race detector (takes several times as long)
	$(say)
	go run tools/gotest/main.go -race -vet=off -timeout=60m $(PKG)

.PHONY: imports
imports: ## check that packages import only from lower floors
	$(say)
	go test -count=1 ./internal/importtest

.PHONY: format
format: ## check the formatting (gofumpt, import groups)
	$(say)
	@$(LINT) fmt --diff || { echo 'Run: make fmt' >&2; exit 1; }

.PHONY: fmt
fmt: ## format the code
	$(LINT) fmt

.PHONY: tidy
tidy: ## check that go.mod and go.sum hold what is needed and no more
	$(say)
	go mod tidy -diff
	cd tools && go mod tidy -diff

.PHONY: generated
generated: ## check that generated code and documents are up to date
	$(say)
	tools/generated

.PHONY: vet
vet: ## run go vet
	$(say)
	go vet ./...

.PHONY: lint
lint: ## run the linters of .golangci.yml
	$(say)
	$(LINT) run ./...
	cd tools && go tool golangci-lint run ./...

.PHONY: deadcode
deadcode: ## find functions that neither a program nor a test can reach
	$(say)
	@found=$$($(TOOL) deadcode -test ./...) || exit 1; \
		if [ -n "$$found" ]; then printf '%s\n' "$$found"; exit 1; fi

.PHONY: testonly
testonly: ## list functions that only tests can reach (to read, not a gate)
	$(TOOL) deadcode ./cmd/...

.PHONY: bench
bench: ## run the benchmarks (BENCH=Parse PKG=./internal/query for some)
	go test -run='^$$' -bench='$(BENCH)' -benchmem -timeout=60m $(PKG)

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME (60s)
	FUZZTIME=$(FUZZTIME) tools/fuzz

.PHONY: docs
docs: ## write the generated documents and code anew
	go generate ./...
