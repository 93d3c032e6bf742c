package webhook_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails where a request leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
