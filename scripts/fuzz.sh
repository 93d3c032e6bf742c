#!/bin/sh
# Runs every fuzz target of the module for the given time, and prints its executions. A target that finds something fails
# the run: it writes what it has found. That the time ends in the middle of an execution Go reports as a failure, too, of a
# context, and that is none.
set -u
GO=${GO:-go}
time=${1:-15s}
status=0
for file in $(grep -rlE '^func Fuzz' --include='*_test.go' . | sort); do
	dir=$(dirname "$file")
	for target in $(sed -nE 's/^func (Fuzz[A-Za-z0-9_]*)\(.*/\1/p' "$file"); do
		if out=$($GO test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 1s "$dir" 2>&1); then
			echo "$dir $target: $(echo "$out" | grep -oE 'execs: [0-9]+' | tail -1), nothing found"
		elif echo "$out" | grep -q 'context deadline exceeded' && ! echo "$out" | grep -qE 'Failing input|panic:|_test\.go:'; then
			echo "$dir $target: $(echo "$out" | grep -oE 'execs: [0-9]+' | tail -1), nothing found until the time was up"
		else
			echo "$dir $target: FAILED"
			echo "$out" | tail -30
			status=1
		fi
	done
done
exit $status
