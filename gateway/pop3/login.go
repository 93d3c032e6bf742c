package pop3

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

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

// login proves who the user is, by the strongest means that both sides have.
func (c *conn) login(cfg *Config) error {
	limit := cfg.Timeouts.Command
	if err := c.capa(limit); err != nil {
		return err
	}
	if cfg.Token != nil {
		return c.bearer(cfg)
	}
	if c.caps.mechanism("PLAIN") {
		return c.auth(limit, mechanism{name: "PLAIN", initial: "\x00" + cfg.Username + "\x00" + cfg.Password})
	}
	if _, err := c.command(limit, "USER "+cfg.Username); err != nil {
		return err
	}
	_, err := c.command(limit, "PASS "+cfg.Password)
	return err
}

// mechanism is one of SASL whose first message is all. A server that goes on has refused it, says why, and waits for the
// last word.
type mechanism struct{ name, initial, last string }

// auth runs a mechanism (RFC 5034, section 4). A line of a command has at most 255 bytes: a longer message follows the
// server's invitation.
func (c *conn) auth(limit time.Duration, m mechanism) error {
	command, message := "AUTH "+m.name, base64.StdEncoding.EncodeToString([]byte(m.initial))
	if len(command)+1+len(message) <= 253 {
		command, message = command+" "+message, ""
	}
	if err := c.send(limit, command); err != nil {
		return err
	}
	why := ""
	for range 4 {
		line, err := c.line(limit)
		if err != nil {
			return err
		}
		invited := line == "+" || strings.HasPrefix(line, "+ ")
		if !invited {
			_, err := read(line)
			if err != nil && why != "" {
				err = fmt.Errorf("%w (%s)", err, why)
			}
			return err
		}
		if message == "" {
			message = base64.StdEncoding.EncodeToString([]byte(m.last))
			if told, err := base64.StdEncoding.DecodeString(strings.TrimSpace(strings.TrimPrefix(line, "+"))); err == nil {
				why = shortened(bearer.Reason(told))
			}
		}
		if err := c.send(limit, message); err != nil {
			return err
		}
		message = ""
	}
	return fmt.Errorf("%w: it asks without an end who we are", ErrProtocol)
}
