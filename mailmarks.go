package helpdesk

import (
	"context"

	"github.com/helpdeskgo/helpdesk/internal/mark"
	"github.com/helpdeskgo/helpdesk/internal/token"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

const (
	// keyMail is what the keys of marks in mail are kept under.
	keyMail = "mail"
	// keyInstance is what the key is kept under that the desk's name in loop headers is made of. It never changes.
	keyInstance = "instance"
)

// Marker returns what writes and reads the marks of mail, with the keys as they are now. Errors: ticket.ErrNoActor;
// ticket.ErrStopped.
func (g Mail) Marker(ctx context.Context) (ticket.Marker, error) {
	ctx, _, err := g.enter(ctx)
	if err != nil {
		return nil, failed("read the keys of mail", err)
	}
	conf, err := g.confOf(ctx)
	if err != nil {
		return nil, failed("read the keys of mail", err)
	}
	return mark.Keys{Ring: conf.keys[keyMail], Instance: conf.keys[keyInstance].Instance()}, nil
}

// RotateKey makes a new key that signs the marks of mail from now on. Marks of the one before are read until the next
// rotation. What answers older mail is still known by the ids of the mails that it answers. Errors: ticket.ErrNoActor;
// ticket.ErrForbidden; ticket.ErrBusy.
func (g Mail) RotateKey(ctx context.Context) error {
	return failed("rotate the key of mail", g.changeKeys(ctx, keyMail, "rotated", token.Ring.Rotate))
}

// DropOldKey takes away the key before the one that signs, and with it every mark that it signed. After a leak of the key
// that signs, call RotateKey, then DropOldKey. Errors: as RotateKey.
func (g Mail) DropOldKey(ctx context.Context) error {
	return failed("drop the old key of mail", g.changeKeys(ctx, keyMail, "old key dropped", token.Ring.First))
}

// seededKeys are the keys that a store has from the beginning.
var seededKeys = []string{keyCursors, keyMail, keyInstance}

// seedKeys makes those that are missing.
func seedKeys(ctx context.Context, tx store.Tx, conf *config) (*config, error) {
	if conf.keyed() {
		return conf, nil
	}
	for _, purpose := range seededKeys {
		if len(conf.keys[purpose]) > 0 {
			continue
		}
		if err := putKeys(ctx, tx, purpose, 0, token.Ring{}.Rotate()); err != nil {
			return nil, err
		}
	}
	return loadConfig(ctx, tx)
}

func (c *config) keyed() bool {
	for _, purpose := range seededKeys {
		if len(c.keys[purpose]) == 0 {
			return false
		}
	}
	return true
}
