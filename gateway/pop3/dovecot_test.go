package pop3_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway/pop3"
	"github.com/helpdeskgo/helpdesk/internal/dovecot"
)

func TestDovecot(t *testing.T) {
	t.Parallel()
	d := dovecot.Start(t)
	config := func(address string, s pop3.Security) pop3.Config {
		return pop3.Config{Address: address, Security: s, Username: dovecot.Username, Password: dovecot.Password, TLSConfig: &tls.Config{RootCAs: d.Pool, MinVersion: tls.VersionTLS12}}
	}
	var sent []mail
	for i := range 300 {
		sent = append(sent, mail{raw: fmt.Sprintf("From: ann@example.com\r\nMessage-ID: <%d@example.com>\r\nSubject: mail %d\r\n\r\n.\r\n..two\r\n%s", i, i, bytes.Repeat([]byte("text\r\n"), i))})
		d.Deliver(t, []byte(sent[i].raw))
	}
	for name, c := range map[string]pop3.Config{"by TLS": config(d.POP3TLS, pop3.TLS), "by STLS": config(d.POP3, pop3.StartTLS), "without protection": config(d.POP3, pop3.Plaintext)} {
		t.Run("M35 mails come from Dovecot "+name, func(t *testing.T) {
			got, err := fetched(t, open(t, c))
			want := append([]mail(nil), sent...)
			for i := range got {
				want[i].id = got[i].ID // the server's to choose
			}
			expect(t, got, err, want...)
		})
	}
	t.Run("M35 ids stay, and what is deleted is gone", func(t *testing.T) {
		b := open(t, config(d.POP3TLS, pop3.TLS))
		before, err := fetched(t, b)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Delete(t.Context(), []string{before[0].ID, before[299].ID}); err != nil {
			t.Fatal(err)
		}
		after, err := fetched(t, b)
		if err != nil || len(after) != 298 || after[0].ID != before[1].ID || after[297].ID != before[298].ID {
			t.Errorf("%d mails, %v", len(after), err)
		}
	})
	t.Run("M35 a wrong password is told", func(t *testing.T) {
		c := config(d.POP3TLS, pop3.TLS)
		c.Password = "wrong"
		if _, err := fetched(t, open(t, c)); !errors.Is(err, pop3.ErrAuthentication) {
			t.Errorf("%v", err)
		}
	})
}
