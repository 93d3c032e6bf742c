package notify

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync/atomic"

	"github.com/helpdeskgo/helpdesk/internal/record"
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
	broken  error // of those that cannot be used
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
	set, broken := t.base.With(stored, s.Fields) // without those that are broken, as by a field that was deleted
	if broken != nil {
		n.log.WarnContext(ctx, "stored templates cannot be used: those below them are", "error", broken)
	}
	t.held.Store(&heldTemplates{version, set, broken})
	return set, nil
}

// trouble says which of the stored templates cannot be used.
func (t *templates) trouble() error {
	if h := t.held.Load(); h != nil {
		return h.broken
	}
	return nil
}

func (h *heldTemplates) orNil() *template.Set {
	if h == nil {
		return nil
	}
	return h.set
}

// codeOf is the code of a stored template in the catalogue.
func codeOf(k template.Kind, brand, locale string) string {
	return strings.ToLower(string(k) + "." + brand + "." + locale)
}

// PutTemplate stores a template in the place of the library's and the host's, for one brand and locale or, where those are
// empty, for all; Disabled has nothing of its kind sent (M24). It holds from the next letter on, in every process.
// Errors: ticket.ErrNoActor; ticket.ErrForbidden without the right to configure; ticket.ErrInvalid for a variable that
// nobody knows, with its line and column, and whatever else is no template.
func (n *Notifier) PutTemplate(ctx context.Context, t template.Stored) error {
	return failed("put template "+codeOf(t.Kind, t.Brand, t.Locale), n.putTemplate(ctx, t))
}

func (n *Notifier) putTemplate(ctx context.Context, t template.Stored) error {
	if err := n.desk.MayConfigure(ctx); err != nil {
		return err
	}
	s, err := n.desk.Surroundings(ctx, &ticket.Ticket{})
	if err != nil {
		return err
	}
	if err := n.templates.base.Check(t, s.Fields); err != nil {
		return err
	}
	doc, err := json.Marshal(t)
	if err != nil {
		return err
	}
	_, err = n.desk.PutDefinition(ctx, "template", codeOf(t.Kind, t.Brand, t.Locale), string(t.Kind), doc, store.AnyVersion)
	return err
}

// DeleteTemplate has what comes below it hold again. Errors: as PutTemplate; ticket.ErrNotFound.
func (n *Notifier) DeleteTemplate(ctx context.Context, k template.Kind, brand, locale string) error {
	code := codeOf(k, brand, locale)
	return failed("delete template "+code, n.desk.DeleteDefinition(ctx, "template", code))
}

// Templates lists those that are stored. Errors: ticket.ErrNoActor; ticket.ErrForbidden without the right to configure.
func (n *Notifier) Templates(ctx context.Context) (out []template.Stored, err error) {
	if err = n.desk.MayConfigure(ctx); err == nil {
		err = n.store.View(ctx, func(ctx context.Context, x store.Reader) error {
			out = nil
			return record.ReadAll(ctx, x, kindTemplate, "", &out)
		})
	}
	return out, failed("list templates", err)
}

// Preview renders a template that need not be stored, as a letter about a message would be: of a real ticket, to its
// requester or, where the kind is for staff, to who asks. Nothing is sent, and links with a token lead nowhere. Errors: as PutTemplate; ticket.ErrNotFound.
func (n *Notifier) Preview(ctx context.Context, t template.Stored, messageID int64) (template.Rendered, error) {
	r, err := n.preview(ctx, t, messageID)
	return r, failed("preview template "+codeOf(t.Kind, t.Brand, t.Locale), err)
}

func (n *Notifier) preview(ctx context.Context, t template.Stored, messageID int64) (template.Rendered, error) {
	none := template.Rendered{}
	if err := n.desk.MayConfigure(ctx); err != nil {
		return none, err
	}
	m, err := n.desk.Message(ctx, messageID)
	if err != nil {
		return none, err
	}
	tk, err := n.desk.Ticket(ctx, m.TicketID)
	if err != nil {
		return none, err
	}
	l := &Letter{Ticket: tk.ID, Message: m.ID, Kind: t.Kind, Channel: Mail, Role: Requester, To: tk.Requester, From: n.o.From}
	f := &gathered{preview: true, ticket: tk, message: m, person: tk.Requester, email: tk.Requester.Email, staff: t.Kind.ForStaff()}
	if by, _ := ticket.ActorFrom(ctx); f.staff && by.Kind == ticket.ActorStaff {
		l.Agent, f.person, f.email = by.ID, by.Person(), by.Email
	}
	if err := errors.Join(n.dress(system(ctx), l, f), n.gatherRecent(system(ctx), l, f)); err != nil {
		return none, err
	}
	facts, err := n.facts(system(ctx), l, f)
	if err != nil {
		return none, err
	}
	return n.templates.base.Preview(t, facts)
}
