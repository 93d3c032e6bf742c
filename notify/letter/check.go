package letter

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// How long an address may be (RFC 5321, 4.5.3.1).
const (
	maxLocal   = 64
	maxAddress = 254
)

// Check says what is wrong with a letter, field by field. Errors: ticket.ErrInvalid.
func (l *Letter) Check() error {
	var e ticket.ValidationError
	checkAddress(&e, "from", l.From)
	lists := []struct {
		name string
		list []Address
	}{{"reply_to", l.ReplyTo}, {"to", l.To}, {"cc", l.Cc}}
	for _, x := range lists {
		for i, a := range x.list {
			checkAddress(&e, fmt.Sprintf("%s[%d]", x.name, i), a)
		}
	}
	if len(l.To)+len(l.Cc) == 0 {
		e.Add("to", ticket.FaultRequired, "a mail needs somebody that it is for")
	}
	if l.Date.IsZero() {
		e.Add("date", ticket.FaultRequired, "a mail needs a date")
	}
	if !proper(l.MessageID) {
		e.Add("message_id", ticket.FaultMalformed, "%q is no Message-ID: it is one of ASCII, with an @, and without angle brackets", l.MessageID)
	}
	if l.Automatic != "" && l.Automatic != Generated && l.Automatic != Replied {
		e.Add("automatic", ticket.FaultUnknown, "%q is neither %s nor %s", l.Automatic, Generated, Replied)
	}
	if l.Text == "" && l.HTML == "" {
		e.Add("text", ticket.FaultRequired, "a mail needs a text, or HTML")
	}
	l.checkFields(&e)
	for i, f := range l.Files {
		if f.Open == nil {
			e.Add(fmt.Sprintf("files[%d].open", i), ticket.FaultRequired, "nothing opens %q", f.Name)
		}
		if f.ContentID != "" && !proper(f.ContentID) {
			e.Add(fmt.Sprintf("files[%d].content_id", i), ticket.FaultMalformed, "%q is no Content-ID", f.ContentID)
		}
	}
	return e.Err()
}

func (l *Letter) checkFields(e *ticket.ValidationError) {
	for i, f := range l.Header {
		at := fmt.Sprintf("header[%d]", i)
		if f.Name == "" || strings.ContainsFunc(f.Name, func(r rune) bool { return r <= ' ' || r == ':' || r > '~' }) {
			e.Add(at+".name", ticket.FaultMalformed, "%q is no name of a header field", f.Name)
		}
		if own(f.Name) {
			e.Add(at+".name", ticket.FaultNotAllowed, "%s is written from the letter itself", f.Name)
		}
		if f.Value == "" || strings.ContainsFunc(f.Value, func(r rune) bool { return r < ' ' || r > '~' }) {
			e.Add(at+".value", ticket.FaultMalformed, "%s holds something else than printable ASCII, or nothing", f.Name)
		}
	}
}

// own reports whether a field is one that a Letter has a place for.
func own(name string) bool {
	switch strings.ToLower(name) {
	case "from", "sender", "reply-to", "to", "cc", "bcc", "subject", "date", "message-id", "in-reply-to", "references",
		"auto-submitted", "x-auto-response-suppress", "mime-version", "return-path", "received", "dkim-signature":
		return true
	}
	return strings.HasPrefix(strings.ToLower(name), "content-")
}

func checkAddress(e *ticket.ValidationError, field string, a Address) {
	if _, err := Envelope(a.Email); err != nil {
		e.Add(field, ticket.FaultMalformed, "%v", err)
	}
}

// Envelope returns an address as SMTP takes it: its domain in ASCII (RFC 5891). The part before the @ stays as it is, and
// needs SMTPUTF8 (RFC 6531) where it is not ASCII: see ASCII. The error says what is no address about it.
func Envelope(email string) (string, error) {
	at := strings.LastIndexByte(email, '@')
	if at < 1 || at == len(email)-1 {
		return "", fmt.Errorf("%q is no mail address", email)
	}
	local, domain := email[:at], email[at+1:]
	odd := func(r rune) bool {
		return r == utf8.RuneError || unicode.IsControl(r) || unicode.IsSpace(r) || strings.ContainsRune(`<>()[]:;,"\@`, r) || unicode.Is(unicode.Cf, r)
	}
	if strings.ContainsFunc(local, odd) || strings.HasPrefix(local, ".") || strings.HasSuffix(local, ".") || strings.Contains(local, "..") {
		return "", fmt.Errorf("%q is no mail address that can be written to: letters, digits and a few signs stand before the @", email)
	}
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil || !strings.Contains(ascii, ".") && ascii != "localhost" || strings.Contains(ascii, "..") {
		return "", fmt.Errorf("%q is no mail address: %q is no domain", email, domain)
	}
	if len(local) > maxLocal || len(local)+1+len(ascii) > maxAddress {
		return "", fmt.Errorf("%q is longer than a mail address may be: %d bytes before the @, %d in all (RFC 5321, 4.5.3.1)", email, maxLocal, maxAddress)
	}
	return local + "@" + ascii, nil
}

// ASCII reports whether every server takes the text, also without SMTPUTF8.
func ASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

// NeedsUTF8 reports whether an address of the letter can only go to a server that offers SMTPUTF8.
func (l *Letter) NeedsUTF8() bool {
	for _, list := range [][]Address{{l.From}, l.ReplyTo, l.To, l.Cc} {
		for _, a := range list {
			if local, _, _ := strings.Cut(a.Email, "@"); !ASCII(local) {
				return true
			}
		}
	}
	return false
}

// proper reports whether s can stand between the angle brackets of an id.
func proper(s string) bool {
	at := strings.IndexByte(s, '@')
	return at > 0 && at < len(s)-1 && len(s) <= maxID && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || r == '<' || r == '>' })
}

// maxID is how long an id may be: it must fit a line (RFC 5322, 2.1.1).
const maxID = 900
