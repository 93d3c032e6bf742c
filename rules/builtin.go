package rules

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// builtin makes the actions known that every desk has (M57).
func (r *Rules) builtin() {
	r.setCode("set_status", "sets the status, by its code", (*Setup).StatusCodes, func(p *ticket.Patch, v *string) { p.Status = v })
	r.setCode("set_priority", "sets the priority, by its code", (*Setup).PriorityCodes, func(p *ticket.Patch, v *string) { p.Priority = v })
	r.setCode("set_department", "transfers the ticket to the department of that code; an agent who would not see it there has it no more", (*Setup).DepartmentCodes, func(p *ticket.Patch, v *string) { p.Department = v })
	r.setCode("set_brand", "has the ticket belong to the brand of that code", (*Setup).BrandCodes, func(p *ticket.Patch, v *string) { p.Brand = v })
	AddAction(r, Action[string]{
		Name: "set_owner", Doc: "assigns the ticket to the agent of that id; empty means nobody",
		Agents: func(agent string) []string { return []string{agent} },
		Set:    func(a *Acting, agent string) error { a.Patch.Assignee = &agent; return nil },
	})
	r.tagActions()
	r.folderActions()
	AddAction(r, Action[map[string]string]{
		Name: "set_fields", Doc: "gives custom fields values, by code; an empty value clears",
		Check: checkFields,
		Set: func(a *Acting, fields map[string]string) error {
			if a.Patch.Fields == nil {
				a.Patch.Fields = map[string]*string{}
			}
			for code, value := range fields {
				a.Patch.Fields[code] = &value
			}
			return nil
		},
	})
	r.messageActions()
	r.hostActions()
	r.assignActions()
	r.dueActions()
	for _, a := range r.actions {
		a.ours = true
	}
}

// setCode makes an action known that sets a property to an entry of the catalogue.
func (r *Rules) setCode(name, doc string, codes func(*Setup) []string, set func(*ticket.Patch, *string)) {
	AddAction(r, Action[string]{
		Name: name, Doc: doc,
		Check: func(code string, s *Setup) error { return known(name[len("set_"):], code, codes(s)) },
		Set:   func(a *Acting, code string) error { set(&a.Patch, &code); return nil },
	})
}

func checkFields(fields map[string]string, s *Setup) error {
	if len(fields) == 0 {
		return errors.New("names no field")
	}
	for code, value := range fields {
		f, ok := s.Field(code)
		if !ok {
			return known("custom field", code, codes(s.Fields, func(f ticket.Field) string { return f.Code }))
		}
		if _, wrong := f.Normal(value); value != "" && wrong != nil {
			return fmt.Errorf("%s: %s", code, wrong.Message)
		}
	}
	return nil
}

func (r *Rules) tagActions() {
	check := func(tags []string, _ *Setup) error {
		if len(tags) == 0 || slices.Contains(tags, "") {
			return errors.New("wants a list of tags")
		}
		return nil
	}
	change := func(a *Acting, fn func(have []string) []string) error {
		have := a.Ticket.Tags
		if a.Patch.Tags != nil {
			have = *a.Patch.Tags
		}
		have = fn(slices.Clone(have))
		a.Patch.Tags = &have
		return nil
	}
	AddAction(r, Action[[]string]{
		Name: "add_tags", Doc: "adds tags", Check: check,
		Set: func(a *Acting, tags []string) error {
			return change(a, func(have []string) []string {
				for _, t := range tags {
					if !slices.Contains(have, t) {
						have = append(have, t)
					}
				}
				return have
			})
		},
	})
	AddAction(r, Action[[]string]{
		Name: "remove_tags", Doc: "removes tags", Check: check,
		Set: func(a *Acting, tags []string) error {
			return change(a, func(have []string) []string {
				return slices.DeleteFunc(have, func(t string) bool { return slices.Contains(tags, t) })
			})
		},
	})
}

