package gateway_test

import (
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/internal/mark"
	"github.com/helpdeskgo/helpdesk/internal/token"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// marks are those of a desk that is no desk, and foreign those of another one.
var marks, foreign = mark.Keys{Ring: token.Ring{}.Rotate(), Instance: "i-1"}, mark.Keys{Ring: token.Ring{}.Rotate(), Instance: "i-2"}

// marked are the marks of a mail about ticket 7 to an address.
func marked(k mark.Keys, to string) ticket.Marks {
	m, err := k.Mark(ticket.Mark{TicketID: 7, MessageID: 8, Number: 9, To: ticket.RecipientOf(7, to)}, "support@desk.example")
	if err != nil {
		panic(err)
	}
	return m
}

// tampered is a mark with another letter in its signed part.
func tampered(s string) string {
	i := strings.Index(s, "@") - 20
	if i < 0 {
		i = len(s) - 20
	}
	other := "a"
	if s[i] == 'a' {
		other = "b"
	}
	return s[:i] + other + s[i+1:]
}

func TestMarks(t *testing.T) {
	t.Parallel()
	own := marked(marks, "ann@example.com")
	for name, c := range map[string]struct {
		lines []string
		text  string
		want  string // how the ticket is cited, the most trustworthy first
	}{
		"X11 in the address that it is sent to":          {[]string{"To: Help <" + own.Address + ">"}, "x", "address_mark"},
		"X11 in another case":                            {[]string{"Cc: " + strings.ToUpper(own.Address)}, "x", "address_mark"},
		"X11 in what the server says of the recipient":   {[]string{"To: support@desk.example", "Delivered-To: " + own.Address}, "x", "address_mark"},
		"X11 in X-Original-To":                           {[]string{"X-Original-To: " + own.Address}, "x", "address_mark"},
		"X11 in Envelope-To":                             {[]string{"Envelope-To: <" + own.Address + ">"}, "x", "address_mark"},
		"X11 in In-Reply-To":                             {[]string{"In-Reply-To: <" + own.MessageID + ">"}, "x", "own_message_id"},
		"X11 in References, with others":                 {[]string{"References: <" + own.MessageID + "> <1@x.example>"}, "x", "own_message_id references"},
		"M41 in the text that it quotes":                 {nil, "Yes.\r\n\r\n> " + own.Code, "hidden_code"},
		"X11 all of them":                                {[]string{"To: " + own.Address, "In-Reply-To: <" + own.MessageID + ">"}, own.Code, "address_mark own_message_id"},
		"X11 of another desk: an id like any other":      {[]string{"In-Reply-To: <" + marked(foreign, "ann@example.com").MessageID + ">"}, "x", "in_reply_to"},
		"X11 changed: refused, not taken for a stranger": {[]string{"In-Reply-To: <" + tampered(own.MessageID) + ">"}, "x", ""},
		"X11 changed, in the address":                    {[]string{"To: " + tampered(own.Address)}, "x", ""},
		"X11 changed, in the text":                       {nil, tampered(own.Code), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var by []string
			for _, c := range gateway.Citations(read(headed(c.text, c.lines...)), nil, marks) {
				by = append(by, string(c.By))
				if c.By.Marked() && (c.Mark.TicketID != 7 || !c.Mark.GivenTo("Ann@Example.com") || c.Mark.GivenTo("bob@example.com")) {
					t.Errorf("the mark says %+v", c.Mark)
				}
			}
			if got := strings.Join(by, " "); got != c.want {
				t.Errorf("cited by %q, want %q", got, c.want)
			}
		})
	}
	t.Run("M41 in HTML, whatever a mail program takes out of it", func(t *testing.T) {
		t.Parallel()
		attributes, text := own.HTML, own.HTML
		attributes = attributes[:strings.Index(attributes, ">")+1] + "</div>"
		text = "<div>" + text[strings.Index(text, ">")+1:]
		comment := text[strings.Index(text, "<!--"):strings.Index(text, "</div>")]
		renamed := strings.ReplaceAll(attributes, `class="`, `class="m_-8812`)
		for _, html := range []string{own.HTML, attributes, text, comment, renamed} {
			m := read([]byte("From: ann@example.com\r\nContent-Type: text/html\r\n\r\n<p>Yes</p><blockquote>" + html + "</blockquote>"))
			if list := gateway.Citations(m, nil, marks); len(list) != 1 || list[0].By != gateway.ByHiddenCode {
				t.Errorf("%s: cited as %v", html, list)
			}
		}
	})
}
