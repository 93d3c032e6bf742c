package gateway_test

import (
	"context"
	"fmt"
	"log"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/store/memory"
)

// broken is a mailbox whose server fails on the one mail that it has.
type broken struct{}

// Fetch implements gateway.Source.
func (broken) Fetch(ctx context.Context, from gateway.Cursor, to gateway.Intake) (gateway.Cursor, error) {
	end := gateway.Cursor{Validity: 1, UID: 1}
	if from == end {
		return end, nil
	}
	return end, to.Take(ctx, gateway.Incoming{Place: "1/1", Next: end, Problem: "the server fails on it"})
}

// What cannot become a message stands in quarantine, with its reason, until somebody looks.
func ExampleGateway_Quarantine() {
	ctx := context.Background()
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer desk.Stop(ctx)
	support, err := gateway.New("support", desk.Mail(), s, nil)
	if err != nil {
		log.Fatal(err)
	}
	if _, err = support.Poll(ctx, broken{}); err != nil {
		log.Fatal(err)
	}
	status, err := support.Status(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("cursor:", status.Cursor.UID, "quarantined:", status.Quarantined)
	list, err := support.Quarantine(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, o := range list {
		fmt.Println(o.Result, o.Reason)
		if err := support.Requeue(ctx, o.Work); err != nil { // the next Poll asks the server for it again
			log.Fatal(err)
		}
	}
	again, err := support.Poll(ctx, broken{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(again), again[0].Result)
	// Output:
	// cursor: 1 quarantined: 1
	// quarantined it could not be fetched: the server fails on it
	// 1 quarantined
}
