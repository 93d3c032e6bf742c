package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

const kindNoticed = "noticed" // record: a notice whose letters are ordered

// Notify has people told what a notice says, as a rule has it (M58): in its own words, by letters like all others. A
// notice that is given again, by its ID, is told once. Errors: ticket.ErrInvalid for one without an ID or words; the
// store's and the directory's.
func (n *Notifier) Notify(ctx context.Context, notice ticket.Notice) error {
	return failed("tell of a notice", n.notice(ctx, notice))
}

func (n *Notifier) notice(ctx context.Context, notice ticket.Notice) error {
	if notice.ID == "" || strings.TrimSpace(notice.Subject+notice.Text) == "" {
		return ticket.Invalid("notice", ticket.FaultRequired, "needs an ID by which it is known again, and a text")
	}
	ctx, err := n.steadily(ctx)
	if err != nil {
		return err
	}
	o, err := n.noticeOccasion(ctx, notice)
	if errors.Is(err, ticket.ErrNotFound) {
		return nil // purged meanwhile
	}
	if err != nil {
		return err
	}
	heard, err := n.noticed(ctx, o)
	if err != nil {
		return err
	}
	news, err := n.news(ctx, o, heard)
	if err != nil {
		return err
	}
	if o.now, err = n.dueNow(ctx); err != nil {
		return err
	}
	if inSpam(o) { // it may come back, and the notice with it
		return nil
	}
	return n.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if _, err := tx.LockTicket(ctx, o.Ticket.ID); err != nil { // lest it is purged meanwhile, and these stay
			return orGone(err)
		}
		_, err := tx.Record(ctx, kindNoticed, notice.ID)
		if !errors.Is(err, ticket.ErrNotFound) {
			return err // told, or the store's own
		}
		at, err := json.Marshal(n.desk.Now())
		if err != nil {
			return err
		}
		// By its version: whoever tells of the same one at this moment runs again, and finds it.
		if err := tx.PutRecord(ctx, &store.Record{Kind: kindNoticed, Key: notice.ID, Parent: record.ID(o.Ticket.ID), Doc: at}); err != nil {
			return err
		}
		return n.orderAll(ctx, tx, o, news)
	})
}

// noticeOccasion is what a notice is about: the ticket that has it now.
func (n *Notifier) noticeOccasion(ctx context.Context, notice ticket.Notice) (o occasion, err error) {
	o = occasion{Event: &ticket.Event{}, notice: &notice}
	id := notice.Ticket
	for range 10 {
		if o.Ticket, err = n.desk.Ticket(ctx, id); err != nil || o.Ticket.MergedInto <= 0 {
			break
		}
		id = o.Ticket.MergedInto
	}
	if err != nil {
		return o, err
	}
	if notice.Message != 0 {
		o.Message, err = n.desk.Message(ctx, notice.Message)
		if err != nil && !errors.Is(err, ticket.ErrNotFound) && !errors.Is(err, ticket.ErrSealed) {
			return o, err
		}
	}
	return o, n.surround(ctx, &o)
}

// ofAnswer reports whether a notice says that an answer could not be sent: its author hears of that in any case.
func ofAnswer(o occasion) bool { return strings.HasPrefix(o.notice.Why, kindLater+":") }

func inSpam(o occasion) bool { return o.Ticket.Folder == ticket.Spam && !ofAnswer(o) }

