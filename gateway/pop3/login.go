package pop3

import (
	"context"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk/internal/bearer"
)

// enter connects and logs in; with another token where the server refuses the one that it is given, if there is another.
func enter(ctx context.Context, cfg *Config) (*conn, error) {
	c, used, err := enterAs(ctx, cfg, "")
	if err == nil {
		return c, nil
	}
	next, err := cfg.anew(ctx, used, err)
	if next == "" {
		return nil, err
	}
	c, _, err = enterAs(ctx, cfg, next)
	return c, err
}

// enterAs is enter with a token, or, of none, with the one that is asked for. used is that one.
func enterAs(ctx context.Context, cfg *Config, token string) (c *conn, used string, err error) {
	c, err = dial(ctx, cfg)
	if err != nil {
		return nil, "", err
	}
	c.token = token
	if err := c.login(cfg); err != nil {
		c.close()
		return nil, c.token, failure(phaseLogin, err)
	}
	return c, c.token, nil
}

// anew returns the token that comes in the place of one that the server has refused. Where there is none, err is why the
// login has failed.
func (c *Config) anew(ctx context.Context, used string, refused error) (token string, err error) {
	if used == "" || c.Refused == nil || !errors.Is(refused, ErrAuthentication) {
		return "", refused
	}
	c.Refused(used)
	if token, err = c.ask(ctx); err != nil {
		return "", failure(phaseLogin, err)
	}
	if token == used {
		return "", refused
	}
	return token, nil
}

// ask asks for a token.
func (c *Config) ask(ctx context.Context) (string, error) {
	token, err := c.Token(ctx)
	if err != nil {
		err = fmt.Errorf("%w: no access token could be had: %w", ErrNetwork, err) // worth a retry, unless it says that nothing is granted
	}
	return token, err
}

// bearer logs in with a token.
func (c *conn) bearer(cfg *Config) (err error) {
	if c.token == "" {
		if c.token, err = cfg.ask(c.ctx); err != nil {
			return err
		}
	}
	e, err := bearer.New(cfg.Username, cfg.Address, c.token, c.caps.mechanism)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrAuthentication, err)
	}
	return c.auth(cfg.Timeouts.Command, mechanism{name: e.Mechanism, initial: e.Initial, last: e.Last})
}
