package helpdesk

import (
	"context"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Secrets that parts of the library keep in the store, as the keys that webhooks are signed with. Their first byte says how.
const (
	secretPlain  = 'p'
	secretSealed = 's'
)

// SealSecret returns a secret as it is kept in the store at a place of its own: encrypted where there is a Config.Sealer, and
// as it is where there is none. It asks for no rights. Errors: ticket.ErrNoActor; ticket.ErrStopped; the Sealer's.
func (g Automation) SealSecret(ctx context.Context, place string, secret []byte) ([]byte, error) {
	ctx, _, err := g.enter(ctx)
	if err != nil {
		return nil, failed("seal a secret", err)
	}
	if g.cfg.Sealer == nil {
		return append([]byte{secretPlain}, secret...), nil
	}
	sealed, err := g.cfg.Sealer.Seal(ctx, secret, []byte("secret/"+place))
	if err != nil {
		return nil, failed("seal a secret", err)
	}
	return append([]byte{secretSealed}, sealed...), nil
}

// OpenSecret returns the secret that SealSecret was given for that place, also where Config.Sealer was set since. It asks for
// no rights. Errors: ticket.ErrNoActor; ticket.ErrStopped; ticket.ErrSealed; ctx.Err().
func (g Automation) OpenSecret(ctx context.Context, place string, kept []byte) ([]byte, error) {
	ctx, _, err := g.enter(ctx)
	if err != nil {
		return nil, failed("open a secret", err)
	}
	switch {
	case len(kept) > 0 && kept[0] == secretPlain:
		return kept[1:], nil
	case len(kept) == 0 || kept[0] != secretSealed:
		return nil, failed("open a secret", fmt.Errorf("%w: it is nothing that SealSecret made", ticket.ErrSealed))
	case g.cfg.Sealer == nil:
		return nil, failed("open a secret", fmt.Errorf("%w: Config.Sealer is not set", ticket.ErrSealed))
	}
	secret, err := g.cfg.Sealer.Open(ctx, kept[1:], []byte("secret/"+place))
	if err == nil || ctx.Err() != nil {
		return secret, ctx.Err()
	}
	if !errors.Is(err, ticket.ErrSealed) {
		err = fmt.Errorf("%w: %w", ticket.ErrSealed, err)
	}
	return nil, failed("open a secret", err)
}
