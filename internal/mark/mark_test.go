package mark_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/internal/mark"
	"github.com/helpdeskgo/helpdesk/internal/token"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var keys = mark.Keys{Ring: token.Ring{}.Rotate(), Instance: "i"}

func TestMark(t *testing.T) {
	t.Parallel()
	t.Run("X11 what is written is read, in every place", func(t *testing.T) {
		t.Parallel()
		for _, m := range []ticket.Mark{
			{TicketID: 1},
			{TicketID: 7, MessageID: 8, Number: 9, To: ticket.RecipientOf(7, "ann@example.com")},
			{TicketID: math.MaxInt64, MessageID: math.MaxInt64, Number: math.MaxInt64, To: ticket.RecipientOf(1, "x")},
		} {
			out, err := keys.Mark(m, "support@desk.example")
			if err != nil {
				t.Fatal(err)
			}
			if got, err := keys.ReadMark(mark.InID(out.MessageID)); err != nil || got != m {
				t.Errorf("%+v in %s: %+v, %v", m, out.MessageID, got, err)
			}
			short := ticket.Mark{TicketID: m.TicketID, To: m.To}
			for where, list := range map[string][]string{"text": mark.InText("> " + out.Code + "."), "HTML": mark.InText(out.HTML)} {
				if len(list) != 1 {
					t.Errorf("in %s: %v", where, list)
				} else if got, err := keys.ReadMark(list[0]); err != nil || got != short {
					t.Errorf("in %s: %+v, %v", where, got, err)
				}
			}
			if m.TicketID == math.MaxInt64 {
				continue
			}
			got, err := keys.ReadMark(mark.InAddress(strings.ToUpper(out.Address)))
			if err != nil || got != short || mark.Base(out.Address) != "support@desk.example" {
				t.Errorf("in %s: %+v, %v", out.Address, got, err)
			}
		}
	})
	t.Run("X11 an address has its mark as long as there is room", func(t *testing.T) {
		t.Parallel()
		m := ticket.Mark{TicketID: 2_000_000, To: ticket.RecipientOf(2_000_000, "ann@example.com")}
		for local, fits := range map[string]bool{"support": true, "customer-care-de": true, "customer-service": true, "customer-services": false, "orders+shop": true, strings.Repeat("x", 64): false} {
			out, err := keys.Mark(m, local+"@desk.example")
			if err != nil || (out.Address != "") != fits {
				t.Errorf("%s: %q, %v", local, out.Address, err)
			}
			if at := strings.IndexByte(out.Address, '@'); at > 64 {
				t.Errorf("%s: %d characters before the @", local, at)
			}
		}
	})
	t.Run("X11 the same mail has the same marks, and each its own", func(t *testing.T) {
		t.Parallel()
		id := func(n int64, to string) string {
			out, err := keys.Mark(ticket.Mark{TicketID: 7, Number: n, To: ticket.RecipientOf(7, to)}, "s@desk.example")
			if err != nil {
				t.Fatal(err)
			}
			return out.MessageID
		}
		if id(1, "a@x") != id(1, "A@x") || id(1, "a@x") == id(2, "a@x") || id(1, "a@x") == id(1, "b@x") {
			t.Error("ids are not those of the mails")
		}
		if ticket.RecipientOf(7, "a@x") == ticket.RecipientOf(8, "a@x") {
			t.Error("a recipient can be followed from ticket to ticket")
		}
		if (ticket.Mark{TicketID: 7}).GivenTo("") {
			t.Error("nobody was given something")
		}
	})
	t.Run("X11 forged is not unknown", func(t *testing.T) {
		t.Parallel()
		out, _ := keys.Mark(ticket.Mark{TicketID: 7}, "s@desk.example")
		sealed := mark.InID(out.MessageID)
		for i := range sealed {
			other := "a"
			if sealed[i] == 'a' {
				other = "b"
			}
			want := ticket.ErrForbidden
			if i < 7 || i == len(sealed)-1 { // the id of the key, or a bit that stands for nothing
				want = ticket.ErrNotFound
			}
			_, err := keys.ReadMark(sealed[:i] + other + sealed[i+1:])
			if err == nil || i != 6 && i != len(sealed)-1 && !errors.Is(err, want) {
				t.Errorf("letter %d: %v, want %v", i, err, want)
			}
		}
		for _, s := range []string{"", "x", strings.Repeat("a", 47), strings.Repeat("1", 47), strings.Repeat("a", 1000)} {
			if _, err := keys.ReadMark(s); !errors.Is(err, ticket.ErrNotFound) {
				t.Errorf("%q: %v", s, err)
			}
		}
		if _, err := (mark.Keys{}).ReadMark(sealed); !errors.Is(err, ticket.ErrNotFound) {
			t.Errorf("without a key: %v", err)
		}
	})
	t.Run("X11 marks are taken out of texts, and nothing else is", func(t *testing.T) {
		t.Parallel()
		out, _ := keys.Mark(ticket.Mark{TicketID: 7, To: ticket.RecipientOf(7, "b@x")}, "s@desk.example")
		for text, want := range map[string]string{
			"": "", "plain hd- and +hd text": "plain hd- and +hd text", out.Code: "", "a " + out.Code + " b " + out.Address + " c": "a  b s@desk.example c",
			"hd-hd-": "hd-hd-", "x" + out.Code: "x",
		} {
			if got := mark.Strip(text); got != want {
				t.Errorf("%q became %q, want %q", text, got, want)
			}
		}
		if left := mark.Strip(out.HTML); strings.Contains(left, out.Code) || !strings.HasPrefix(left, "<div ") {
			t.Errorf("%s", left)
		}
	})
	t.Run("X11 bad input is told", func(t *testing.T) {
		t.Parallel()
		for _, c := range []struct {
			k    mark.Keys
			m    ticket.Mark
			from string
		}{
			{keys, ticket.Mark{}, "s@desk.example"}, {keys, ticket.Mark{TicketID: 1, Number: -1}, "s@desk.example"}, {mark.Keys{}, ticket.Mark{TicketID: 1}, "s@desk.example"},
			{keys, ticket.Mark{TicketID: 1}, ""}, {keys, ticket.Mark{TicketID: 1}, "desk.example"}, {keys, ticket.Mark{TicketID: 1}, "a@"}, {keys, ticket.Mark{TicketID: 1}, "a@b\r\nBcc: x@y"},
		} {
			if out, err := c.k.Mark(c.m, c.from); !errors.Is(err, ticket.ErrInvalid) || out != (ticket.Marks{}) {
				t.Errorf("%+v from %q: %+v, %v", c.m, c.from, out, err)
			}
		}
	})
}

// FuzzRead: whatever stands in a mail, nothing but what was written is a mark.
func FuzzRead(f *testing.F) {
	m := ticket.Mark{TicketID: 7, MessageID: 8, To: ticket.RecipientOf(7, "ann@example.com")}
	out, err := keys.Mark(m, "support@desk.example")
	if err != nil {
		f.Fatal(err)
	}
	genuine := map[string]bool{strings.ToLower(mark.InID(out.MessageID)): true, mark.InAddress(out.Address): true}
	for _, s := range []string{out.MessageID, out.Address, out.Code, out.HTML, "hd-" + strings.Repeat("hd-", 50), "a+hd" + strings.Repeat("a", 60) + "@x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, sealed := range append(mark.InText(s), mark.InID(s), mark.InAddress(s), s) {
			got, err := keys.ReadMark(sealed)
			if err == nil && !genuine[strings.ToLower(sealed)] {
				t.Errorf("%q is read as %+v", sealed, got)
			}
			if err == nil && got.TicketID != 7 {
				t.Error(fmt.Sprint(got))
			}
		}
		if base := mark.Base(s); mark.InAddress(s) == "" && base != s {
			t.Errorf("%q became %q", s, base)
		}
	})
}
