package mailboxes_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/gateway/mailboxes"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// FuzzDefinition saves what a form could send: it is refused field by field, or comes back as it was, without its secrets.
func FuzzDefinition(f *testing.F) {
	for _, seed := range []string{
		`{"code":"shop","name":"Shop","host":"imap.example.com","user":"shop@example.com","password":"x"}`,
		`{"code":"shop","name":"Shop","protocol":"pop3","security":"none","host":"::1","port":110,"user":"shop","addresses":["a@b"],"done":"delete","interval":"1m","version":-1}`,
		`{"code":"shop","name":"Shop","host":"h","user":"u@h","oauth":{"token_url":"https://id.example.com/t","client_id":"app","client_secret":{"set":"2026-01-05T09:00:00Z"},"refresh_token":"r"}}`,
		`{"code":"shop","name":"Shop","host":"h","user":"u@h","done":"move","move_to":"Done","authority":"-----BEGIN CERTIFICATE-----","password":{"set":null,"times":-1}}`,
	} {
		f.Add([]byte(seed))
	}
	sealer, err := helpdesk.NewSealer(make([]byte, 32))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		var d mailboxes.Definition
		if json.Unmarshal(doc, &d) != nil {
			return
		}
		d.Password = mailboxes.NewSecret(secretText)
		ctx := ticket.WithActor(t.Context(), bob)
		s := memory.New(nil)
		defer s.Close()
		desk := must(helpdesk.New(ctx, s, nil))(t)
		defer desk.Stop(context.Background())
		boxes := must(mailboxes.New(desk.Mail(), s, &mailboxes.Options{Sealer: sealer}))(t)
		saved, err := boxes.Save(ctx, d)
		if err != nil {
			if (!errors.Is(err, ticket.ErrInvalid) || len(ticket.FieldErrors(err)) == 0) && !errors.Is(err, ticket.ErrConflict) {
				t.Errorf("refused, and it is not said why: %v", err)
			}
			return
		}
		if got := must(boxes.Definition(ctx, saved.Code))(t); !reflect.DeepEqual(got, saved) {
			t.Errorf("stored %+v\nread %+v", saved, got)
		}
		if text := everything(t, s); strings.Contains(text, secretText) {
			t.Errorf("the password is stored in the clear: %s", text)
		}
	})
}
