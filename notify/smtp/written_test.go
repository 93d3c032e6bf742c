package smtp_test

import (
	"crypto"
	"crypto/ed25519"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/smtpserver"
	"github.com/helpdeskgo/helpdesk/notify/smtp"
)

// watched is a key that says when it signs.
type watched struct {
	crypto.Signer
	signs func()
}

func (w watched) Sign(rand io.Reader, digest []byte, o crypto.SignerOpts) ([]byte, error) {
	w.signs()
	return w.Signer.Sign(rand, digest, o)
}

func TestWritten(t *testing.T) {
	t.Parallel()
	t.Run("M24 a letter is written and signed while another one has the connection", func(t *testing.T) {
		t.Parallel()
		_, key, err := ed25519.GenerateKey(nil)
		if err != nil {
			t.Fatal(err)
		}
		var signed atomic.Int32
		both := make(chan struct{})
		signs := func() {
			if signed.Add(1) == 2 {
				close(both)
			}
		}
		srv := smtpserver.Start(t, smtpserver.Options{Data: func(smtpserver.Mail) error {
			select {
			case <-both:
				return nil
			case <-time.After(10 * time.Second):
				return errors.New("the other letter waits unsigned")
			}
		}})
		s := server(t, smtp.Options{Address: srv.Addr, Security: smtp.Plain, Connections: 1, DKIM: &smtp.DKIM{Domain: "shop.example", Selector: "desk", Key: watched{key, signs}}})
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() { send(t, s) })
		}
		wg.Wait()
	})
}
