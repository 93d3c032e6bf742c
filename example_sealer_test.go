package helpdesk_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// A password reaches the store encrypted, its readers clear, and the hooks not at all.
func ExampleNewSealer() {
	ctx := context.Background()
	s := memory.New(nil)
	defer s.Close()
	key := bytes.Repeat([]byte{7}, 32) // 32 random bytes from where the host keeps its secrets
	sealer, err := helpdesk.NewSealer(key)
	check(err)
	desk, err := helpdesk.New(ctx, s, &helpdesk.Config{Sealer: sealer, Dispatch: helpdesk.Inline})
	check(err)
	defer desk.Stop(ctx)
	desk.Hooks().TicketReplied.Bind("acme.chat", func(_ context.Context, e hooks.Messaged) error {
		fmt.Printf("encrypted: %t, text: %q\n", e.Message.Encrypted, e.Message.Body)
		return nil
	})
	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	bob := ticket.WithActor(ctx, ticket.Staff("7", "Bob", "bob@desk.example"))
	t, err := desk.CreateTicket(ann, ticket.Draft{Subject: "Login", Body: "I cannot log in."})
	check(err)
	m, err := desk.Reply(ann, t.ID, ticket.ReplyDraft{Body: "My password is hunter2.", Encrypted: true})
	check(err)

	read, err := desk.Message(bob, m.ID)
	check(err)
	fmt.Println(read.Body)

	// To rotate, a new key goes in front. A desk without the old one cannot read what that sealed, and says so.
	other, err := helpdesk.NewSealer(bytes.Repeat([]byte{8}, 32))
	check(err)
	stranger, err := helpdesk.New(ctx, s, &helpdesk.Config{Sealer: other})
	check(err)
	defer stranger.Stop(ctx)
	_, err = stranger.Message(bob, m.ID)
	fmt.Println(errors.Is(err, ticket.ErrSealed))
	// Output:
	// encrypted: true, text: ""
	// My password is hunter2.
	// true
}
