# Everything a person or a machine does with this project has one name here.
# Only Go and make are needed; what else a target uses, it says.

GO      ?= go
BIN     := bin/espalier
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS := -X main.version=$(VERSION)

# Packages that also run in a browser tab.
PORTABLE := ./kernels ./wasm/... ./host/data ./host/child ./host/controller ./host/strategy ./host/search ./host/event ./host/conformance ./host/report ./host/policy

# Sources whose change makes the bundled plugins stale. The bundler itself
# compares contents, so a mere touch costs nothing.
PLUGIN_SOURCES := $(shell find wasm plugins host/cmd/bundle -name '*.go') go.mod

.DEFAULT_GOAL := help
.PHONY: help run build test check generate fmt lint portable ports arm64-test purego race bench bench-search bench-kernels bench-gemm bench-cnn bench-lm golden-torch bench-trials bench-plugin bench-server bench-page screenshots clean

help: ## show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## search for a network on embedded data, beside its random control
	@$(BIN) search --control

build: $(BIN) ## build bin/espalier with its bundled plugins and its dashboard

.cache/bundled: $(PLUGIN_SOURCES)
	@echo "building the bundled plugins (WebAssembly, with the Go toolchain)"
	$(GO) run ./host/cmd/bundle
	@mkdir -p .cache && touch $@

