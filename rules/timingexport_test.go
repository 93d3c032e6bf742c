package rules

import (
	"context"

	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
)

// Stages is what has stages fire.
var Stages = (*Rules).stages

// Rewind is what has rules look that would not for long.
var Rewind = (*Rules).rewind

// AllRuns are the runs for all tickets, the oldest of each first.
func AllRuns(ctx context.Context, x store.Reader) (out []Run, err error) {
	err = record.ReadAll(ctx, x, kindRun, "", &out)
	return out, err
}
