package rules

import (
	"context"

	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
)

// Stages is what has stages fire.
var Stages = (*Rules).stages

// RunsOf are the runs for a ticket, without a bound.
func RunsOf(ctx context.Context, x store.Reader, id int64) (out []Run, err error) {
	err = record.ReadAll(ctx, x, kindRun, record.ID(id), &out)
	return out, err
}
