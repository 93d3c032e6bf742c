package gateway

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/helpdeskgo/helpdesk/store"
)

// Trace says what became of the mail with exactly these bytes, whichever gateway of the store fetched it. Of several
// such mails one counts, and the others were left out as its copies: they have the same Work. The Result is empty while
// the mail waits. Errors: ticket.ErrNotFound for bytes that were never fetched; the store's own.
func (g *Gateway) Trace(ctx context.Context, raw []byte) (Outcome, error) {
	var o Outcome
	err := g.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		o = Outcome{}
		id, err := r.Holder(ctx, keyRaw, g.mine(hashOf(raw)))
		if err != nil {
			return err
		}
		w, err := r.Work(ctx, id)
		if err != nil {
			return err
		}
		var j job
		if err := json.Unmarshal(w.Doc, &j); err != nil {
			return err
		}
		if j.Outcome != nil {
			o = *j.Outcome
		}
		if o.Work = id; w.State == store.WorkPending || w.State == store.WorkLeased {
			o.Result = ""
		}
		return nil
	})
	if err != nil {
		return o, fmt.Errorf("gateway %s: trace: %w", g.name, err)
	}
	return o, nil
}
