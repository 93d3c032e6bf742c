package helpdesk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// The definitions of gateways. What a mailbox needs is the business of gateway/mailboxes; the desk sees to it that only
// those change it who may, that it is journalled, and that the catalogue has what it names.

// CheckGateways has Check run fn, which looks after the gateways that stand in the store, as AddCheck does. Errors:
// ticket.ErrExists for the second who does: the same would be told twice.
func (g Mail) CheckGateways(fn func(ctx context.Context) ([]Problem, error)) error {
	if !g.boxed.CompareAndSwap(false, true) {
		return fmt.Errorf("helpdesk: check gateways: %w: the desk has stored gateways", ticket.ErrExists)
	}
	g.AddCheck(fn)
	return nil
}

// MayConfigure refuses whoever may not change the configuration. Errors: ticket.ErrNoActor; ticket.ErrForbidden.
func (g Mail) MayConfigure(ctx context.Context) error {
	ctx, actor, err := g.enter(ctx)
	if err == nil {
		err = g.mayAtAll(ctx, actor, ActConfigure)
	}
	return failed("configure", err)
}

// PutGateway stores the definition of a gateway, a document of which the desk reads what ticket.Gateway has, and returns
// its new version. It is stored if its version is still the given one: 0 is that of a new one, and store.AnyVersion stands
// for all. Errors: ticket.ErrNoActor; ticket.ErrForbidden; ticket.ErrConflict; ticket.ErrInvalid for what the catalogue
// does not have.
func (g Mail) PutGateway(ctx context.Context, doc []byte, version int64) (stored int64, err error) {
	var in ticket.Gateway
	malformed := json.Unmarshal(doc, &in)
	what := "gateway/" + in.Code
	err = g.configure(ctx, func(ctx context.Context, w *write) error {
		if malformed != nil {
			return ticket.Invalid("", ticket.FaultMalformed, "is no definition of a gateway: %v", malformed)
		}
		if err := w.expectVersion(ctx, kindGateway, in.Code, version); err != nil {
			return err
		}
		var e ticket.ValidationError
		checkEntry(&e, in.Code, in.Name)
		if w.conf.CheckGateway(&e, in); e.Err() != nil {
			return e.Err()
		}
		stored, err = w.putDefinition(ctx, kindGateway, in.Code, doc, what)
		return err
	})
	return stored, failed("put "+what, err)
}

// expectVersion refuses to replace what is not as the caller knows it.
func (w *write) expectVersion(ctx context.Context, kind, code string, version int64) error {
	at, err := w.versionOf(ctx, kind, code)
	switch {
	case err != nil:
		return err
	case version == 0 && at != 0:
		return fmt.Errorf("%w (there is one of this code already: change that, or save any version)", ticket.ErrConflict)
	case version != store.AnyVersion && at != version:
		return fmt.Errorf("%w (version %d, yours %d)", ticket.ErrConflict, at, version)
	}
	return nil
}

// putDefinition stores a definition and returns its version.
func (w *write) putDefinition(ctx context.Context, kind, code string, doc []byte, what string) (int64, error) {
	if err := w.putConfig(ctx, kind, code, doc, ticket.EventCatalog, what); err != nil {
		return 0, err
	}
	return w.versionOf(ctx, kind, code)
}

// DeleteGateway removes the definition of a gateway. Tickets keep its name. Errors: as PutGateway; ticket.ErrNotFound.
func (g Mail) DeleteGateway(ctx context.Context, code string) error {
	what := "gateway/" + code
	return failed("delete "+what, g.configure(ctx, func(ctx context.Context, w *write) error {
		return w.putConfig(ctx, kindGateway, code, nil, ticket.EventCatalog, what)
	}))
}

// versionOf is the version of a record; 0 where there is none.
func (w *write) versionOf(ctx context.Context, kind, key string) (int64, error) {
	rec, err := w.tx.Record(ctx, kind, key)
	if errors.Is(err, ticket.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return rec.Version, nil
}

// Usable is what a ticket can be opened with that comes through a gateway: what is asked for as far as the catalogue has
// it, and else what the settings say, so that nothing which is set up wrong stops a mail. It asks for no rights. Errors: ticket.ErrNoActor;
// ticket.ErrStopped; the store's own.
func (g Mail) Usable(ctx context.Context, gateway string, o ticket.Opening) (ticket.Opening, error) {
	conf, err := g.mailConfig(ctx)
	if err != nil {
		return o, failed("place a mail", err)
	}
	return conf.Usable(o, gateway), nil
}

// EmptySubject stands in for the subject of a mail that has none, and that opens a ticket there (R10). It asks for no
// rights. Errors: as Usable.
func (g Mail) EmptySubject(ctx context.Context, gateway string, o ticket.Opening) (string, error) {
	conf, err := g.mailConfig(ctx)
	if err != nil {
		return "", failed("place a mail", err)
	}
	brand, department := conf.PlaceFor(o.Brand, o.Department, gateway)
	return conf.Settings(brand, department, gateway).EmptySubject, nil
}

func (g Mail) mailConfig(ctx context.Context) (*config, error) {
	ctx, _, err := g.enter(ctx)
	if err != nil {
		return nil, err
	}
	return g.confOf(ctx)
}
