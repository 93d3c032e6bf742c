# The one entry to everything that is run on this code. `make help` lists the targets.

SHELL        = bash
.SHELLFLAGS  = -o pipefail -c
GO       ?= go
KILLS    ?= 100
FUZZTIME ?= 15s
REPLICAS ?= 10000
MAILS    ?= 100000
TICKETS  ?= 1000
LINT      = $(GO) tool -modfile=tools/go.mod golangci-lint

.PHONY: bigmailbox tenants year help test test-strict race kills stores replicas modules fuzz lint vet tidy excuses cover bench examples services ci soak bigfile

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | sort

test: ## the tests, as the README says
	$(GO) test ./...

test-strict: ## the same command, with counts, and with a skip as a failure: needs `make services`
	@mkdir -p .cache
	$(GO) test -json ./... > .cache/test.json || [ $$? -eq 1 ] # what failed is reported below
	$(GO) run ./internal/testreport -strict -rows < .cache/test.json

bigfile: ## a file of 2 GB in and out of the database and a directory, with its memory: some minutes and 5 GB of disk
	HELPDESK_BIG_FILE=2147483648 $(GO) test -count=1 -timeout 20m -v -run BigFile . | grep -E ' MB|^(ok|FAIL|---)'

bigmailbox: ## a mailbox of MAILS mails on a private Dovecot, with what it takes of memory; needs `make services`
	HELPDESK_MAILS=$(MAILS) $(GO) test -count=1 -timeout 120m -v -run TestBigMailbox ./gateway/imap | grep --line-buffered -E 'mails are in|moved away|heap in use|fetched, |it grows|stands still|fault|^ *(ok|FAIL|---)'

stores: ## the desk's own tests on each store, and with every closure run twice: needs `make services`
	HELPDESK_TEST_STORE=sqlite $(GO) test -count=1 .
	HELPDESK_TEST_STORE=twice $(GO) test -count=1 .
	HELPDESK_TEST_STORE=postgres $(GO) run ./internal/withserver postgres $(GO) test -count=1 -timeout 20m .
	HELPDESK_TEST_STORE=mysql $(GO) run ./internal/withserver mariadb $(GO) test -count=1 -timeout 20m .

race: ## the short tests under the race detector
	@mkdir -p .cache
	GORACE=atexit_sleep_ms=100 $(GO) test -race -short -vet=off -timeout 20m -json ./... > .cache/race.json || [ $$? -eq 1 ] # what failed is reported below
	$(GO) run ./internal/testreport < .cache/race.json

kills: ## kill writing processes, KILLS times
	HELPDESK_KILLS=$(KILLS) $(GO) test -count=1 -timeout 20m -v -run Kill . ./store/sqlite ./store/move ./gateway ./rules | grep -E 'kills|^(ok|FAIL|---)'

replicas: ## five processes on one database, REPLICAS tickets, a kill a second: some minutes
	HELPDESK_REPLICAS=$(REPLICAS) $(GO) test -count=1 -parallel 1 -timeout 60m -v -run TestReplicas ./examples/replicas | grep --line-buffered -E ' (writes|kills|deliveries|every) |WRONG|still to do|^ *(ok|FAIL|---)'

year: ## a simulated year of TICKETS tickets: with a process that is killed KILLS times, and with three replicas on PostgreSQL: half an hour
	HELPDESK_YEAR=$(TICKETS) HELPDESK_KILLS=$(KILLS) $(GO) test -count=1 -parallel 1 -timeout 120m -v -run 'TestYear(KilledProcess|Replicas)' ./rules | grep --line-buffered -E ' kills | took |replica |another|want|^ *(ok|FAIL|---)'

modules: ## the modules of their own below this one: tidy, vet, lint and tests; needs `make services`
	cd examples/events && $(GO) mod tidy -diff && $(GO) vet ./... && $(GO) tool -modfile=../../tools/go.mod golangci-lint run ./...
	cd examples/events && $(GO) test -count=1 -json ./... | $(GO) run ../../internal/testreport -strict

tenants: ## a thousand tenants over one pool of PostgreSQL, with what they cost while they are idle: five minutes
	HELPDESK_TENANTS=1000 $(GO) test -count=1 -timeout 20m -v -run TenantsOnServer .

fuzz: ## each fuzz target for FUZZTIME, with its executions
	@GO="$(GO)" sh scripts/fuzz.sh $(FUZZTIME)

vet: ## vet, on every platform that the library promises
	$(GO) vet ./...
	CGO_ENABLED=0 GOOS=windows $(GO) vet ./...
	CGO_ENABLED=0 GOOS=darwin $(GO) vet ./...

lint: ## format and lint
	@test -z "$$(gofmt -l .)" || { echo "not formatted:"; gofmt -l .; exit 1; }
	$(LINT) run ./...

tidy: ## go.mod says what is needed, and no more
	$(GO) mod tidy -diff
	$(GO) mod verify

excuses: ## what is skipped or excused in the code, with its reasons
	@sh scripts/excuses.sh

cover: ## coverage of the whole library by all tests
	@mkdir -p .cache
	$(GO) test -coverpkg=./... -coverprofile=.cache/cover.out ./...
	$(GO) tool cover -func=.cache/cover.out | tail -1

bench: ## the promises, against the raw programs: on an otherwise idle machine
	$(GO) run ./internal/bench

examples: ## run every example
	@GO="$(GO)" sh scripts/examples.sh

services: ## install and start what the tests need of servers, on loopback
	@sh scripts/services.sh

soak: ## long runs: 1,000 kills, a big model, ten minutes of fuzzing each
	$(MAKE) kills KILLS=1000
	HELPDESK_MODEL_OPS=200000 $(GO) test -count=1 -timeout 60m -run Model ./store/...
	$(MAKE) fuzz FUZZTIME=10m

ci: ## what CI runs
	bash .ci/run
