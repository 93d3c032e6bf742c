package helpdesk_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// A card number goes out of a ticket, and a person out of the desk: what they said stays, and who did what when.
func ExampleDesk_Redact() {
	ctx := ticket.WithActor(context.Background(), ticket.System("shop"))
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, nil)
	check(err)
	defer desk.Stop(ctx)
	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann Smith", "ann@example.com"))
	t, err := desk.CreateTicket(ann, ticket.Draft{Subject: "Refund", Body: "To 4111 1111 1111 1234, please. Ann Smith"})
	check(err)

	found, err := desk.Redact(ctx, t.ID, "4111 1111 1111 1234")
	check(err)
	list, err := desk.Messages(ctx, t.ID, ticket.MessageQuery{})
	check(err)
	fmt.Println(found, list[0].Body)

	var archive bytes.Buffer
	check(desk.People().Export(ctx, ticket.Person{ID: "42"}, &archive, nil))
	z, err := zip.NewReader(bytes.NewReader(archive.Bytes()), int64(archive.Len()))
	check(err)
	fmt.Println(len(z.File), z.File[0].Name)

	done, err := desk.People().Erase(ctx, ticket.Person{ID: "42"}, nil)
	check(err)
	list, err = desk.Messages(ctx, t.ID, ticket.MessageQuery{})
	check(err)
	fmt.Println(done.Tickets, list[0].Author.Name, list[0].Body)
	// Output:
	// true To █████, please. Ann Smith
	// 2 person.json
	// 1 (erased) To █████, please. (erased)
}
