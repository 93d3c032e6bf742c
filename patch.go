package helpdesk

import (
	"maps"
	"strings"

	"github.com/helpdeskgo/helpdesk/internal/policy"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// apply checks a patch and puts it on the ticket in w.after.
func (w *write) apply(p ticket.Patch) error {
	if err := w.checkCustomerPatch(p); err != nil {
		return err
	}
	if err := w.checkPatch(p); err != nil {
		return err
	}
	t := w.after
	set(&t.Subject, p.Subject)
	set(&t.Priority, p.Priority)
	set(&t.Department, p.Department)
	set(&t.Brand, p.Brand)
	set(&t.Folder, p.Folder)
	set(&t.Locked, p.Locked)
	set(&t.Organisation, p.Organisation)
	set(&t.Phone, p.Phone)
	set(&t.Service, p.Service)
	set(&t.Related, p.Related)
	set(&t.Watchers, p.Watchers)
	set(&t.Participants, p.Participants)
	if p.Requester != nil {
		if p.Organisation == nil && !t.Requester.Is(*p.Requester) {
			t.Organisation = "" // the new requester's colleagues are others
		}
		t.Requester = *p.Requester
		t.Requester.Email = ticket.NormalizeEmail(t.Requester.Email)
	}
	if p.Tags != nil {
		t.Tags = normalTags(*p.Tags)
	}
	if p.Assignee != nil && *p.Assignee != t.Assignee {
		t.Assignee, t.AssignedBy = *p.Assignee, w.actor.ID
	}
	if p.Converted != nil {
		t.Converted = nil
		if *p.Converted != (ticket.Ref{}) {
			t.Converted = new(*p.Converted)
		}
	}
	t.Fields = patchFields(t.Fields, p.Fields)
	return w.applyStatus(p)
}

func (w *write) applyStatus(p ticket.Patch) error {
	if p.Status == nil || *p.Status == w.after.Status {
		return nil
	}
	if err := w.mayLeave(); err != nil {
		return err
	}
	if err := w.closingNote(*p.Status, p.Note); err != nil {
		return err
	}
	return w.setStatus(*p.Status)
}

// mayLeave refuses customers who would reopen what is closed to them.
func (w *write) mayLeave() error {
	if !w.actor.IsCustomer() {
		return nil
	}
	return policy.Reopening(w.settings(), w.after)
}

// closingNote refuses staff who close without saying how the matter was settled, where the settings ask for that (R06).
func (w *write) closingNote(code, note string) error {
	st, _ := w.conf.Status(code)
	closes := st.Class.Done() && !w.after.Class.Done()
	if closes && w.settings().RequireClosingNote && w.actor.Kind == ticket.ActorStaff && strings.TrimSpace(note) == "" {
		return ticket.Invalid("note", ticket.FaultRequired, "is needed to close a ticket: say how it was settled")
	}
	return nil
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

func patchFields(old map[string]string, patch map[string]*string) map[string]string {
	if len(patch) == 0 {
		return old
	}
	out := maps.Clone(old)
	if out == nil {
		out = map[string]string{}
	}
	for code, v := range patch {
		if v == nil || *v == "" {
			delete(out, code)
		} else {
			out[code] = *v
		}
	}
	return out
}

// checkPatch checks a patch on the ticket in w.after.
func (w *write) checkPatch(p ticket.Patch) error {
	var e ticket.ValidationError
	w.d.checkSets(&e, w.conf, p)
	if p.Department != nil || p.Brand != nil {
		w.conf.CheckPlace(&e, *orPtr(p.Brand, &w.after.Brand), *orPtr(p.Department, &w.after.Department))
	}
	w.checkFieldsPatch(&e, p)
	return e.Err()
}

// checkSets checks what a patch sets, but for brand, department and custom fields, whatever ticket it is for.
func (d *Desk) checkSets(e *ticket.ValidationError, conf *config, p ticket.Patch) {
	if p.Subject != nil {
		if strings.TrimSpace(*p.Subject) == "" {
			e.Add("subject", ticket.FaultRequired, "is empty: say in a few words what it is about")
		}
		e.CheckLine("subject", *p.Subject, d.cfg.Limits.Subject)
	}
	e.CheckText("note", p.Note, d.cfg.Limits.Body)
	if p.Status != nil {
		conf.CheckStatus(e, *p.Status)
	}
	if p.Priority != nil {
		conf.CheckPriority(e, *p.Priority)
	}
	if p.Folder != nil && !p.Folder.Valid() {
		e.Add("folder", ticket.FaultUnknown, "%q is no folder: use inbox, archive or spam", *p.Folder)
	}
	if p.Requester != nil {
		d.checkPerson(e, "requester", *p.Requester)
		if p.Requester.ID == "" && p.Requester.Email == "" {
			e.Add("requester", ticket.FaultRequired, "is unknown: give an id or an email address")
		}
	}
	d.checkLines(e, []named[string]{{"assignee", deref(p.Assignee)}, {"organisation", deref(p.Organisation)}, {"phone", deref(p.Phone)}, {"service", deref(p.Service)}})
	fields := map[string]string{}
	for k, v := range p.Fields {
		fields[k] = deref(v)
	}
	d.checkLists(e, deref(p.Participants), deref(p.Watchers), deref(p.Related), deref(p.Tags), fields)
}

func orPtr[T any](a, b *T) *T {
	if a != nil {
		return a
	}
	return b
}

func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
