// Package action gives rules the action "webhook" (M57), which tells an endpoint of webhooks about a ticket:
//
//	do:
//	  - webhook: erp
//	  - webhook: {endpoint: erp, text: "Order [ticket_subject]"}
package action

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk/notify/webhook"
	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Name is that of the action.
const Name = "webhook"

// Call is the configuration of the action. In JSON and YAML the code of an endpoint stands for one without a text.
type Call struct {
	Endpoint string `json:"endpoint"` // its code
	// Text goes with it, and may have placeholders, which are filled in when it is sent.
	Text string `json:"text,omitempty"`
}

// UnmarshalJSON takes a code, too.
func (c *Call) UnmarshalJSON(b []byte) error {
	*c = Call{}
	if json.Unmarshal(b, &c.Endpoint) == nil {
		return nil
	}
	type full Call
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	return d.Decode((*full)(c))
}

// Add makes the action known to rules, before any is saved or run. It panics if it was added already.
//
// What a rule sends is put into the transaction of the rule, so that it is sent if the rule has done its part, and once. A rule
// that names an endpoint which is not there is refused; one whose endpoint is deleted later sends nothing.
func Add(r *rules.Rules, w *webhook.Webhooks) {
	rules.AddAction(r, rules.Action[Call]{
		Name: Name, Doc: "tells an endpoint of webhooks about the ticket, after the transaction, until it is taken or given up",
		Check: func(c Call, _ *rules.Setup) error {
			known, err := w.Knows(context.Background(), c.Endpoint) // a rule is checked by whoever saves it, and that is no request
			if err == nil && !known {
				err = fmt.Errorf("there is no endpoint %q: put it first", c.Endpoint)
			}
			return err
		},
		Texts: func(c Call) []rules.Text { return []rules.Text{{Body: c.Text, Format: ticket.Plain}} },
		Do: func(ctx context.Context, a *rules.Acting, c Call) error {
			err := w.Call(ctx, c.Endpoint, a.Ticket.ID, a.Rule, c.Text)
			if errors.Is(err, ticket.ErrNotFound) {
				a.Say(fmt.Sprintf("there is no endpoint %q any more: nothing is sent", c.Endpoint))
				return nil
			}
			return err
		},
	})
}
