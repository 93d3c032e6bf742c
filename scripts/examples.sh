#!/bin/sh
# Runs every example as a user would, in a folder of its own.
set -eu
GO=${GO:-go}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
$GO run ./examples/billing -db "$dir/billing.db"
$GO run ./examples/plugin
echo "--- replicas, a few tickets"
$GO run ./examples/replicas -store "sqlite:$dir/replicas.db" -tickets 200 -every 300ms
$GO run ./examples/hostusers -db "$dir/hostusers.db"
echo "--- mailcheck, on the mails of the quickstart"
$GO run ./examples/mailcheck -json examples/quickstart/mails/*.eml
$GO run ./examples/mailcheck examples/quickstart/mails/03-reply.eml
echo "--- events, on a broker of its own"
(cd examples/events && $GO test -count=1 -run 'TestEvents/.*example' .)
if [ -d examples/quickstart ]; then
	echo "--- quickstart, the first time"
	$GO run ./examples/quickstart -db "$dir/helpdesk.db"
	echo "--- quickstart, again"
	$GO run ./examples/quickstart -db "$dir/helpdesk.db"
	echo "--- support, on its database"
	$GO run ./examples/support -db "$dir/helpdesk.db" list status:open
	$GO run ./examples/support -db "$dir/helpdesk.db" search lamp
	$GO run ./examples/support -db "$dir/helpdesk.db" count
	echo "--- rules, at work in memory, and tried on its database"
	$GO run ./examples/rules
	$GO run ./examples/rules -db "$dir/helpdesk.db" -file examples/rules/quickstart.yaml -dry-run
	echo "--- migrate, and quickstart on the desk that has moved"
	$GO run ./examples/migrate -from "sqlite:$dir/helpdesk.db" -to "sqlite:$dir/moved.db"
	$GO run ./examples/quickstart -db "$dir/moved.db"
	corpus=${HELPDESK_MAILCORPUS:-../shared/mailcorpus}
	if [ -d "$corpus" ]; then
		echo "--- quickstart, a folder of mails, twice"
		$GO run ./examples/quickstart -db "$dir/corpus.db" -eml "$corpus"
		$GO run ./examples/quickstart -db "$dir/corpus.db" -eml "$corpus"
	fi
fi
