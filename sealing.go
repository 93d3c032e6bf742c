package helpdesk

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Encrypted bodies (W32). Inside the desk a message is clear, and is sealed on its way into the store: both bodies as
// one text in Body, with Sealed set. What comes out of the store is opened for those who read it, and stays as it is for
// those who only put it back: Sealed says which of the two one has. A message that is moved to another ticket must be
// opened there and put clear, for its place is part of the seal.

// messagePlace is what a message's seal is bound to.
func messagePlace(m *ticket.Message) string { return fmt.Sprintf("message/%d/%d", m.TicketID, m.ID) }

// bodies are what is sealed.
type bodies struct {
	Body string `json:"body"`
	HTML string `json:"html,omitempty"`
}

// checkSealer refuses what should be encrypted where nothing can.
func (d *Desk) checkSealer(e *ticket.ValidationError, encrypted bool) {
	if encrypted && d.cfg.Sealer == nil {
		e.Add("encrypted", ticket.FaultUnavailable, "needs a key: set Config.Sealer")
	}
}

// seal returns bodies as one text.
func (d *Desk) seal(ctx context.Context, place string, b bodies) (string, error) {
	if d.cfg.Sealer == nil {
		return "", ticket.Invalid("encrypted", ticket.FaultUnavailable, "needs a key: set Config.Sealer")
	}
	plain, err := json.Marshal(b)
	if err != nil {
		return "", err
	}
	sealed, err := d.cfg.Sealer.Seal(ctx, plain, []byte(place))
	if err != nil {
		return "", fmt.Errorf("seal a body: %w", err)
	}
	return base64.StdEncoding.EncodeToString(sealed), nil
}

// unseal returns what seal was given. Errors: ticket.ErrSealed; ctx.Err().
func (d *Desk) unseal(ctx context.Context, place, text string) (b bodies, err error) {
	if d.cfg.Sealer == nil {
		return b, fmt.Errorf("%w: Config.Sealer is not set", ticket.ErrSealed)
	}
	sealed, err := base64.StdEncoding.DecodeString(text)
	if err == nil {
		var plain []byte
		if plain, err = d.cfg.Sealer.Open(ctx, sealed, []byte(place)); err == nil {
			err = json.Unmarshal(plain, &b)
		}
	}
	switch {
	case err == nil:
		return b, nil
	case ctx.Err() != nil:
		return bodies{}, ctx.Err()
	case errors.Is(err, ticket.ErrSealed):
		return bodies{}, err
	}
	return bodies{}, fmt.Errorf("%w: %w", ticket.ErrSealed, err)
}

// sealed returns a message as it goes into the store.
func (d *Desk) sealed(ctx context.Context, m *ticket.Message) (*ticket.Message, error) {
	if !m.Encrypted || m.Sealed {
		return m, nil
	}
	c := *m
	if c.Body == "" && c.HTMLBody == "" {
		return m, nil
	}
	var err error
	if c.Body, err = d.seal(ctx, messagePlace(m), bodies{m.Body, m.HTMLBody}); err != nil {
		return nil, err
	}
	c.HTMLBody, c.Sealed = "", true
	return &c, nil
}

// openMessage makes a message from the store clear, in place. Where that cannot be done its bodies are empty and Sealed
// stays. Errors: ticket.ErrSealed; ctx.Err().
func (d *Desk) openMessage(ctx context.Context, m *ticket.Message) error {
	if !m.Sealed {
		return nil
	}
	text := m.Body
	m.Body, m.HTMLBody, m.Sealed = "", "", text != ""
	if text == "" { // deleted since
		return nil
	}
	b, err := d.unseal(ctx, messagePlace(m), text)
	if err == nil {
		m.Body, m.HTMLBody, m.Sealed = b.Body, b.HTML, false
	}
	return err
}

// openEach is openMessage for lists, which one message that cannot be opened does not spoil: the log says why.
func (d *Desk) openEach(ctx context.Context, list []*ticket.Message) error {
	for _, m := range list {
		err := d.openMessage(ctx, m)
		if err != nil && ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			d.log(ctx, "an encrypted message cannot be read", "message", m.ID, "error", err)
		}
	}
	return nil
}

// clear returns a message for a guard, which sees what the write does.
func (d *Desk) clear(ctx context.Context, m *ticket.Message) *ticket.Message {
	if m == nil || !m.Sealed {
		return m
	}
	c := m.Clone()
	_ = d.openMessage(ctx, c) // a message that cannot be opened says so itself
	return c
}
