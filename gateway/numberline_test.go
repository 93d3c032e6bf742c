package gateway_test

import (
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestNumberLines(t *testing.T) {
	t.Parallel()
	lines := []string{"## Ticket number: {code}", "## Ticketnummer: {code}", "Votre demande n° {code} a été reçue", "{code} är ditt ärendenummer", "番号:{code}"}
	for name, c := range map[string]struct{ body, want string }{
		"as it is":              {"hello\n\n## Ticket number: TCK-123\n", "TCK-123"},
		"quoted, twice":         {"hello\n> > ## Ticket number: TCK-123\n", "TCK-123"},
		"in another language":   {"hallo\n> ## Ticketnummer: vep-728-96190\n", "VEP-728-96190"},
		"with text behind it":   {"bonjour\n> Votre demande n° TCK-9 a été reçue le 3 mai.\n", "TCK-9"},
		"the code first":        {"hej\n> TCK-9 är ditt ärendenummer\n", "TCK-9"},
		"without blanks":        {"> 番号：TCK-9\n", "TCK-9"},
		"without its strokes":   {"Ticket number: TCK-123\n", "TCK-123"},
		"no-break spaces":       {"##\u00a0Ticket\u00a0number:\u00a0TCK-123\n", "TCK-123"},
		"but a number":          {"## Ticket number: 4711\n", "4711"},
		"the topmost first":     {"> ## Ticket number: TCK-2\n> > ## Ticket number: TCK-1\n> ## Ticket number: TCK-2\n", "TCK-2 TCK-1"},
		"not within a sentence": {"you said ## Ticket number: TCK-123\n", ""},
		"not in other words":    {"## Ticket code: TCK-123\n", ""},
		"not without a number":  {"## Ticket number: unknown\n", ""},
		"not in the subject":    {"hello\n", ""},
	} {
		t.Run("R11 a ticket-number line, "+name, func(t *testing.T) {
			t.Parallel()
			m := gateway.Read([]byte("From: ann@example.com\r\nSubject: Ticket number: TCK-99\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"+c.body), received, nil)
			var got []string
			for _, cited := range gateway.NumberLines(m, ticket.Codes{ticket.RandomCode{}, ticket.NumberCode{}}, lines) {
				if cited.By != gateway.ByNumberLine {
					t.Errorf("%+v", cited)
				}
				got = append(got, cited.Value)
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	t.Run("R11 a ticket-number line finds the ticket for whom it concerns, in every language, and only where it is configured", func(t *testing.T) {
		t.Parallel()
		i := newPolicy(t, gateway.Options{NumberLines: lines})
		i.box.add(letter(ann, "1@example.com", "Help", "", "please"))
		id := i.only(t, gateway.Opened).TicketID
		quoted := "again\n\n> ## Ticketnummer: " + i.code(t, id)
		i.box.add(letter(ann, "2@example.com", "Re: Help", "", quoted))
		if o := i.only(t, gateway.Answered); o.TicketID != id || o.By != gateway.ByNumberLine {
			t.Errorf("%+v", o)
		}
		i.box.add(letter("eve@evil.example", "3@evil.example", "Re: Help", "", quoted))
		if o := i.only(t, gateway.Noted); o.TicketID != id {
			t.Errorf("a stranger: %+v", o)
		}
		off := newPolicy(t, gateway.Options{})
		off.box.add(letter(ann, "1@example.com", "Help", "", "please"))
		id = off.only(t, gateway.Opened).TicketID
		off.box.add(letter(ann, "2@example.com", "Re: Help", "", "again\n\n> ## Ticket number: "+off.code(t, id)))
		off.only(t, gateway.Opened)
	})
	t.Run("R11 the subject's code goes before the line, and a Message-ID before both", func(t *testing.T) {
		t.Parallel()
		i := newPolicy(t, gateway.Options{NumberLines: lines})
		for _, id := range []string{"1", "2", "3"} {
			i.box.add(letter(ann, id+"@example.com", "Help", "", "please"))
		}
		out := i.poll(t)
		line := "again\n## Ticket number: " + i.code(t, out[2].TicketID)
		subject := "Re: [#" + i.code(t, out[1].TicketID) + "]"
		i.box.add(letter(ann, "4@example.com", subject, "", line), letter(ann, "5@example.com", subject, "In-Reply-To: <1@example.com>\n", line))
		next := i.poll(t)
		if next[0].TicketID != out[1].TicketID || next[1].TicketID != out[0].TicketID {
			t.Errorf("%+v", next)
		}
	})
	t.Run("R11 a form without a place for the code, or without words, is refused", func(t *testing.T) {
		t.Parallel()
		i := newInbox(t, nil)
		for _, bad := range []string{"## Ticket number:", "#{code}", "{code} or {code}"} {
			if _, err := gateway.New("x", i.Mail(), i.Store, &gateway.Options{NumberLines: []string{bad}}); err == nil || !strings.Contains(err.Error(), "number_lines[0]") {
				t.Errorf("%q: %v", bad, err)
			}
		}
	})
}
