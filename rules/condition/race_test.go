//go:build race

package condition_test

const raceEnabled = true // what runs under the detector takes ten times as long
