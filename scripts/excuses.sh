#!/bin/sh
# Counts and lists what the code excuses itself from: skipped tests, silenced linters, files left out by build tags. Each line shows its reason.
set -eu
list() {
	name=$1
	pattern=$2
	found=$(grep -rnE "$pattern" --include='*.go' . | grep -v '^./internal/testreport/' | sed 's/[[:space:]]\{1,\}/ /g' || true)
	count=$(printf '%s' "$found" | grep -c . || true)
	echo "$name: $count"
	[ -z "$found" ] || printf '%s\n' "$found" | sed 's/^/  /'
}
list "skips" '\b(t|tb|b|f)\.Skip(f|Now)?\('
list "silenced linters" '//nolint'
list "build tags" '^//go:build'
if grep -rnE '//nolint($|[^:])|//nolint:[a-z,]+$' --include='*.go' .; then
	echo "a silenced linter without its name or reason" >&2
	exit 1
fi
