package gateway_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(killVariable); path != "" {
		killChild(path)
		return
	}
	if name := os.Getenv(bombVariable); name != "" {
		bombChild(name)
		return
	}
	goleak.VerifyTestMain(m)
}
