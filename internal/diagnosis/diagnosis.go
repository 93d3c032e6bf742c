// Package diagnosis says why a mailbox is not reached, whatever protocol it speaks.
package diagnosis

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
)

// IsTLS reports whether an error is of TLS or of a certificate.
func IsTLS(err error) bool {
	var verification *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	return errors.As(err, &verification) || errors.As(err, &record) || errors.As(err, &alert) ||
		errors.As(err, &authority) || errors.As(err, &host) || errors.As(err, &invalid)
}

// Protocol is what a mailbox speaks, with the ports that are usual for it.
type Protocol struct {
	Name            string
	TLSPort, Plain  int
	Off             []string // what servers say where it is switched off for an account
	RefusesPassword []string // what servers say that may take no passwords
}

// Failure is an error, and what kind of one it is.
type Failure struct {
	Err                          error
	Authentication, TLS, Network bool
	Token                        bool // the login was by a token
}

// Advice names the likely cause.
func (p Protocol) Advice(f Failure) string {
	has := func(words ...string) bool {
		text := strings.ToLower(f.Err.Error())
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
	}
	var dns *net.DNSError
	switch {
	case f.Authentication:
		return p.login(f, has)
	case f.TLS && has("does not look like a tls handshake", "first record"):
		return fmt.Sprintf("there is no TLS at this port: use STARTTLS, or port %d", p.TLSPort)
	case f.TLS && has("certificate"):
		return "the certificate is not trusted or is for another name: use the name that it is for, or give its authority"
	case f.TLS:
		return "the connection could not be protected: check the port and how it is to be protected"
	case errors.As(f.Err, &dns) || has("no such host", "server misbehaving"):
		return "the host has no address: check its name"
	case has("refused"):
		return "nothing listens at this port: check the host and the port"
	case has("timeout", "in time", "unreachable", "deadline"):
		return fmt.Sprintf("no answer: check the host and the port (%d wants TLS from the first byte, %d does not), and what firewalls let through", p.TLSPort, p.Plain)
	case f.Network:
		return "the connection was lost or could not be made: try again"
	}
	return fmt.Sprintf("this is no %s server, or it is not well: check the port", p.Name)
}

// login is the advice where the server does not take the credentials.
func (p Protocol) login(f Failure, has func(...string) bool) string {
	switch {
	case has("application-specific", "app password", "application password"):
		return "the server wants a password made for this application: make an app password in the account's security settings"
	case has(p.Off...):
		return p.Name + " is switched off for this account: switch it on in its settings"
	case f.Token:
		return "the server refuses the token: check that it is for this mailbox and has the scope of " + p.Name
	case has(p.RefusesPassword...):
		return "the server may take no passwords any more: use a token of OAuth 2.0, or else check the user name and the password"
	}
	return fmt.Sprintf("check the user name and the password; some providers want an app password, or %s to be switched on", p.Name)
}
