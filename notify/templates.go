package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"

	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

const kindTemplate = "config/template"

// templates are those of the library and the host, with those of the store over them.
type templates struct {
	base *template.Set
	held atomic.Pointer[heldTemplates]
}

type heldTemplates struct {
	version int64 // of the configuration
	set     *template.Set
}

// current is the set as the store has it now.
func (t *templates) current(ctx context.Context, n *Notifier) (*template.Set, error) {
	was := t.held.Load()
	var version int64
	var stored []template.Stored
	err := n.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
		stored = nil
		if version, err = x.ConfigVersion(ctx); err != nil || was != nil && was.version == version {
			return err
		}
		recs, err := x.Records(ctx, store.RecordQuery{Kind: kindTemplate})
		for _, rec := range recs {
			var s template.Stored
			if err := json.Unmarshal(rec.Doc, &s); err != nil {
				return err
			}
			stored = append(stored, s)
		}
		return err
	})
	if err != nil || was != nil && was.version == version {
		return was.orNil(), err
	}
	s, err := n.desk.Surroundings(system(ctx), &ticket.Ticket{})
	if err != nil {
		return nil, err
	}
	set, err := t.base.With(stored, s.Fields)
	if err != nil {
		return nil, fmt.Errorf("the stored templates: %w", err)
	}
	t.held.Store(&heldTemplates{version, set})
	return set, nil
}

func (h *heldTemplates) orNil() *template.Set {
	if h == nil {
		return nil
	}
	return h.set
}
