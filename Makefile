# Red Station: two commands for a newcomer (make demo, make test), the rest for whoever keeps it.

GO        ?= go
VERSION   ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
BUILT     ?= $(shell git log -1 --format=%cI 2>/dev/null)
STAMP      = redstation/cmd/internal/daemon
LDFLAGS    = -s -w -X $(STAMP).version=$(VERSION) -X $(STAMP).built=$(BUILT)
RELEASE    = CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)'

STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOLANGCI    = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.PHONY: help demo build cross deb program test check deps fmt vet staticcheck vuln units unit rig browser pictures fuzz soak bench lint fonts typing voice clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

demo: build ## a hub and a booth on this machine, with simulated devices (Ctrl-C ends it)
	@./bin/redstation demo $(ARGS)

build: ## the program for this machine, in bin/
	@$(RELEASE) -o bin/redstation ./cmd/redstation

cross: ## the program for a booth's Raspberry Pi (64 and 32 bit), in dist/
	GOOS=linux GOARCH=arm64 $(RELEASE) -o dist/redstation-linux-arm64 ./cmd/redstation
	GOOS=linux GOARCH=arm GOARM=6 $(RELEASE) -o dist/redstation-linux-arm ./cmd/redstation

deb: ## Debian packages for a booth's Pi (arm64, armhf) and for a hub (amd64), in dist/
	@systemd/package/build

program: # the program for GOOS and GOARCH at TO, for the packages
	@$(RELEASE) -o $(TO) ./cmd/redstation

test: deps ## everything that must hold before a change lands; installs what it needs (Debian)
	@REQUIRE_TOOLS=1 .ci/tree-is-clean-after $(MAKE) --no-print-directory check

check: fmt vet staticcheck vuln cross units unit rig browser ## the same, without installing anything

deps:
	@.ci/deps
	@.ci/npos

fmt:
	@bad=$$(gofmt -l cmd hardware kiosk sync web); \
	if [ -n "$$bad" ]; then echo "gofmt -w these files:" $$bad >&2; exit 1; fi

vet:
	$(GO) vet ./...
	@if [ -d web/e2e ]; then cd web/e2e && $(GO) vet ./...; fi

staticcheck:
	$(GO) run $(STATICCHECK) ./...
	@if [ -d web/e2e ]; then cd web/e2e && $(GO) run $(STATICCHECK) ./...; fi

vuln:
	@.ci/vuln

units: ## systemd's units and the packages: verified, scored, installed into an empty root
	@.ci/units

unit: ## unit, story and crash tests, with the race detector
	@GO='$(GO)' .ci/proofs .ci/unit

soak: ## every proof for as long as BUDGET allows (2h unless said otherwise), as one table; SEED=N begins elsewhere
	@GO='$(GO)' BUDGET='$(or $(BUDGET),2h)' .ci/soak

rig: ## the booth's program on real devices of an emulated arm64 machine (fetches a kernel, once)
	$(GO) test -race -count=1 -v -timeout 10m ./hardware/rig

browser: ## a real Chromium through every page
	@if [ -d web/e2e ]; then GO='$(GO)' .ci/walks; fi

pictures: ## the pictures of the README and of web/README.md, anew (needs Chromium)
	cd web/e2e && $(GO) test -count=1 -timeout 15m -run 'TestShots|TestGallery' -shots pictures -gallery .

fuzz: ## every fuzz target of the module, FUZZTIME each (60s unless said otherwise)
	@GO='$(GO)' FUZZTIME='$(FUZZTIME)' .ci/fuzz

bench: ## what the README promises, each figure beside a bare reference (about three minutes)
	$(GO) run ./cmd/bench $(ARGS)

lint: ## golangci-lint with the rules of .golangci.yml (its first run compiles it: minutes)
	$(GO) run $(GOLANGCI) run ./...

fonts: ## the fonts and icons of screens and slips, anew from npm (needs npm)
	hardware/escpos/fontgen/update.sh
	web/assets/update.sh

typing: ## the data of handwriting and pinyin, anew from npm (needs npm and node)
	kiosk/ink/update.sh
	kiosk/pinyin/update.sh

voice: ## the clips that pages are read aloud with, where one is missing (needs espeak-ng and opus-tools)
	$(GO) run ./web/voice/render $(ARGS)

clean: ## remove what was built and the demo's state
	rm -rf bin dist demo-data
