package remote

import (
	"context"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/lists"
	"github.com/helpdeskgo/helpdesk/store/internal/row"
	"github.com/helpdeskgo/helpdesk/store/internal/tally"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// listing is a reader as the source of lists.
type listing struct{ *reader }

func (r *reader) lists() lists.Reader {
	return lists.Reader{Source: listing{r}, Dialect: r.s.d.Lists, Reach: r.s.set.Reach}
}

// errApart says that a list takes more than one statement, which must be of the same moment.
var errApart = errors.New("the list is not of one moment")

// together runs what makes a list. Most take one statement, which is of one moment by itself.
func (r *reader) together(list func() error) error {
	err := list()
	if errors.Is(err, errApart) {
		err = list()
	}
	return err
}

// Each runs a statement of a list, under the settings that it needs. They go with the statement. In a snapshot of our own
// they stay for what follows; others do what they like in theirs, and so it is returned to what it was.
func (l listing) Each(ctx context.Context, fn func(scan func(into ...any) error) error, text string, args ...any) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if l.ses.apart {
		l.ses.apart = false
		return errApart
	}
	settings := Statement{What: "prepare to list tickets", Text: l.s.d.Lists.Settings, Row: func(Scan) error { return nil }}
	if settings.Text == "" || l.ses.settled {
		return l.ses.each("list tickets", text, func(scan Scan) error { return fn(scan) }, args...)
	}
	if l.unit == nil {
		l.ses.settled = true
		return errors.Join(l.ses.later(settings), l.ses.each("list tickets", text, func(scan Scan) error { return fn(scan) }, args...))
	}
	var refused error
	list := Statement{What: "list tickets", Text: text, Args: args, Row: func(scan Scan) error {
		if refused == nil {
			refused = fn(scan)
		}
		return nil
	}}
	for _, st := range []Statement{{What: settings.What, Text: "SAVEPOINT helpdesk_list"}, settings, list,
		{What: settings.What, Text: "ROLLBACK TO SAVEPOINT helpdesk_list"}} {
		if err := l.ses.later(st); err != nil {
			return err
		}
	}
	return errors.Join(l.ses.ask(Statement{What: settings.What, Text: "RELEASE SAVEPOINT helpdesk_list"}), refused)
}

// Tickets lists one page; see store.Reader.
func (r *reader) Tickets(ctx context.Context, q ticket.Query, scope ticket.Scope) (ticket.Page, error) {
	if err := r.check(ctx); err != nil {
		return ticket.Page{}, err
	}
	var page ticket.Page
	err := r.together(func() (err error) {
		page, err = r.lists().Tickets(ctx, q, scope)
		return err
	})
	return page, r.named(err)
}

// CountTickets counts; see store.Reader.
func (r *reader) CountTickets(ctx context.Context, q ticket.Query, scope ticket.Scope, limit int) (ticket.Count, error) {
	if err := r.check(ctx); err != nil {
		return ticket.Count{}, err
	}
	var n ticket.Count
	err := r.together(func() (err error) {
		n, err = r.lists().Count(ctx, q, scope, limit)
		return err
	})
	return n, r.named(err)
}

// named begins the text of what a caller has asked wrongly with the store's name, as that of other errors.
func (r *reader) named(err error) error {
	if errors.Is(err, ticket.ErrInvalid) {
		return fmt.Errorf("%s: list tickets: %w", r.s.d.Name, err)
	}
	return err
}

// Tallies gives what is kept, and walks what is not: see store.Reader.
func (r *reader) Tallies(ctx context.Context, q store.TallyQuery, scope ticket.Scope) (out store.Tallies, err error) {
	if err := r.check(ctx); err != nil {
		return out, err
	}
	if q.By != store.TallyPlaces && q.By != store.TallyAssignees && q.By != store.TallyTags {
		return out, r.s.invalid("by", ticket.FaultUnknown, "%d is nothing to count by", q.By)
	}
	r.ses.alone, r.ses.apart = false, false // the numbers must be of one moment
	if scope.Only != 0 {
		t, err := r.ticket(scope.Only, "")
		if err == nil && t != nil && scope.Sees(t) {
			out.Rows = tally.Of(q, t)
		}
		return out, err
	}
	if err := r.tallyKept(&out, q, scope); err != nil {
		return out, err
	}
	return out, r.lists().Tally(ctx, &out, q, scope)
}

// tallyKept adds the numbers of the places, and what the agent has elsewhere.
func (r *reader) tallyKept(out *store.Tallies, q store.TallyQuery, scope ticket.Scope) error {
	if in, any := lists.KeptIn(scope); any {
		if err := r.tallyRows(out, q, q.By, in, nil); err != nil {
			return err
		}
	}
	if scope.All || scope.Agent == "" || q.By == store.TallyTags {
		return nil
	}
	mine := func(t *ticket.Ticket) bool { return tally.Own(scope, t) && !tally.InPlace(scope, t) }
	return r.tallyRows(out, q, store.TallyAssignees, lists.Kept{}.With("name = ?", scope.Agent), mine)
}

// tallyRows adds the numbers of one kind that counts holds for; nil holds for all. Numbers by assignee are added to those
// by place as such.
func (r *reader) tallyRows(out *store.Tallies, q store.TallyQuery, from store.TallyKind, in lists.Kept, counts func(*ticket.Ticket) bool) error {
	cond, args := in.Asked(q, from, "name").Where()
	sum := tally.Sum{}
	err := r.numbers(tallyQuery{from, q.Whole && counts == nil, cond, args}, func(c row.Count) {
		if counts != nil && !counts(&ticket.Ticket{Assignee: c.Assignee, Brand: c.Brand, Department: c.Department}) {
			return
		}
		if q.By == store.TallyPlaces {
			c.Assignee = ""
		}
		if q.Whole {
			c.Place = ticket.Place{}
		}
		sum.Add(c.Tally)
	})
	if err != nil {
		return err
	}
	out.Rows = append(out.Rows, sum.Rows()...)
	return nil
}
