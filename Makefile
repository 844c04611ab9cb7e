# Every command a contributor needs. make alone prints them.

GO          ?= go
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.8.0

# A release has no cgo, so that one command builds it anywhere and the file runs anywhere.
BUILD := CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=false -ldflags "-s -w"

.DEFAULT_GOAL := help
.PHONY: help run app build test test-app verifier-js verifier-blst proofs model prove fairness every-order hosts hosts-race dudect race lint lint-offline format vet static vuln bench bench-bls fuzz deps clean

help: ## print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | awk -F'\t' '{printf "  make %-13s %s\n", $$1, $$2}'

run: build ## a whole world on this machine, then the app: be one of three strangers who swap
	bin/sxp world

app: ## the app for browsers, as web/dist (needs Node 20 and npm)
	@GO="$(GO)" web/build.sh

build: ## the app where Node 20 is here, then the commands as bin/sxp and bin/sxp-deals
	@GO="$(GO)" web/build.sh optional
	@mkdir -p bin
	$(BUILD) -o bin/sxp ./cmd/sxp
	$(BUILD) -o bin/sxp-deals ./cmd/sxp/sxp-deals

test: ## all tests: Go, then the app, also in Chromium where it is here
	@web/build.sh install || true # tests of the agent in a browser need the page's tools, and say so
	$(GO) test -timeout 20m ./...
	@GO="$(GO)" web/test.sh

test-app: ## only those of the app
	@GO="$(GO)" web/test.sh

verifier-js: ## the independent verifier in JavaScript (needs Node 20 and npm)
	cd vectors/js && npm ci --ignore-scripts --no-audit --no-fund && npm test

verifier-blst: ## the independent verifier on blst, in C (needs cgo and a C compiler)
	cd vectors/blst && $(GO) test -count=1 -v ./...

proofs: ## the machine-checked proofs of signing (needs Coq 8.16)
	formal/coq/run.sh

model: ## search the small cases of the model of signing, and every broken variant (needs Spin and gcc)
	$(GO) run ./formal/spin/check --small

prove: ## proofs once more by Coq's checker, and the large cases of the model
	formal/coq/run.sh --recheck
	$(GO) run ./formal/spin/check --large

fairness: ## play a million signings of up to twelve people and 101 jurors under random adversaries
	$(GO) run ./cmd/sxp-lab fairness --schedules 1000000

every-order: ## explore every order of messages of two people and three jurors to the end (minutes, up to 3 GB)
	$(GO) test ./internal/fairness -count=1 -run TestEveryOrder -every-order -timeout 60m -v

hosts: ## signing on 22 hosts: bad lines, kills, partitions, wrong clocks (Linux, root, iproute2)
	SXP_HOSTS=all $(GO) test -count=1 -timeout 20m -v -run '^TestHosts$$' ./internal/hosts

hosts-race: ## the same with Go's race detector (needs cgo and a C compiler)
	SXP_HOSTS=all SXP_HOSTS_RACE=1 $(GO) test -count=1 -timeout 30m -v -run '^TestHosts$$' ./internal/hosts

dudect: ## look for secrets that time tells of, for a long while
	$(GO) test ./internal/bls -run Dudect -v -timeout 60m -dudect 60s

race: ## all tests under the race detector (needs a C compiler)
	$(GO) test -race -timeout 40m ./...

lint: format vet static vuln ## everything that reads the source without running it

lint-offline: format vet ## the part of lint that needs no network

format:
	@bad=$$(gofmt -l .); if [ -n "$$bad" ]; then echo "not formatted (gofmt -w):"; echo "$$bad"; exit 1; fi

vet:
	$(GO) vet ./...

static:
	$(GO) run $(STATICCHECK) ./...

# Exit code 3 means that a vulnerability was found. Where the database cannot be
# reached nothing can be said; that is printed and is no failure of the source.
vuln:
	@out=$$($(GO) run $(GOVULNCHECK) ./... 2>&1); code=$$?; \
	if [ $$code -eq 0 ]; then echo "govulncheck: no known vulnerability"; \
	elif echo "$$out" | grep -qE 'vuln\.go\.dev|GOVULNDB|fetching vulnerabilities'  && ! echo "$$out" | grep -q '^Vulnerability #'; then \
		echo "govulncheck: skipped, its database cannot be had here:"; echo "$$out" | grep -vE '^(go: downloading|exit status)' | tail -1; \
	else echo "$$out"; exit 1; fi

bench: ## all benchmarks
	$(GO) test -run '^$$' -bench . -timeout 40m ./...

bench-bls: ## the algebra of signing, native and in wasm, beside another library
	internal/bls/bench.sh 3

FUZZTIME ?= 10s

fuzz: ## every fuzz target for FUZZTIME (10s)
	@grep -rHoE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' . | sed -E 's/^(.*)\/[^/]+:func (.*)/\1 \2/' | sort -u | \
	while read -r dir target; do \
		echo "$$dir $$target"; \
		$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x "$$dir" || exit 1; \
	done

deps: ## rewrite deps/*.txt, the reviewed lists of what the programs link
	$(GO) test -count=1 -run '^TestDependencyLists$$' . -update

clean: ## remove what was built
	rm -rf bin web/app/build web/app/.packed web/app/public/sxp.wasm web/app/public/wasm_exec.js
	find web/dist -mindepth 1 ! -name README.md -delete
