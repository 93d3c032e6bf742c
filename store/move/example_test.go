package move_test

import (
	"context"
	"fmt"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/store/move"
)

// A desk moves from one store to another. Killed at any moment, Copy goes on when it is called again.
func ExampleCopy() {
	ctx := context.Background()
	from, to := memory.New(nil), memory.New(nil)
	defer from.Close()
	defer to.Close()
	err := from.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		id, err := tx.NewID(ctx, "ticket")
		if err != nil {
			return err
		}
		return tx.PutTicket(ctx, plainTicket(id, "Broken lamp"))
	})
	if err != nil {
		panic(err)
	}
	report, err := move.Copy(ctx, from, to, nil)
	if err != nil {
		panic(err)
	}
	for _, line := range report.Kinds {
		if line.To.Rows > 0 {
			fmt.Println(line.To.Rows, line.Kind, line.From.Sum == line.To.Sum)
		}
	}
	// Output: 1 tickets true
}
