package main

import (
	"crypto/md5"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// report is one line of -json. What is absent is none; a report on a mail has its flags always, one on a body never.
type report struct {
	File           string       `json:"file"`
	Degraded       *bool        `json:"degraded,omitempty"`
	FromEmail      string       `json:"from_email,omitempty"`
	FromName       string       `json:"from_name,omitempty"`
	Subject        string       `json:"subject,omitempty"`
	MessageID      string       `json:"message_id,omitempty"`
	Date           string       `json:"date,omitempty"`
	To             []string     `json:"to,omitempty"`
	Cc             []string     `json:"cc,omitempty"`
	ReplyTo        []string     `json:"reply_to,omitempty"`
	InReplyTo      []string     `json:"in_reply_to,omitempty"`
	References     []string     `json:"references,omitempty"`
	BodyText       string       `json:"body_text,omitempty"`
	BodyHTML       string       `json:"body_html,omitempty"`
	Reply          string       `json:"reply,omitempty"`
	Quoted         string       `json:"quoted,omitempty"`
	Signature      string       `json:"signature,omitempty"`
	Attachments    []attachment `json:"attachments,omitempty"`
	Kind           gateway.Kind `json:"kind,omitempty"`
	MayAutoRespond *bool        `json:"may_auto_respond,omitempty"`
	MayReopen      *bool        `json:"may_reopen,omitempty"`
	Bounce         *bounce      `json:"bounce,omitempty"`
	DMARC          string       `json:"dmarc,omitempty"`
	Spam           *bool        `json:"spam,omitempty"`
	Forwarded      *forwarded   `json:"forwarded,omitempty"`
	TicketCodes    []string     `json:"ticket_codes,omitempty"`
	Evidence       []string     `json:"evidence,omitempty"`
	Error          string       `json:"error,omitempty"`

	problems []string // for people
	list     string
}

type attachment struct {
	Filename  string `json:"filename"`
	MIMEType  string `json:"mime_type"`
	Size      int    `json:"size"`
	MD5       string `json:"md5,omitempty"` // none of a file over the limit, which is not kept
	ContentID string `json:"content_id,omitempty"`
	Inline    bool   `json:"inline"`
}

type bounce struct {
	Recipient         string `json:"recipient,omitempty"`
	Action            string `json:"action,omitempty"`
	Status            string `json:"status,omitempty"`
	Diagnostic        string `json:"diagnostic,omitempty"`
	OriginalMessageID string `json:"original_message_id,omitempty"`
}

type forwarded struct {
	FromEmail string `json:"from_email"`
	FromName  string `json:"from_name,omitempty"`
	Subject   string `json:"subject,omitempty"`
}

// reportMail reads one mail.
func reportMail(file string, raw []byte, now time.Time) report {
	m := gateway.Read(raw, now, nil)
	n := gateway.Classify(m, gateway.NaturePolicy{})
	r := report{
		File: file, Degraded: &m.Degraded, FromName: m.From.Name, Subject: m.Subject,
		To: emails(m.To), Cc: emails(m.Cc), ReplyTo: emails(m.ReplyTo), InReplyTo: m.InReplyTo, References: m.References,
		BodyHTML: gateway.Sanitize(m.HTML, nil).HTML, Kind: n.Kind, MayAutoRespond: &n.MayAutoRespond, MayReopen: &n.MayReopen,
		DMARC: gateway.Authentication(m, []string{gateway.EveryServer}).DMARC, TicketCodes: codes(m), Evidence: n.Evidence,
		problems: m.Problems, list: n.List,
	}
	if !m.FromUnknown {
		r.FromEmail = m.From.Email
	}
	if !m.MessageIDDerived {
		r.MessageID = m.MessageID
	}
	if !m.DateClamped {
		r.Date = m.Date.Format(time.RFC3339)
	}
	r.fold(m.Text, m.Folds())
	for _, a := range m.Attachments {
		r.Attachments = append(r.Attachments, newAttachment(a))
	}
	if b := n.Bounce; b != nil {
		r.Bounce = &bounce{b.Recipient, b.Action, b.Status, b.Diagnostic, b.OriginalMessageID}
	}
	if inner, ok := gateway.Forwarded(m); ok {
		r.Forwarded = &forwarded{inner.From.Email, inner.From.Name, inner.Subject}
	}
	spam, why := gateway.SpamVerdict(m)
	if r.Spam = &spam; spam {
		r.Evidence = append(r.Evidence, why)
	}
	return r
}

func newAttachment(a gateway.Attachment) attachment {
	out := attachment{Filename: a.Filename, MIMEType: a.MediaType, Size: a.Size, ContentID: a.ContentID, Inline: a.Inline}
	if !a.Omitted {
		sum := md5.Sum(a.Data)
		out.MD5 = hex.EncodeToString(sum[:])
	}
	return out
}

func emails(list []gateway.Address) []string {
	var out []string
	for _, a := range list {
		out = append(out, a.Email)
	}
	return out
}

// codes are the ticket codes in subject and body. A desk looks each candidate up; here there is none, so of the
// numbered form only those count that bear the default prefix or stand in brackets: "ISO-9001" is no ticket.
func codes(m *gateway.Mail) []string {
	formats := ticket.Codes{ticket.RandomCode{}, ticket.NumberCode{}}
	var out []string
	for _, text := range []string{m.Subject, m.Text} {
		for _, code := range formats.Find(text) {
			marked := strings.Contains(strings.ToUpper(text), "[#"+code+"]")
			if !slices.Contains(out, code) && (marked || ownCode.MatchString(code)) {
				out = append(out, code)
			}
		}
	}
	return out
}

var ownCode = regexp.MustCompile(`^(?:[A-Z]{3}-[0-9]{3}-[0-9]{5}|TCK-[0-9]+)$`)
