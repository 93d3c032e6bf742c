package mailboxes

import (
	"crypto/x509"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Bounds of what a definition may say.
const (
	mostText     = 1000    // bytes of a line
	mostNotes    = 10_000  // bytes
	mostPEM      = 100_000 // bytes
	mostList     = 500     // entries
	mostDays     = 3650
	mostInterval = 24 * time.Hour
)

// check says what is wrong with a definition by itself: the catalogue is asked by the desk. The definition is filled.
func (d Definition) check(e *ticket.ValidationError) {
	d.checkServer(e)
	d.checkLogin(e)
	d.checkDone(e)
	d.checkPolicy(e)
	for _, l := range []struct{ field, text string }{{"user", d.User}, {"folder", d.Folder}, {"move_to", d.MoveTo}, {"no_subject", d.NoSubject}, {"sent_by", d.SentBy}} {
		e.CheckLine(l.field, l.text, mostText)
	}
	if len(d.Notes) > mostNotes {
		e.Add("notes", ticket.FaultTooLong, "has %d bytes: at most %d are kept", len(d.Notes), mostNotes)
	}
	if len(d.Addresses) == 0 {
		e.Add("addresses", ticket.FaultRequired, "is empty: give the address of the mailbox, so that the desk knows its own mail")
	}
	checkList(e, "addresses", d.Addresses)
	checkList(e, "servers", d.Servers)
	checkList(e, "allow", d.Allow)
	checkList(e, "markers", d.Markers)
	checkList(e, "contact_forms", d.ContactForms)
	checkList(e, "number_lines", d.NumberLines)
	if d.Interval < 0 || d.Interval > 0 && time.Duration(d.Interval) < time.Second || time.Duration(d.Interval) > mostInterval {
		e.Add("interval", ticket.FaultOutOfRange, "must be from 1s to 24h, or 0 for the usual one")
	}
	if d.FetchLimit < 0 {
		e.Add("fetch_limit", ticket.FaultOutOfRange, "is negative: 0 takes all mails")
	}
	if d.Participants < 0 || d.Participants > mostList {
		e.Add("participants", ticket.FaultOutOfRange, "must be from 0 to %d", mostList)
	}
}

func checkList(e *ticket.ValidationError, field string, list []string) {
	if len(list) > mostList {
		e.Add(field, ticket.FaultTooMany, "has %d entries: at most %d are kept", len(list), mostList)
		return
	}
	for _, s := range list {
		if strings.TrimSpace(s) == "" {
			e.Add(field, ticket.FaultRequired, "has an empty entry: take it out")
		}
		e.CheckLine(field, s, mostText)
	}
}

// among adds that a text is none of those that it may be.
func among[T ~string](e *ticket.ValidationError, field string, v T, list ...T) {
	if slices.Contains(list, v) {
		return
	}
	var names []string
	for _, l := range list {
		if l != "" { // which means the default
			names = append(names, string(l))
		}
	}
	e.Add(field, ticket.FaultUnknown, "%q is none of %s", v, strings.Join(names, ", "))
}

func (d Definition) checkServer(e *ticket.ValidationError) {
	among(e, "protocol", d.Protocol, IMAP, POP3)
	among(e, "security", d.Security, TLS, StartTLS, NoTLS)
	switch {
	case d.Host == "":
		e.Add("host", ticket.FaultRequired, "is empty: give the name of the mail server, as imap.example.com")
	case strings.ContainsAny(d.Host, "/ @[]\t\r\n\x00") || strings.Contains(d.Host, ":") && net.ParseIP(d.Host) == nil || len(d.Host) > 253:
		e.Add("host", ticket.FaultMalformed, "%.100q is no name of a server: give it alone, and the port in port", d.Host)
	}
	if d.Port < 0 || d.Port > 65535 {
		e.Add("port", ticket.FaultOutOfRange, "must be from 1 to 65535, or 0 for the usual one")
	}
	switch {
	case d.Security == NoTLS && (d.Unchecked || d.Authority != ""):
		e.Add("security", ticket.FaultConflicting, "without TLS there is no certificate: leave certificates_unchecked and authority out")
	case d.Unchecked && d.Authority != "":
		e.Add("certificates_unchecked", ticket.FaultConflicting, "does not go with authority, by which they are checked: leave one out")
	case len(d.Authority) > mostPEM:
		e.Add("authority", ticket.FaultTooLong, "has %d bytes: at most %d are kept", len(d.Authority), mostPEM)
	case d.Authority != "" && !x509.NewCertPool().AppendCertsFromPEM([]byte(d.Authority)):
		e.Add("authority", ticket.FaultMalformed, "holds no certificate in PEM, as one that begins with -----BEGIN CERTIFICATE-----")
	}
}

// checkLogin leaves to Save whether there is a secret: that may be stored.
func (d Definition) checkLogin(e *ticket.ValidationError) {
	if d.User == "" {
		e.Add("user", ticket.FaultRequired, "is empty: give the name to log in with, often the address of the mailbox")
	}
	if d.Protocol == POP3 && strings.ContainsAny(d.User, " \t") {
		e.Add("user", ticket.FaultMalformed, "has a blank, which POP3 cannot have")
	}
	checkSecret(e, "password", d.Password)
	o := d.OAuth
	if o == nil {
		return
	}
	if d.Password.text != "" {
		e.Add("password", ticket.FaultConflicting, "does not go with oauth: leave one out")
	}
	if u, err := url.Parse(o.TokenURL); err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		e.Add("oauth.token_url", ticket.FaultMalformed, "is no https URL, as https://oauth2.googleapis.com/token is one")
	}
	if o.ClientID == "" {
		e.Add("oauth.client_id", ticket.FaultRequired, "is empty: give the id of the application at the token server")
	}
	e.CheckLine("oauth.token_url", o.TokenURL, mostText)
	e.CheckLine("oauth.client_id", o.ClientID, mostText)
	checkSecret(e, "oauth.client_secret", o.ClientSecret)
	checkSecret(e, "oauth.refresh_token", o.RefreshToken)
	checkList(e, "oauth.scopes", o.Scopes)
	if o.AppOnly && !o.RefreshToken.IsZero() {
		e.Add("oauth.refresh_token", ticket.FaultConflicting, "does not go with app_only, which needs none: leave one out")
	}
}

