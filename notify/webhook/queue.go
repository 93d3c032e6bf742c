package webhook

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

const (
	kindWork  = "webhook" // on an agenda of their own
	sendEntry = "send"
	last      = math.MaxInt64 // the place of what comes after everything else of a ticket
)

// notice is what waits to be sent: what it is about, and none of its texts.
type notice struct {
	ID       string    `json:"id"` // the webhook-id
	Endpoint string    `json:"endpoint"`
	Type     string    `json:"type"`
	At       time.Time `json:"at"`              // when it happened
	Event    int64     `json:"event,omitempty"` // 0 for what rules send
	Seq      int64     `json:"seq,omitempty"`   // of the ticket's events; its place among what is sent of the ticket
	Ticket   int64     `json:"ticket,omitempty"`
	Code     string    `json:"code,omitempty"`
	Rule     string    `json:"rule,omitempty"`
	Text     string    `json:"text,omitempty"` // of the rule, with its placeholders

	Tries int `json:"tries,omitempty"` // requests that were made in vain
}

// webhookID names what is sent: an endpoint, and an event or something else that happened. It has no full stop, as the
// standard asks.
func webhookID(endpoint string, of rune, n int64) string {
	return fmt.Sprintf("msg_%s_%c%d", endpoint, of, n)
}

// eventOf is the event that a webhook-id of the endpoint names; 0 if it names none.
func (e Endpoint) eventOf(id string) int64 {
	n, ok := strings.CutPrefix(id, "msg_"+e.ID+"_e")
	event, err := strconv.ParseInt(n, 10, 64)
	if !ok || err != nil || id != webhookID(e.ID, 'e', event) {
		return 0
	}
	return event
}

// putAll puts notices onto the agenda, in the transaction that ctx carries.
func (w *Webhooks) putAll(ctx context.Context, list []notice) error {
	return w.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		for _, n := range list {
			if err := w.put1(ctx, tx, n, n.ID); err != nil {
				return err
			}
		}
		tx.OnCommit(w.desk.Wake)
		return nil
	})
}

// put1 puts one under a key of its own: a webhook-id, and more where the same is sent again.
func (w *Webhooks) put1(ctx context.Context, tx store.Tx, n notice, key string) error {
	doc, err := json.Marshal(n)
	if err != nil {
		return err
	}
	now := w.desk.Now()
	// What waits for one endpoint holds up no other, and what waits of one ticket no other.
	lane := n.Endpoint + "/" + record.ID(n.Ticket)
	return agenda.Put(ctx, tx, now, agenda.Entry{Kind: kindWork, What: sendEntry, Key: key, Ticket: n.Ticket, Lane: lane, Seq: n.Seq, Due: now, Doc: doc})
}

// Call has an endpoint be told about a ticket, in the transaction that ctx carries, or in one of its own: what the action
// "webhook" of rules does. The text may have placeholders, as Desk.Texts has them, and may be empty. An endpoint
// that is disabled is told nothing. It asks for no rights. Errors: ticket.ErrNotFound for an endpoint or a ticket that is not there.
func (w *Webhooks) Call(ctx context.Context, code string, ticketID int64, rule, text string) error {
	return failed("call "+code, w.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		to, err := endpoint(ctx, tx, code)
		if err != nil || to.Disabled {
			return err
		}
		t, err := tx.Ticket(ctx, ticketID, ticket.Scope{All: true})
		if err != nil {
			return err
		}
		id, err := tx.NewID(ctx, kindWork+"_call")
		if err != nil {
			return err
		}
		n := notice{ID: webhookID(to.ID, 'r', id), Endpoint: code, Type: TypeRule, At: ticket.Time(w.desk.Now()), Seq: t.EventSeq, Ticket: t.ID, Code: t.Code, Rule: rule, Text: text}
		tx.OnCommit(w.desk.Wake)
		return w.put1(ctx, tx, n, n.ID)
	}))
}

// Knows reports whether there is an endpoint of the code, for checks of what names one.
func (w *Webhooks) Knows(ctx context.Context, code string) (known bool, err error) {
	err = w.store.View(ctx, func(ctx context.Context, x store.Reader) error {
		list, err := endpoints(ctx, x)
		known = false
		for _, e := range list {
			known = known || e.Code == code
		}
		return err
	})
	return known, failed("look for "+code, err)
}
