package mailboxes

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Save stores a definition, a new one or one that was read and changed, and returns it as it is stored. Every Run notices.
// Secrets that it does not hold stay as they are, unless somebody else would get to see them: where the server, the user or
// the protection changes they must be given again, and access by OAuth 2.0 be granted again.
//
// Errors: ticket.ErrNoActor; ticket.ErrForbidden; ticket.ErrConflict, unless Version is that of what is stored, or
// AnyVersion; ticket.ErrInvalid, as a ticket.ValidationError that names each field as JSON does.
func (s *Set) Save(ctx context.Context, d Definition) (Definition, error) {
	if err := s.desk.MayConfigure(ctx); err != nil {
		return d, failed("save "+d.Code, err)
	}
	var out Definition
	err := s.store.Update(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		out, err = s.save(ctx, tx, d.filled())
		return err
	})
	if err != nil {
		return d, failed("save "+d.Code, err)
	}
	s.wake()
	return out, nil
}

func (s *Set) save(ctx context.Context, tx store.Tx, d Definition) (Definition, error) {
	var e ticket.ValidationError
	d.check(&e)
	s.checkLines(&e, d)
	old, err := read(ctx, tx, d.Code)
	if err != nil && !errors.Is(err, ticket.ErrNotFound) {
		return d, err
	}
	v, err := readVault(ctx, tx, d.Code)
	if err != nil {
		return d, err
	}
	k := keeping{ctx: ctx, set: s, e: &e, old: old, next: &d, vault: v}
	k.passwords()
	doc, err := d.document()
	if err != nil {
		return d, err
	}
	version, err := s.desk.PutGateway(ctx, doc, d.Version)
	if err := together(&e, err); err != nil {
		return d, err
	}
	if err := k.store(tx); err != nil {
		return d, err
	}
	if version != old.Version { // what was wrong may be right now
		if err := s.resume(ctx, d); err != nil {
			return d, err
		}
	}
	return parsed(&store.Record{Key: d.Code, Doc: doc, Version: version})
}

// checkLines adds what the gateway itself has against the lines that are looked for in mails.
func (s *Set) checkLines(e *ticket.ValidationError, d Definition) {
	var wrong *ticket.ValidationError
	if _, err := s.gateway(d); !errors.As(err, &wrong) {
		return
	}
	for _, f := range wrong.Fields {
		if strings.HasPrefix(f.Field, "number_lines") {
			f.Field = "number_lines"
			e.Fields = append(e.Fields, f)
		}
	}
}

func (s *Set) resume(ctx context.Context, d Definition) error {
	g, err := s.gateway(d)
	if err != nil {
		return err
	}
	return g.Resume(ctx)
}

// document is what is stored: no secret is in it.
func (d Definition) document() ([]byte, error) {
	d.Version = 0 // the store counts
	return json.Marshal(d)
}

// together is what the definition itself and the catalogue have against it.
func together(e *ticket.ValidationError, err error) error {
	var more *ticket.ValidationError
	switch {
	case e.Err() == nil:
		return err
	case errors.As(err, &more):
		e.Fields = append(e.Fields, more.Fields...)
	case err != nil:
		return err
	}
	return e.Err()
}

// Delete removes a gateway, its secrets and what was granted to it. Its tickets stay, and so does what is in its
// quarantine. Errors: ticket.ErrNoActor; ticket.ErrForbidden; ticket.ErrNotFound; ticket.ErrInvalid while mails that were
// fetched wait to become messages: make it inactive first, and they do.
func (s *Set) Delete(ctx context.Context, code string) error {
	err := s.desk.MayConfigure(ctx)
	if err == nil {
		err = s.store.Update(ctx, func(ctx context.Context, tx store.Tx) error { return s.delete(ctx, tx, code) })
	}
	if err == nil {
		s.wake()
	}
	return failed("delete "+code, err)
}

func (s *Set) delete(ctx context.Context, tx store.Tx, code string) error {
	d, err := read(ctx, tx, code)
	if err != nil {
		return err
	}
	g, err := s.gateway(d)
	if err != nil {
		return err
	}
	st, err := g.Status(ctx)
	if err != nil {
		return err
	}
	if st.Waiting > 0 {
		return ticket.Invalid("code", ticket.FaultInUse, "%d mails that were fetched wait to become messages: make the gateway inactive, and delete it when they are", st.Waiting)
	}
	if err := s.desk.DeleteGateway(ctx, code); err != nil {
		return err
	}
	if err := s.forget(ctx, d); err != nil {
		return err
	}
	return tx.DeleteRecord(ctx, kindVault, code)
}

// Grant keeps a refresh token for a gateway: the first one, or another after the access was taken back. The host gets it
// where the mailbox's owner agrees (RFC 6749, section 4.1). Errors: as Save.
func (s *Set) Grant(ctx context.Context, code, refreshToken string) error {
	d, err := s.Definition(ctx, code)
	if err != nil {
		return err
	}
	if d.OAuth == nil || refreshToken == "" {
		return failed("grant "+code, ticket.Invalid("oauth.refresh_token", ticket.FaultNotAllowed, "is empty, or the gateway logs in with a password"))
	}
	d.OAuth.RefreshToken = NewSecret(refreshToken)
	_, err = s.Save(ctx, d)
	return err
}

// wake has Run look at once.
func (s *Set) wake() {
	select {
	case s.changed <- struct{}{}:
	default: // it is told already
	}
}