// noticed is whom a notice is for.
func (n *Notifier) noticed(ctx context.Context, o occasion) ([]hearing, error) {
	a := &audience{occasion: o}
	if a.Ticket.DeletedAt != nil || inSpam(o) { // its letters would come to nothing, and so would what the feed says
		return nil, nil
	}
	to, kind := o.notice.To, noticeKind(o.notice.Why)
	staff := kind
	if kind == template.Chaser {
		staff = template.RuleNotice
	}
	by := "a rule"
	if ofAnswer(o) {
		by = "an answer that could not be sent"
	}
	if to.Owner {
		a.agent(a.Ticket.Assignee, Owner, staff, by+" tells whoever has the ticket")
		if a.Ticket.Assignee == "" {
			a.responsible(staff, by+" tells whoever has the ticket, and nobody has")
		}
	}
	if to.Watchers {
		a.watchers(staff, by+" tells them")
	}
	if to.Department {
		members, err := n.desk.Members(ctx, a.Ticket.Department)
		if err != nil {
			return nil, err
		}
		for _, id := range ids(members) {
			a.agent(id, Named, staff, by+" tells their department")
		}
	}
	for _, id := range to.Agents {
		a.agent(id, Named, staff, by+" names them")
	}
	if to.Customer {
		outside := kind
		if kind == template.SLAWarning {
			outside = template.RuleNotice
		}
		a.person(a.Ticket.Requester, Requester, outside, "a rule tells the customer")
	}
	plain := template.RuleNotice
	for _, email := range to.Addresses {
		a.person(ticket.Person{Email: ticket.NormalizeEmail(email)}, Listed, plain, "a rule names the address")
	}
	return slices.Clone(a.heard), nil
}

// noticeKind is the template for what asked for a notice.
func noticeKind(why string) template.Kind {
	what, _, _ := strings.Cut(why, ":")
	switch what {
	case "followup", "snooze", "appointment":
		return template.Reminder
	case "autoclose":
		return template.Chaser
	case "sla", "policy", "deadline":
		return template.SLAWarning
	}
	return template.RuleNotice
}

// Explanation says of one reader whether they are told of an event, and why.
type Explanation struct {
	Agent    string        `json:"agent,omitempty"`
	Person   ticket.Person `json:"person,omitzero"`
	Role     Role          `json:"role"`
	Kind     template.Kind `json:"kind"`
	Why      string        `json:"why"`
	Channels []string      `json:"channels,omitempty"` // by which they are told; none: they are not
	Feed     bool          `json:"feed,omitempty"`
	Held     string        `json:"held,omitempty"`    // why it waits
	WhyNot   string        `json:"why_not,omitempty"` // they are not told after all
}

// Explain says who is told of an event, and why, as things are now; it tells nobody. silent says why nobody is, where that
// is so of all. Errors: ticket.ErrNoActor; ticket.ErrNotFound; ticket.ErrForbidden for customers, and for staff who may
// neither reply to the ticket nor update it.
func (n *Notifier) Explain(ctx context.Context, event int64) (list []Explanation, silent string, err error) {
	list, silent, err = n.explain(ctx, event)
	return list, silent, failed(fmt.Sprintf("explain who is told of event %d", event), err)
}

func (n *Notifier) explain(ctx context.Context, event int64) (list []Explanation, silent string, err error) {
	if _, err := ticket.ActorFrom(ctx); err != nil {
		return nil, "", err
	}
	steady, err := n.steadily(ctx)
	if err != nil {
		return nil, "", err
	}
	o, err := n.occasion(steady, event)
	if err == nil {
		err = n.desk.MayWork(ctx, o.Ticket.ID)
	}
	if err != nil {
		return nil, "", err
	}
	if silent = (&audience{occasion: o}).silent(); silent != "" {
		return nil, silent, nil
	}
	all, err := n.news(steady, o, listen(o))
	for _, x := range all {
		if err := n.foresee(steady, o, &x); err != nil {
			return nil, "", err
		}
		e := Explanation{Agent: x.Agent, Person: x.Person, Role: x.Role, Kind: x.Kind, Why: x.Why, Channels: x.channels, Feed: x.feed, Held: x.reason, WhyNot: x.skip}
		if x.skip != "" {
			e.Channels = nil
		}
		list = append(list, e)
	}
	return list, "", err
}

// foresee leaves out what will come to nothing when it is sent: mail to an address that takes none.
func (n *Notifier) foresee(ctx context.Context, o occasion, x *news) error {
	if x.skip != "" || !slices.Contains(x.channels, Mail) {
		return nil
	}
	why, err := n.undeliverable(ctx, (&Letter{}).goesTo(o.Settings, x.email))
	if err != nil || why == "" {
		return err
	}
	if x.channels = slices.DeleteFunc(slices.Clone(x.channels), func(c string) bool { return c == Mail }); len(x.channels) == 0 {
		x.skip = why
	}
	return nil
}
