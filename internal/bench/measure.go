package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// syncP50 is the median time to make 4 KB durable.
func syncP50(dir string) (time.Duration, error) {
	f, err := os.Create(filepath.Join(dir, "sync"))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	page := make([]byte, 4096)
	var took []time.Duration
	for range 200 {
		if _, err := f.Write(page); err != nil {
			return 0, err
		}
		start := time.Now()
		if err := datasync(f); err != nil {
			return 0, err
		}
		took = append(took, time.Since(start))
	}
	return median(took), nil
}

func median[T int64 | float64 | time.Duration](list []T) T {
	list = slices.Clone(list)
	slices.Sort(list)
	return list[len(list)/2]
}

// pairs runs a and b in turn, each for one round of n operations, and returns the median times of an operation and the
// median over the pairs of b's time divided by a's: how many times as fast a is.
func (e *env) pairs(a, b func(n int) error) (ta, tb time.Duration, ratio float64, err error) {
	var as, bs []time.Duration
	var ratios []float64
	for i := range e.rounds + 1 {
		first, second := a, b
		if i%2 == 1 {
			first, second = b, a
		}
		x, err := timed(first, e.n)
		if err != nil {
			return 0, 0, 0, err
		}
		y, err := timed(second, e.n)
		if err != nil {
			return 0, 0, 0, err
		}
		if i%2 == 1 {
			x, y = y, x
		}
		if i == 0 {
			continue // warming up
		}
		as, bs, ratios = append(as, x), append(bs, y), append(ratios, float64(y)/float64(x))
	}
	return median(as), median(bs), median(ratios), nil
}

func timed(f func(n int) error, n int) (time.Duration, error) {
	start := time.Now()
	err := f(n)
	return time.Since(start) / time.Duration(n), err
}

func perOp(what string, d time.Duration) string {
	return fmt.Sprintf("%s %.3f ms/op", what, d.Seconds()*1000)
}
