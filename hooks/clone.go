package hooks

import (
	"slices"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// What a hook changes in its payload stays with it: filters alone are there to change, and theirs is put back if they
// fail.

// copyOf copies what has a deep copy; nil stays nil.
func copyOf[P interface {
	*T
	Clone() P
}, T any](p P) P {
	if p == nil {
		return nil
	}
	return p.Clone()
}

func copyDraft(d *ticket.Draft) *ticket.Draft {
	if d == nil {
		return nil
	}
	return new(d.Clone())
}

func copyReply(r *ticket.ReplyDraft) *ticket.ReplyDraft {
	if r == nil {
		return nil
	}
	return new(r.Clone())
}

func copyPatch(p *ticket.Patch) *ticket.Patch {
	if p == nil {
		return nil
	}
	return new(p.Clone())
}

func (p Creating) clone() Creating {
	p.Draft = copyDraft(p.Draft)
	return p
}

func (p Replying) clone() Replying {
	p.Ticket, p.Draft = copyOf(p.Ticket), copyReply(p.Draft)
	return p
}

func (p Updating) clone() Updating {
	p.Ticket, p.After, p.Patch, p.Changes = copyOf(p.Ticket), copyOf(p.After), copyPatch(p.Patch), slices.Clone(p.Changes)
	return p
}

func (p Deleting) clone() Deleting {
	p.Ticket = copyOf(p.Ticket)
	return p
}

func (p Merging) clone() Merging {
	p.Target, p.Sources = copyOf(p.Target), copies(p.Sources)
	return p
}

func (p Splitting) clone() Splitting {
	p.Ticket, p.Split = copyOf(p.Ticket), p.Split.Clone()
	return p
}

func copies(list []*ticket.Ticket) []*ticket.Ticket {
	list = slices.Clone(list)
	for i, t := range list {
		list[i] = copyOf(t)
	}
	return list
}

func (p Editing) clone() Editing {
	p.Ticket, p.Message = copyOf(p.Ticket), copyOf(p.Message)
	return p
}

func (p Attaching) clone() Attaching {
	p.Ticket = copyOf(p.Ticket)
	return p
}

func (p Scanning) clone() Scanning {
	p.Ticket = copyOf(p.Ticket)
	return p
}

func (p Mailing) clone() Mailing {
	p.Ticket, p.To, p.Cc, p.Files = copyOf(p.Ticket), slices.Clone(p.To), slices.Clone(p.Cc), slices.Clone(p.Files)
	return p
}

func (p Committing) clone() Committing {
	p.Before, p.After, p.Message, p.Event = copyOf(p.Before), copyOf(p.After), copyOf(p.Message), copyOf(p.Event)
	return p
}

func (p Suggesting) clone() Suggesting {
	p.Answers = slices.Clone(p.Answers)
	return p
}

func (p Account) clone() Account { return p }

func (p Transliterating) clone() Transliterating { return p }

func (p Page) clone() Page {
	p.Ticket, p.Tickets, p.Draft = copyOf(p.Ticket), copies(p.Tickets), copyDraft(p.Draft)
	return p
}
