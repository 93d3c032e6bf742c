package helpdesk_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestSecrets(t *testing.T) {
	t.Parallel()
	secret, place := []byte("a key of somebody's"), "webhook/orders"
	open := memory.New(nil)
	t.Cleanup(func() { _ = open.Close() })
	plain := helpdesktest.New(t, &helpdesktest.Options{Store: open}).Automation()
	sealer := must(helpdesk.NewSealer(bytes.Repeat([]byte{7}, 32)))(t)
	locked := helpdesktest.New(t, &helpdesktest.Options{Config: helpdesk.Config{Sealer: sealer}}).Automation()
	t.Run("X14 a secret is sealed where there is a sealer, at its place alone", func(t *testing.T) {
		t.Parallel()
		kept := must(locked.SealSecret(as(host), place, secret))(t)
		if bytes.Contains(kept, secret) {
			t.Error("it can be read")
		}
		if got := must(locked.OpenSecret(as(host), place, kept))(t); !bytes.Equal(got, secret) {
			t.Errorf("got %q", got)
		}
		if _, err := locked.OpenSecret(as(host), "webhook/other", kept); !errors.Is(err, ticket.ErrSealed) {
			t.Errorf("elsewhere: %v", err)
		}
		if _, err := plain.OpenSecret(as(host), place, kept); !errors.Is(err, ticket.ErrSealed) {
			t.Errorf("without the sealer: %v", err)
		}
	})
	t.Run("X14 a secret from before there was a sealer is still read, and nothing else is", func(t *testing.T) {
		t.Parallel()
		kept := must(plain.SealSecret(as(host), place, secret))(t)
		if got := must(locked.OpenSecret(as(host), place, kept))(t); !bytes.Equal(got, secret) {
			t.Errorf("got %q", got)
		}
		for _, bad := range [][]byte{nil, {}, []byte("x"), []byte("s"), []byte("sx")} {
			if got, err := locked.OpenSecret(as(host), place, bad); !errors.Is(err, ticket.ErrSealed) {
				t.Errorf("%q opens as %q: %v", bad, got, err)
			}
		}
	})
}
