# Everything a developer or CI runs. No target needs root; those that test pages want Chromium (see scripts/test-setup.sh).

GO         ?= go
VERSION    ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS    := -s -w -X tokenflex.ing/internal/version.Version=$(VERSION)
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
# Inputs for each fuzz target. A count and not a time: at the end of its time the fuzzer may call a target failed that is not.
FUZZTIME   ?= 5000x
# The packages whose tests take longest come first, and one more than there are processors: some wait for a browser or a database.
LONGEST    := ./internal/server/page ./internal/server ./internal/client/source
TESTS_AT_ONCE ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))
BENCH_SIZES ?= M
BENCH_PEERS ?= node_modules

export CGO_ENABLED ?= 0

.PHONY: help build try check test lint fmt golden compare fuzz bench bench-server setup cross

help: ## what each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "%-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## both binaries into bin/
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/ ./cmd/tokenflexing ./cmd/tokenflexd

try: build ## a server, an account and a first sync on this machine, all in a scratch folder; TRY_ONCE=1 stops after it
	@$(GO) run ./tools/try

check: setup fmt lint build cross test fuzz ## what CI runs

setup:
	@sh scripts/test-setup.sh

fmt: ## fails if a file is not formatted
	@out=$$(gofmt -l $$(git ls-files '*.go' | grep -v /testdata/)); [ -z "$$out" ] || { echo "not formatted:"; echo "$$out"; exit 1; }

lint: ## vet and staticcheck
	$(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...

cross: ## builds both binaries for one other system
	GOOS=windows GOARCH=arm64 $(GO) build -o /dev/null ./cmd/tokenflexing
	GOOS=darwin GOARCH=arm64 $(GO) build -o /dev/null ./cmd/tokenflexd

test: ## all tests with the race detector
	GORACE=atexit_sleep_ms=0 CGO_ENABLED=1 $(GO) test -race -timeout 20m -p $(TESTS_AT_ONCE) $(LONGEST) ./...

golden: ## writes the golden files anew; read the diff before committing it
	$(GO) test ./internal/client/render ./internal/client/source -run 'Golden|Screens|Documents|Catalogue' -update

compare: build ## counts the tests' homes with the peers from npm too, and writes docs/accuracy.md
	@sh scripts/compare.sh

fuzz: ## every fuzz target with FUZZTIME inputs, or for that long: FUZZTIME=30s
	@sh scripts/fuzz.sh $(FUZZTIME)

bench: build ## time and memory beside other programs, into docs/performance.md; BENCH_SIZES=S,M,L
	$(GO) run ./tools/bench -sizes $(BENCH_SIZES) -peers '$(BENCH_PEERS)' -write docs/performance.md

bench-server: build ## the server under load on both engines, into docs/performance-server.md; BENCH_USERS, BENCH_SECONDS
	$(GO) run ./tools/benchserver -write docs/performance-server.md
