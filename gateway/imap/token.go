package imap

import (
	"errors"
	"fmt"

	goimap "github.com/emersion/go-imap/v2"

	"github.com/helpdeskgo/helpdesk/internal/bearer"
)

// errNoToken says that there was no token to log in with: not the server's fault, and worth a retry.
var errNoToken = errors.New("no access token could be had")

// login logs in, by a token where there is a source of them.
func (s *session) login(token string) error {
	if s.config.Token == nil {
		return s.client.Login(s.config.Username, s.config.Password).Wait()
	}
	e, err := bearer.New(s.config.Username, s.config.Address, token, func(m string) bool { return s.client.Caps().Has(goimap.AuthCap(m)) })
	if err != nil {
		return fmt.Errorf("%w: %w", ErrAuthentication, err)
	}
	exchange := &exchange{Exchange: e}
	err = s.client.Authenticate(exchange)
	if err != nil && exchange.told != "" { // what follows a refusal is NO, or the complaint that we answered it
		return fmt.Errorf("%w: %s: %w", ErrAuthentication, exchange.told, err)
	}
	return err
}

// exchange is the login as go-imap takes it.
type exchange struct {
	bearer.Exchange
	told string
}

func (e *exchange) Start() (mechanism string, initial []byte, err error) {
	return e.Mechanism, []byte(e.Initial), nil
}

func (e *exchange) Next(challenge []byte) ([]byte, error) {
	e.told = bearer.Reason(challenge)
	return []byte(e.Last), nil
}
