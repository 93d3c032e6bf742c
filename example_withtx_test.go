package helpdesk_test

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// The desk joins a transaction that the host began on its own handle. The file must be opened with immediate transactions and a busy timeout;
// WithTx says what is missing. Where the host can choose, InTx is simpler.
func Example_hostTransaction() {
	defer inTempDir()()
	ctx := context.Background()
	s, err := sqlite.Open(ctx, "shop.db", nil)
	check(err)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, nil)
	check(err)
	defer desk.Stop(ctx)
	db, err := sql.Open("sqlite", "file:shop.db?_txlock=immediate&_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)")
	check(err)
	defer db.Close()

	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	host, err := db.BeginTx(ctx, nil)
	check(err)
	inHost, err := s.WithTx(ann, host)
	check(err)
	_, err = desk.CreateTicket(inHost, ticket.Draft{Subject: "Lamp broken", Body: "It arrived in two pieces."})
	check(err)
	check(host.Commit())
	desk.Wake() // deliver now; without it the commit is noticed a moment later

	page, err := desk.Tickets(ann, ticket.Query{})
	check(err)
	fmt.Println(len(page.Tickets))
	// Output: 1
}
