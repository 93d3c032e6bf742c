package helpdesk_test

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/gateway/mailboxes"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Gateways stand in the store. An administrator changes them while boxes.Run runs them, in this process or in others.
func Example_mailboxes() {
	ctx := context.Background()
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, nil)
	check(err)
	defer desk.Stop(ctx)

	key := make([]byte, 32) // yours is random, and comes from where you keep secrets
	sealer, err := helpdesk.NewSealer(key)
	check(err)
	boxes, err := mailboxes.New(desk.Mail(), s, &mailboxes.Options{Sealer: sealer})
	check(err)

	admin := ticket.WithActor(ctx, ticket.Staff("7", "Bob", "bob@desk.example"))
	_, err = boxes.Save(admin, mailboxes.Definition{Code: "support", Name: "Support", Host: "imap.example.com", User: "support@example.com"})
	for field, list := range ticket.FieldErrors(err) {
		fmt.Println(field, list[0].Message)
	}

	var form mailboxes.Definition
	check(json.Unmarshal([]byte(`{"code": "support", "name": "Support", "host": "imap.example.com", "user": "support@example.com",
		"password": "secret", "certificates_unchecked": true, "priority": "high", "newcomers": "hold"}`), &form))
	saved, err := boxes.Save(admin, form)
	check(err)
	fmt.Println(saved, saved.Password, saved.Version)

	saved.Inactive = true // the password stays as it is
	_, err = boxes.Save(admin, saved)
	check(err)
	all, err := boxes.Status(ctx)
	check(err)
	for _, g := range all {
		fmt.Println(g.Code, g.Inactive, g.Warnings)
	}
	// Output:
	// password is empty
	// support: support@example.com by imap from imap.example.com:993 [secret] 1
	// support true [certificates are not checked: whoever is in between reads the mails and the password]
}
