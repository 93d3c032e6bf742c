#!/bin/sh
# Runs every fuzz target of the module for the given time, two at once with one worker each, so that one is built while
# another runs, and prints its executions. A target that finds something fails the run: it writes what it has found. That
# the time ends in the middle of an execution Go reports as a failure, too, of a context, and that is none.
set -u
export GO="${GO:-go}"
export TIME="${1:-15s}"

if [ $# -eq 3 ]; then # one target: time, directory, name
	dir=$2 target=$3
	if out=$($GO test -run '^$' -fuzz "^$target\$" -fuzztime "$TIME" -fuzzminimizetime 1s -parallel 1 "$dir" 2>&1); then
		echo "$dir $target: $(echo "$out" | grep -oE 'execs: [0-9]+' | tail -1), nothing found"
	elif echo "$out" | grep -q 'context deadline exceeded' && ! echo "$out" | grep -qE 'Failing input|panic:|_test\.go:'; then
		echo "$dir $target: $(echo "$out" | grep -oE 'execs: [0-9]+' | tail -1), nothing found until the time was up"
	else
		printf '%s %s: FAILED\n%s\n' "$dir" "$target" "$(echo "$out" | tail -30)"
		exit 1
	fi
	exit 0
fi

grep -rE '^func Fuzz' --include='*_test.go' . | sort |
	sed -nE 's|^(.*)/[^/]*_test\.go:func (Fuzz[A-Za-z0-9_]*)\(.*|\1 \2|p' |
	xargs -P 2 -L 1 sh "$0" "$TIME"