func checkSecret(e *ticket.ValidationError, field string, s Secret) {
	switch {
	case strings.ContainsAny(s.text, "\r\n\x00"):
		e.Add(field, ticket.FaultMalformed, "has a line break: no server takes that")
	case len(s.text) > mostNotes:
		e.Add(field, ticket.FaultTooLong, "has %d bytes: at most %d are kept", len(s.text), mostNotes)
	}
}

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (d Definition) checkDone(e *ticket.ValidationError) {
	among(e, "done", d.Done, Keep, Flag, Move, Delete)
	if d.Protocol == POP3 {
		if d.Folder != "" {
			e.Add("folder", ticket.FaultConflicting, "POP3 has no folders: leave it empty, or use IMAP")
		}
		if d.Done == Flag || d.Done == Move {
			e.Add("done", ticket.FaultConflicting, "POP3 can keep or delete: use one of these, or IMAP")
		}
	}
	switch folder := strings.TrimSpace(d.MoveTo); {
	case d.Done == Move && folder == "":
		e.Add("move_to", ticket.FaultRequired, "is empty: name the folder to move mails to")
	case d.Done == Move && (folder == d.Folder || d.Folder == "" && strings.EqualFold(folder, "INBOX")):
		e.Add("move_to", ticket.FaultConflicting, "is the folder that mails are fetched from: name another one")
	case d.Done != Move && folder != "":
		e.Add("move_to", ticket.FaultConflicting, "goes with done: move only")
	}
	if d.DoneAfter < 0 || d.DoneAfter > mostDays {
		e.Add("done_after_days", ticket.FaultOutOfRange, "must be from 0 to %d", mostDays)
	}
}

func (d Definition) checkPolicy(e *ticket.ValidationError) {
	among(e, "strangers", d.Strangers, "", gateway.StrangersNote, gateway.StrangersOpen, gateway.StrangersRefuse)
	among(e, "newcomers", d.Newcomers, "", gateway.NewcomersAccept, gateway.NewcomersMembers, gateway.NewcomersHold, gateway.NewcomersRefuse, gateway.NewcomersIgnore)
	among(e, "sent", d.Sent, gateway.SentNone, gateway.SentAnswers, gateway.SentAll)
	for _, f := range d.ContactForms {
		if !strings.Contains(f, "@") {
			e.Add("contact_forms", ticket.FaultMalformed, "%q is no address: write it as form@example.com, or @example.com for all of a domain", f)
		}
	}
}
