package helpdesk

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/helpdeskgo/helpdesk/internal/identity"
	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// ExportOptions tune Export. The zero value gives a customer what they could see themselves.
type ExportOptions struct {
	Internal bool // notes, messages to third parties, hidden custom fields and working time, too
	NoFiles  bool // names of attachments, and not their contents
}

// Export writes all that the desk has of a person, given by id, by address, or both, as a ZIP archive (X13): person.json
// with their entries in the directory, tickets/<code>.json with each of their tickets and its messages, and the
// attachments under files/<code>/. Deleted tickets and old versions of messages are not in it. Errors:
// ticket.ErrNoActor; ticket.ErrForbidden without the right to keep people, on the whole desk, and for who does not see
// every ticket; ticket.ErrInvalid for nobody; those of w.
func (p People) Export(ctx context.Context, who ticket.Person, w io.Writer, opts *ExportOptions) error {
	if w == nil {
		return failed("export person", ticket.Invalid("w", ticket.FaultRequired, "is nil: give a writer"))
	}
	if opts == nil {
		opts = &ExportOptions{}
	}
	return failed("export person", p.d.export(ctx, who, w, *opts))
}

func (d *Desk) export(ctx context.Context, who ticket.Person, w io.Writer, opts ExportOptions) error {
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return err
	}
	if err := errors.Join(d.mayAtAll(ctx, actor, ActPeople), d.seesAll(ctx, actor)); err != nil {
		return err
	}
	x, err := d.identity(ctx, who)
	if err != nil {
		return err
	}
	ids, err := d.ticketsOf(ctx, x)
	if err != nil {
		return err
	}
	z := zip.NewWriter(w)
	if err := d.exportPerson(ctx, z, x); err != nil {
		return err
	}
	for _, id := range ids {
		if err := d.exportTicket(ctx, z, id, x, opts); err != nil {
			return fmt.Errorf("ticket %d: %w", id, err)
		}
	}
	return z.Close()
}

func (d *Desk) exportPerson(ctx context.Context, z *zip.Writer, x *identity.Profile) error {
	out := struct {
		IDs       []string          `json:"ids"`
		Emails    []string          `json:"emails"`
		Names     []string          `json:"names"`
		Customers []ticket.Customer `json:"customers,omitempty"`
	}{IDs: x.IDs, Emails: x.Emails, Names: x.Names()}
	conf, err := d.confOf(ctx)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, id := range x.IDs {
		c, err := d.customerByID(ctx, conf, id)
		if errors.Is(err, ticket.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if !seen[c.ID] {
			seen[c.ID], out.Customers = true, append(out.Customers, c)
		}
	}
	return zipJSON(z, "person.json", out)
}

// exportedTicket is what tickets/<code>.json holds.
type exportedTicket struct {
	Ticket   *ticket.Ticket     `json:"ticket"`
	Messages []*ticket.Message  `json:"messages"`
	Ratings  []ticket.Rating    `json:"ratings,omitempty"`
	Time     []ticket.TimeEntry `json:"time,omitempty"` // with ExportOptions.Internal
}

func (d *Desk) exportTicket(ctx context.Context, z *zip.Writer, id int64, x *identity.Profile, opts ExportOptions) error {
	reader := ticket.System("helpdesk")
	t, err := d.read(ctx, reader, id)
	if errors.Is(err, ticket.ErrNotFound) || (err == nil && t.DeletedAt != nil) {
		return nil
	}
	if err != nil {
		return err
	}
	out := exportedTicket{Ticket: t}
	q := ticket.MessageQuery{Limit: ticket.MaxPage}
	if !opts.Internal {
		out.Ticket = d.shownTo(ctx, x, t)
		q.Kinds = publicKinds(nil)
	}
	for {
		list, err := d.Messages(ticket.WithActor(ctx, reader), id, q)
		if err != nil {
			return err
		}
		for _, m := range list {
			author := m.Author
			if veil(m, opts.Internal); author.IsCustomer() && x.Is(author.Person()) {
				m.Author = author // where they wrote from is theirs to know
			}
			q.AfterSeq = m.Seq
		}
		out.Messages = append(out.Messages, list...)
		if len(list) < ticket.MaxPage {
			break
		}
	}
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		out.Ratings, out.Time = nil, nil
		if err := record.ReadAll(ctx, r, kindRating, record.ID(id), &out.Ratings); err != nil || !opts.Internal {
			return err
		}
		return record.ReadAll(ctx, r, kindTime, record.ID(id), &out.Time)
	})
	if err != nil {
		return err
	}
	if err := zipJSON(z, "tickets/"+t.Code+".json", out); err != nil {
		return err
	}
	if opts.NoFiles {
		return nil
	}
	return d.exportFiles(ctx, z, t.Code, out.Messages)
}

// shownTo is a ticket as the person could see it, with where they wrote it from, and with the number of the one that it
// continues where that is theirs, too.
func (d *Desk) shownTo(ctx context.Context, x *identity.Profile, t *ticket.Ticket) *ticket.Ticket {
	out := d.show(ctx, ticket.Actor{Kind: ticket.ActorClient}, t)
	if x.Is(t.Requester) {
		out.IP, out.UserAgent, out.OriginURL = t.IP, t.UserAgent, t.OriginURL
	}
	if t.LinkedTo == 0 {
		return out
	}
	from, err := d.read(ctx, ticket.System("helpdesk"), t.LinkedTo)
	if err == nil && from.DeletedAt == nil && (x.Is(from.Requester) || slices.ContainsFunc(from.Participants, x.Is)) {
		out.LinkedTo = t.LinkedTo
	}
	return out
}

func (d *Desk) exportFiles(ctx context.Context, z *zip.Writer, code string, messages []*ticket.Message) error {
	for _, m := range messages {
		for i, f := range m.Files {
			if f.Blob == "" {
				continue
			}
			if err := d.exportFile(ctx, z, fmt.Sprintf("files/%s/%d-%d %s", code, m.Seq, i+1, f.Name), f.Blob); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *Desk) exportFile(ctx context.Context, z *zip.Writer, name, blob string) error {
	r, err := d.openBlob(ctx, blob)
	if errors.Is(err, ticket.ErrNotFound) {
		return nil // its time was up while we wrote
	}
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	w, err := z.Create(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return err
}

// seesAll refuses who does not see every ticket.
func (d *Desk) seesAll(ctx context.Context, actor ticket.Actor) error {
	s, err := d.scope(ctx, actor)
	if err == nil && (!s.All || s.Only != 0) {
		err = fmt.Errorf("%w: it is for who sees every ticket", ticket.ErrForbidden)
	}
	return err
}

func zipJSON(z *zip.Writer, name string, v any) error {
	w, err := z.Create(name)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
