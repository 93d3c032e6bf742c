// Package bearer writes what a mail client says to log in with an access token of OAuth 2.0, and reads what a server says
// of one that it refuses. It is pure.
package bearer

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
)

// The mechanisms of SASL that take a token.
const (
	OAuthBearer = "OAUTHBEARER" // RFC 7628
	XOAuth2     = "XOAUTH2"     // what Google and Microsoft had before it, and Microsoft still has alone
)

// ErrToken says that a token cannot be one.
var ErrToken = errors.New("the access token is empty or holds characters that no token has")

// Exchange is one login.
type Exchange struct {
	Mechanism string
	Initial   string // the first message
	Last      string // the answer to the server's reasons for a refusal, after which it refuses
}

// New prepares the login of a user at address (host:port), by the best mechanism that the server offers.
func New(user, address, token string, offers func(mechanism string) bool) (Exchange, error) {
	if token == "" || strings.ContainsAny(token, "\x00\x01\r\n") {
		return Exchange{}, ErrToken
	}
	if !offers(OAuthBearer) && offers(XOAuth2) {
		return Exchange{Mechanism: XOAuth2, Initial: "user=" + user + "\x01auth=Bearer " + token + "\x01\x01"}, nil
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return Exchange{}, err
	}
	name := strings.NewReplacer("=", "=3D", ",", "=2C").Replace(user)                                          // RFC 5801, section 4
	initial := fmt.Sprintf("n,a=%s,\x01host=%s\x01port=%s\x01auth=Bearer %s\x01\x01", name, host, port, token) // RFC 7628, section 3.1
	return Exchange{Mechanism: OAuthBearer, Initial: initial, Last: "\x01"}, nil
}

// Reason reads what a server says of a token that it refuses (RFC 7628, section 3.2.2). It is untrusted text.
func Reason(told []byte) string {
	var doc struct {
		Status string `json:"status"`
		Scope  string `json:"scope"`
	}
	if json.Unmarshal(told, &doc) != nil || doc.Status == "" {
		return string(told)
	}
	if doc.Scope != "" {
		return "status " + doc.Status + ", scope " + doc.Scope
	}
	return "status " + doc.Status
}
