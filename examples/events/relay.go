package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// window is for how long the broker knows the ids of what it has. What it took, and a process that was killed could not
// note, is published again as soon as a process runs: see to it that one does within this time.
const window = 24 * time.Hour

// forever is how often an event is tried. The pauses between two attempts grow to an hour: a broker that is away for a
// week makes no dead letters.
const forever = 1_000_000

// openStream makes the stream, or finds it.
func openStream(ctx context.Context, js jetstream.JetStream) (jetstream.Stream, error) {
	return js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{Name: "HELPDESK", Subjects: []string{"helpdesk.>"}, Duplicates: window})
}

// relay publishes the desk's journal: by a durable binding at every point that is no view of another, so that an event is
// published when the broker is there, however long that takes. Points overlap; the event's id tells the broker what it
// has already.
func relay(desk *hooks.Registry, js jetstream.Publisher) error {
	for _, p := range desk.Points() {
		if p.Kind != hooks.KindEvent || p.Of != "" || changesOnly[p.Payload] {
			continue
		}
		if err := desk.BindNamed(p.Name, "nats", publish(js), hooks.MaxAttempts(forever)); err != nil {
			return err
		}
	}
	return nil
}

func publish(js jetstream.Publisher) hooks.EntryFunc {
	return func(ctx context.Context, e *ticket.Event) error {
		doc, err := json.Marshal(e)
		if err == nil {
			_, err = js.Publish(ctx, fmt.Sprintf("helpdesk.%d.%s", e.TicketID, e.Type), doc, jetstream.WithMsgID(strconv.FormatInt(e.ID, 10)))
		}
		return err
	}
}

// changesOnly are the payloads of points that tell of one property each: TicketUpdated and TicketReplied tell of the
// same events.
var changesOnly = map[string]bool{"hooks.Changed": true, "hooks.Tagged": true, "hooks.Fielded": true}

// entry reads what relay published: those who listen are told the same as the desk's own hooks, without any text.
func entry(doc []byte) (e ticket.Event, err error) {
	err = json.Unmarshal(doc, &e)
	return e, err
}