# The page of the dashboard: frontend as WebAssembly, compressed. Contents are
# compared here, too.
PAGE_SOURCES := $(shell find frontend host kernels wasm -name '*.go' -not -name '*_test.go') $(wildcard frontend/web/*) go.mod

.cache/page: $(PAGE_SOURCES)
	@echo "building the dashboard's page (WebAssembly, with the Go toolchain)"
	@$(GO) run ./host/cmd/page
	@mkdir -p .cache && touch $@

$(BIN): .cache/bundled .cache/page FORCE
	@echo "building $(BIN)"
	@$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN) ./host/cmd/espalier

.PHONY: FORCE
FORCE:

test: .cache/bundled .cache/page ## run the tests
	@if [ -z "$$ESPALIER_DATA" ]; then echo "note: ESPALIER_DATA is not set: tests on real CIFAR-10, MNIST and PTB files will say SKIP"; fi
	@sh plugins/templates/toolchains.sh
	@sh frontend/acceptance/tools.sh
	$(GO) test ./...
	cd kernels/gen && $(GO) test ./...
	@$(MAKE) --no-print-directory arm64-test
	cd kernels/bench && CGO_ENABLED=0 $(GO) test ./...

check: ## everything CI demands: format, generated files, lint, all builds, all tests, races
	@$(MAKE) --no-print-directory fmt-check generate-check lint portable purego
	ESPALIER_LONG=1 $(MAKE) --no-print-directory test
	@$(MAKE) --no-print-directory race portable-test

.PHONY: fmt-check generate-check portable-test
fmt-check:
	@bad=$$(git ls-files '*.go' | xargs gofmt -l); if [ -n "$$bad" ]; then echo "not gofmt-clean (run make fmt):"; echo "$$bad"; exit 1; fi

generate: ## write the generated files anew (assembly, the page's components)
	$(GO) generate ./...

generate-check: generate
	@if [ -n "$$(git status --porcelain -- '*_amd64.s' '*_arm64.s' '*_gen.go' '*_gen.js' '*_amd64.go' '*_arm64.go' '*_wasm.go')" ]; then \
	  echo "generated files differ from the committed ones: run make generate and commit"; git --no-pager status --short -- '*_amd64.s' '*_arm64.s' '*_gen.go' '*_gen.js' '*_amd64.go' '*_arm64.go' '*_wasm.go'; exit 1; fi

fmt: ## format the Go code
	@git ls-files '*.go' | xargs gofmt -w

lint: ## go vet and staticcheck
	$(GO) vet ./...
	cd kernels/gen && $(GO) vet ./...
	cd kernels/bench && CGO_ENABLED=0 $(GO) vet ./...
	$(GO) tool staticcheck ./...
	$(GO) mod verify

portable: ## check that it builds for browsers and for arm64
	GOOS=js GOARCH=wasm $(GO) vet $(PORTABLE) ./frontend/...
	GOOS=js GOARCH=wasm $(GO) vet -tags simd128 ./kernels
	GOARCH=arm64 $(GO) vet ./...

ports: ## check that it builds for 32 bits, Windows and macOS, too
	GOARCH=386 $(GO) vet ./...
	GOOS=windows $(GO) vet ./...
	GOOS=darwin $(GO) vet ./...

portable-test: ## run the bit-for-bit tests, and those of level simd128, as WebAssembly under Node.js
	@if command -v node >/dev/null; then \
	  wasm="$$($(GO) env GOROOT)/lib/wasm"; export GOOS=js GOARCH=wasm; \
	  $(GO) test -exec="$$wasm/go_js_wasm_exec" -run 'Golden|Portable|Bits' ./kernels ./wasm/sandbox ./host/data ./host/search && \
	  simd="node --stack-size=8192 $(CURDIR)/kernels/simd128/node.js $$wasm" && \
	  $(GO) test -tags simd128 -exec="$$simd" ./kernels && \
	  $(GO) test -tags simd128 -exec="$$simd" -run 'Golden|Portable|Bits' ./host/child ./host/search; \
	elif [ "$$CI" = true ]; then echo "node is missing, and CI skips nothing"; exit 1; \
	else echo "SKIPPED: node is not installed, so nothing was run as WebAssembly"; fi

arm64-test: ## run the kernels' tests for arm64, emulated on other machines
	@root=; emulator=$$(command -v qemu-aarch64 || command -v qemu-aarch64-static); \
	if [ "$$($(GO) env GOHOSTARCH)" = arm64 ]; then emulator=env; fi; \
	if [ "$$(id -u)" = 0 ]; then root=env; elif sudo -n true 2>/dev/null; then root="sudo -n"; fi; \
	if [ -z "$$emulator" ] && [ -n "$$root" ] && command -v apt-get >/dev/null; then \
	  echo "installing the package qemu-user, to run arm64's tests"; \
	  $$root apt-get update -qq && $$root apt-get install -qq -y --no-install-recommends qemu-user >/dev/null; \
	  emulator=$$(command -v qemu-aarch64); \
	fi; \
	if [ -n "$$emulator" ]; then \
	  export GOARCH=arm64 ESPALIER_LONG=; \
	  $(GO) test -exec "$$emulator" ./kernels && \
	  $(GO) test -exec "$$emulator" -run 'Golden|Portable|Bits|Fusion|Joins|RandomNetworks|Steps' -skip Threads ./host/data ./host/search ./host/child; \
	elif [ "$$CI" = true ]; then echo "qemu-aarch64 is missing, and CI skips nothing"; exit 1; \
	else echo "SKIPPED: qemu-aarch64 is not installed (Debian: qemu-user), so nothing was run for arm64"; fi

purego: ## build and test without assembly
	$(GO) build -tags purego ./...
	$(GO) test -tags purego ./kernels ./host/child

race: ## run the tests that use goroutines under the race detector (needs a C compiler)
	@if command -v "$$($(GO) env CC)" >/dev/null; then \
	  CGO_ENABLED=1 $(GO) test -race ./wasm/sandbox ./host/event ./host/journal ./host/search ./host/strategy ./host/controller ./host/policy ./host/terminal ./host/child ./host/server/...; \
	elif [ "$$CI" = true ]; then echo "a C compiler is missing, and CI skips nothing"; exit 1; \
	else echo "SKIPPED: no C compiler, so nothing was run under the race detector"; fi

bench: bench-kernels bench-search ## all benchmarks

bench-kernels: ## GFLOP/s of products and convolutions at every level of this CPU
	$(GO) test -run '^$$' -bench . -benchtime 300ms ./kernels

bench-gemm: ## matrix products beside OpenBLAS, oneDNN and gonum (FLAGS=-h lists options; needs a C compiler)
	@CC="$$($(GO) env CC)" sh kernels/bench/peers.sh
	@CGO_ENABLED=1 $(GO) build -C kernels/bench -o ../../bin/bench-gemm .
	@bin/bench-gemm $(FLAGS)

bench-cnn: .cache/bundled ## training of CNN children beside PyTorch (FLAGS=-h lists options; needs python3-torch)
	@$(GO) build -o bin/bench-cnn ./host/cmd/benchcnn
	@case " $(FLAGS) " in *" -no-torch "*|*" -h "*) python=python3;; *) python="$$(sh host/bench/torch.sh bench-cnn)" || exit 1;; esac; \
	  peak="$$($(GO) run -C kernels/bench ./peak/rate)" && bin/bench-cnn -python "$$python" -peak "$$peak" $(FLAGS)

bench-lm: .cache/bundled ## training of language models beside PyTorch (FLAGS=-h lists options; needs python3-torch)
	@$(GO) build -o bin/bench-lm ./host/cmd/benchlm
	@case " $(FLAGS) " in *" -no-torch "*|*" -h "*) python=python3;; *) python="$$(sh host/bench/torch.sh bench-lm)" || exit 1;; esac; \
	  peak="$$($(GO) run -C kernels/bench ./peak/rate)" && bin/bench-lm -python "$$python" -peak "$$peak" $(FLAGS)

golden-torch: ## store anew what PyTorch computes for tiny language models (needs python3-torch)
	@$(GO) build -o bin/bench-lm ./host/cmd/benchlm
	@python="$$(sh host/bench/torch.sh golden-torch)" && bin/bench-lm -python "$$python" -golden host/child/testdata/torch

bench-trials: build ## trials an hour of the default search, as a whole
	@$(GO) build -o bin/bench-cnn ./host/cmd/benchcnn
	@bin/bench-cnn -trials 100 -espalier $(BIN)

bench-plugin: build ## how fast plugins load and answer, and what metering costs (FLAGS names others)
	@$(BIN) plugin bench $(FLAGS)
	@[ -n "$(FLAGS)" ] || { sh plugins/templates/toolchains.sh && sh host/bench/templates.sh $(BIN); }

bench-server: build ## how fast events reach 1,000 pages, and what a search loses by being watched
	@$(GO) test -count=1 -v -run '^TestDelivery$$' -bench SearchBeside -benchtime 1x ./host/server -args -readers 1000 -seconds 20 -espalier $(abspath $(BIN))

bench-page: .cache/bundled .cache/page ## how fast the dashboard is with a study of 20,000 trials, beside its goals (needs Chromium)
	@sh frontend/acceptance/tools.sh
	@$(GO) test -count=1 -run '^$$' -bench Page -benchtime 1x ./frontend/acceptance

bench-search: build ## REINFORCE against random search at equal budget over several seeds, on images and on a text
	@$(BIN) bench search
	@$(BIN) bench search --data grammar --trials 300 --epochs 2 --set data.train_count=20000 --set data.test_count=4000 --seeds 24 --seed 101

screenshots: .cache/bundled .cache/page ## pictures of every view of the dashboard, in .cache/screenshots (needs Chromium)
	@sh frontend/acceptance/tools.sh
	SCREENSHOTS="$(CURDIR)/.cache/screenshots" $(GO) test -count=1 -run Looks -v ./frontend/acceptance
	@ls .cache/screenshots

clean: ## remove what the build made (runs are kept)
	rm -rf bin .cache plugins/bundled/*.wasm.gz host/server/page/dist/*.br
