package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Part is which mails are to be processed (R13).
type Part string

// The parts. Every mail belongs to one of the last two.
const (
	Everything Part = ""
	Replies    Part = "replies" // mails that belong to a ticket: answers, notes, bounces
	NewTickets Part = "tickets" // all others
)

// errOtherPart says that a mail is left to another step.
var errOtherPart = errors.New("the mail is none of those that this step processes")

func (p Part) has(d Decision) bool {
	return p == Everything || (p == Replies) == (d.TicketID != 0)
}

// ProcessPart processes the mails of one part that are due, all of them, and leaves the others as they are. A mail that
// answers one which still waits belongs to no ticket yet. Errors: the store's own; ticket.ErrInvalid for a part that there
// is none of.
func (g *Gateway) ProcessPart(ctx context.Context, p Part) (out []Outcome, err error) {
	switch p {
	case Everything:
		return g.processAll(ctx)
	case Replies, NewTickets:
	default:
		return nil, fmt.Errorf("gateway %s: process: %w", g.name, ticket.Invalid("part", ticket.FaultUnknown, "%q is no part: use %s or %s", p, Replies, NewTickets))
	}
	var left []*inHand
	defer func() { // they are held until then, or the same ones would come again
		for _, h := range left {
			g.leave(ctx, h)
		}
	}()
	seen := map[int64]bool{}
	for {
		some, err := g.batch(ctx, p)
		fresh := false
		for _, h := range some {
			fresh = fresh || !seen[h.work.ID]
			seen[h.work.ID] = true
			if h.done {
				out = append(out, h.outcome)
			}
			if h.left {
				left = append(left, h)
			}
		}
		if err != nil || !fresh {
			return out, err
		}
	}
}

// leave gives a mail back as it was.
func (g *Gateway) leave(ctx context.Context, h *inHand) {
	h.job.Left++
	doc, err := json.Marshal(h.job)
	if err == nil {
		next := *h.work
		next.State, next.Doc, next.Finished = store.WorkPending, doc, time.Time{}
		err = g.store.Update(context.WithoutCancel(ctx), func(ctx context.Context, tx store.Tx) error { return tx.Finish(ctx, &next) })
	}
	if err != nil && !errors.Is(err, store.ErrStale) {
		g.log(ctx, "a mail could not be put back: it is processed when its lease ends", "mail", h.work.ID, "error", err)
	}
}

// Step is something that a gateway does when it is told to, for hosts whose scheduler says when (R13).
type Step string

// The steps. Those that process tell the mailbox of what is done with.
const (
	StepPoll    Step = "poll"    // fetch, and process everything
	StepFetch   Step = "fetch"   // take mails in, no more
	StepProcess Step = "process" // make messages of what was taken in
	StepReplies Step = "replies" // fetch, and process what belongs to a ticket
	StepTickets Step = "tickets" // fetch, and process the rest
)

// StepNamed is the step of a name; StepPoll of none. Errors: ticket.ErrInvalid.
func StepNamed(name string) (Step, error) {
	switch s := Step(name); s {
	case "":
		return StepPoll, nil
	case StepPoll, StepFetch, StepProcess, StepReplies, StepTickets:
		return s, nil
	}
	return "", ticket.Invalid("step", ticket.FaultUnknown, "%.100q is none of fetch, process, replies, tickets and poll", name)
}

// Stepped is what came of a step.
type Stepped struct {
	Fetched     int    `json:"fetched"`
	Done        int    `json:"done"`
	Waiting     int    `json:"waiting"`
	Quarantined int    `json:"quarantined"`
	Error       string `json:"error,omitempty"` // may hold what the mail server said
}

// Do does a step. Errors: that of the source or of the store, and then Stepped has what was done before; ticket.ErrInvalid for a
// step that there is none of.
func (g *Gateway) Do(ctx context.Context, src Source, s Step) (out Stepped, err error) {
	if _, err := StepNamed(string(s)); err != nil {
		return out, fmt.Errorf("gateway %s: %w", g.name, err)
	}
	part := map[Step]Part{StepReplies: Replies, StepTickets: NewTickets}[s]
	if s != StepProcess {
		out.Fetched, err = g.Fetch(ctx, src)
	}
	if s != StepFetch {
		err = errors.Join(err, g.processStep(ctx, src, part, err == nil, &out))
	}
	status, statusErr := g.Status(ctx)
	out.Waiting, out.Quarantined = status.Waiting, status.Quarantined
	if err = errors.Join(err, statusErr); err != nil {
		out.Error = fitLine(err.Error(), 1000)
	}
	return out, err
}

// processStep processes, and tells the mailbox, unless that has failed already.
func (g *Gateway) processStep(ctx context.Context, src Source, p Part, reachable bool, out *Stepped) error {
	list, err := g.ProcessPart(ctx, p)
	if out.Done = len(list); err == nil && reachable {
		_, err = g.Acknowledge(ctx, src)
	}
	return err
}
