package rules_test

import "testing"
import "time"

func (y *year) expect(t testing.TB, length time.Duration) {}