func (r *Rules) folderActions() {
	for _, f := range []struct {
		name, doc string
		folder    ticket.Folder
	}{
		{"archive", "moves the ticket to the archive", ticket.Archive},
		{"spam", "moves the ticket to spam", ticket.Spam},
		{"restore", "moves the ticket back to the inbox", ticket.Inbox},
	} {
		AddAction(r, Action[struct{}]{Name: f.name, Doc: f.doc, Set: func(a *Acting, _ struct{}) error {
			a.Patch.Folder = &f.folder
			return nil
		}})
	}
}

// Text is what an action writes. Placeholders are those of Desk.Texts: a text may have the name of the customer.
type Text struct {
	Body   string        `json:"body"`
	Format ticket.Format `json:"format,omitempty"`
	Status string        `json:"status,omitempty"` // that a reply carries
}

func checkText(t Text, s *Setup) error {
	if t.Body == "" {
		return errors.New("body is empty")
	}
	if t.Status != "" {
		return known("status", t.Status, s.StatusCodes())
	}
	return nil
}

func ofText(t Text) []Text { return []Text{t} }

func (r *Rules) messageActions() {
	AddAction(r, Action[Text]{
		Name: "add_note", Doc: "adds an internal note", Check: checkText, Texts: ofText,
		Do: func(ctx context.Context, a *Acting, t Text) error {
			body, err := r.desk.ExpandForStaff(ctx, a.Ticket.ID, t.Body, t.Format)
			if err != nil {
				return err
			}
			_, err = r.desk.AddNote(ctx, a.Ticket.ID, ticket.ReplyDraft{Body: body, Format: t.Format, Status: t.Status})
			return err
		},
	})
	AddAction(r, Action[Text]{
		Name: "reply", Doc: "replies to the customer, but for a mail that no robot may answer", Check: checkText, Texts: ofText,
		Do: func(ctx context.Context, a *Acting, t Text) error {
			if why := unanswerable(a); why != "" {
				return fmt.Errorf("%w: %s", ErrUnanswerable, why)
			}
			body, err := r.desk.Expand(ctx, a.Ticket.ID, t.Body, t.Format)
			if err != nil {
				return err
			}
			_, err = r.desk.Reply(ctx, a.Ticket.ID, ticket.ReplyDraft{Body: body, Format: t.Format, Status: t.Status})
			return err
		},
	})
}

// ErrUnanswerable says that a rule did not reply because no robot may answer that mail (RFC 3834, 2), or because its
// sender has been told enough.
var ErrUnanswerable = errors.New("the mail may not be answered automatically")

func unanswerable(a *Acting) string {
	if a.Message == nil || a.Message.Mail == nil || a.Trigger == "" {
		return ""
	}
	switch m := a.Message.Mail; {
	case m.Automatic, m.Unanswerable:
		return "a robot wrote it"
	default:
		return m.Quiet
	}
}

func (r *Rules) hostActions() {
	AddAction(r, Action[Call]{
		Name: "call", Doc: "calls a function of the host (Options.Functions), after the transaction, until it succeeds",
		Check: func(c Call, _ *Setup) error { return r.knowsFunction(c.Function) },
		Outside: func(ctx context.Context, a *Acting, c Call) error {
			fn := r.functions[c.Function]
			if fn == nil {
				return r.knowsFunction(c.Function)
			}
			return fn(ctx, a, c.Args)
		},
	})
}

// Call is the configuration of the action "call".
type Call struct {
	Function string            `json:"function"`
	Args     map[string]string `json:"args,omitempty"`
}

// Function is one of the host's that rules may call. a.ID is the same for each try.
type Function func(ctx context.Context, a *Acting, args map[string]string) error

func (r *Rules) knowsFunction(name string) error {
	var all []string
	for n := range r.functions {
		all = append(all, n)
	}
	slices.Sort(all)
	return known("function of the host's", name, all)
}
