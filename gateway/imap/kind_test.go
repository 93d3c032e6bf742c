package imap

import (
	"errors"
	"testing"
)

func TestKindOfEarlyEnd(t *testing.T) {
	t.Parallel()
	t.Run("M42 a server that leaves before its greeting does not answer, and only there", func(t *testing.T) {
		t.Parallel()
		left := errors.New(closedEarly)
		if got := kindOf(phaseConnect, left); !errors.Is(got, ErrNetwork) {
			t.Errorf("before the greeting: %v", got)
		}
		if got := kindOf("select", left); !errors.Is(got, ErrProtocol) {
			t.Errorf("afterwards: %v", got)
		}
	})
}
