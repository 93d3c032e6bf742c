//go:build race

package gateway_test

// slower is how much slower the race detector makes what touches much memory.
const slower = 8
