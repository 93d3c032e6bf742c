#!/bin/sh
# Runs every fuzz target of the module for the given time and prints its executions: two packages at once with one worker
# each, so that one is built while another runs, and each package is built once for all of its targets. A target that
# finds something fails the run: it writes what it has found. That the time ends in the middle of an execution Go reports
# as a failure, too, of a context, and that is none.
set -u
export GO="${GO:-go}"
export TIME="${1:-15s}"

one() { # the binary and the target: in the package's directory, as Go runs it
	"$1" -test.run '^$' -test.fuzz "^$2\$" -test.fuzztime "$TIME" -test.fuzzminimizetime 1s -test.parallel 1 \
		-test.fuzzcachedir "$FUZZCACHE/$dir" -test.paniconexit0 2>&1
}

if [ $# -gt 1 ]; then # one package: time, directory, targets
	shift
	dir=$1 failed=0
	shift
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	if ! $GO test -c -fuzz . -o "$work/fuzz.test" "$dir"; then
		echo "$dir: FAILED to build"
		exit 1
	fi
	cd "$dir" || exit 1
	for target; do
		if out=$(one "$work/fuzz.test" "$target") && echo "$out" | grep -q 'execs: '; then
			echo "$dir $target: $(echo "$out" | grep -oE 'execs: [0-9]+' | tail -1), nothing found"
		elif echo "$out" | grep -q 'context deadline exceeded' && echo "$out" | grep -q 'execs: ' &&
			! echo "$out" | grep -qE 'Failing input|failure while testing seed corpus|panic:|_test\.go:|--- FAIL: Fuzz[^ ]*/'; then
			echo "$dir $target: $(echo "$out" | grep -oE 'execs: [0-9]+' | tail -1), nothing found until the time was up"
		else
			printf '%s %s: FAILED\n%s\n' "$dir" "$target" "$(echo "$out" | tail -30)"
			failed=1
		fi
	done
	exit $failed
fi

FUZZCACHE=$($GO env GOCACHE)/fuzz/helpdesk
export FUZZCACHE
# The packages with the most targets come first, so that both ends are reached at about the same time.
grep -rE '^func Fuzz' --include='*_test.go' . |
	sed -nE 's|^(.*)/[^/]*_test\.go:func (Fuzz[A-Za-z0-9_]*)\(.*|\1 \2|p' | sort |
	awk '{ targets[$1] = targets[$1] " " $2; n[$1]++ } END { for (d in n) print n[d], d targets[d] }' |
	sort -k1,1nr -k2,2 | cut -d ' ' -f 2- |
	xargs -P 2 -L 1 sh "$0" "$TIME"
