package helpdesk_test

import (
	"context"
	"fmt"
	"log"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Search understands words, "phrases", begin*, -without, and filters such as status:open. A desk that was started
// indexes by itself; here Index does it.
func ExampleDesk_Search() {
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(context.Background(), s, nil)
	if err != nil {
		log.Fatal(err)
	}
	ann := ticket.WithActor(context.Background(), ticket.Client("42", "Ann", "ann@example.com"))
	for _, d := range []ticket.Draft{
		{Subject: "Lamp broken", Body: "The foot of the lamp arrived in two pieces."},
		{Subject: "Invoice", Body: "Where is the invoice for my lamp?"},
	} {
		if _, err := desk.CreateTicket(ann, d); err != nil {
			log.Fatal(err)
		}
	}
	if _, err := desk.Index().Update(context.Background()); err != nil {
		log.Fatal(err)
	}

	agent := ticket.WithActor(context.Background(), ticket.Staff("7", "Bob", "bob@desk.example"))
	page, err := desk.Search(agent, ticket.Search{Text: `lamp "two pieces" -invoice is:new`})
	if err != nil {
		log.Fatal(err)
	}
	for _, hit := range page.Hits {
		fmt.Println(hit.Ticket.Subject)
		for _, h := range hit.Highlights {
			for _, r := range h.Ranges {
				fmt.Printf("  %s: %s\n", h.Field, h.Text[r.Start:r.End])
			}
		}
	}

	admin := ticket.WithActor(context.Background(), ticket.System("shop"))
	if err := desk.Index().Rebuild(admin); err != nil { // after a restore, say; searches go on meanwhile
		log.Fatal(err)
	}
	health, err := desk.Health(admin)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("still to be indexed:", health.Stale)
	// Output:
	// Lamp broken
	//   subject: Lamp
	//   body: lamp
	//   body: two pieces
	// still to be indexed: 2
}
