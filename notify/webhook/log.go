package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// kindLog is the record of a request. Its parent is the ticket: what is taken out of that is taken out of answers, too.
const kindLog = "webhook_log"

// What is kept of requests: of each endpoint so many, for so long.
const (
	keptRequests = 100
	keptFor      = 7 * 24 * time.Hour
)

// logKey has the newest requests of an endpoint come first.
func logKey(a Attempt) string {
	return fmt.Sprintf("%s/%s/%s/%s", a.Endpoint, record.Ordered(math.MaxInt64-a.At.UnixMicro()), a.ID, record.Ordered(int64(a.Try)))
}

// putLog notes a request. What was answered may be what was sent: of a ticket that was purged meanwhile it is not kept.
func putLog(ctx context.Context, tx store.Tx, a Attempt) error {
	if a.Ticket != 0 {
		_, err := tx.Ticket(ctx, a.Ticket, ticket.Scope{All: true})
		if errors.Is(err, ticket.ErrNotFound) {
			a.Answer = ""
		} else if err != nil {
			return err
		}
	}
	return record.Put(ctx, tx, kindLog, logKey(a), record.ID(a.Ticket), a)
}

// Log lists what was sent to an endpoint, and what came of it, the newest first: the last 100 requests, of the last 7 days.
// Errors: ticket.ErrNoActor; ticket.ErrForbidden; ticket.ErrNotFound.
func (w *Webhooks) Log(ctx context.Context, code string) (list []Attempt, err error) {
	err = w.reading(ctx, func(ctx context.Context, x store.Reader) error {
		list = nil
		if _, err := endpoint(ctx, x, code); err != nil {
			return err
		}
		recs, err := logOf(ctx, x, code, keptRequests)
		for _, rec := range recs {
			var a Attempt
			if err := json.Unmarshal(rec.Doc, &a); err != nil {
				return err
			}
			if a.At.Before(w.desk.Now().Add(-keptFor)) {
				break
			}
			list = append(list, a)
		}
		return err
	})
	return list, failed("log of "+code, err)
}

func logOf(ctx context.Context, x store.Reader, code string, limit int) ([]*store.Record, error) {
	recs, err := x.Records(ctx, store.RecordQuery{Kind: kindLog, After: code + "/", Limit: limit})
	for i, rec := range recs {
		if !strings.HasPrefix(rec.Key, code+"/") {
			return recs[:i], err
		}
	}
	return recs, err
}

// dropLog removes what is kept of an endpoint beyond the newest, a part of it, and returns how much that was.
func dropLog(ctx context.Context, tx store.Tx, code string, beyond, atMost int) (int, error) {
	recs, err := logOf(ctx, tx, code, beyond+atMost)
	if err != nil || len(recs) <= beyond {
		return 0, err
	}
	for _, rec := range recs[beyond:] {
		err = errors.Join(err, tx.DeleteRecord(ctx, kindLog, rec.Key))
	}
	return len(recs) - beyond, err
}
