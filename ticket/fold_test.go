package ticket_test

import (
	"testing"

	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestFolds(t *testing.T) {
	t.Parallel()
	const text = "ja ü\n> q\n-- \nAnn\n"
	quoted := ticket.Fold{Kind: ticket.FoldQuoted, Start: 6, End: 10}
	signed := ticket.Fold{Kind: ticket.FoldSignature, Start: 10, End: 18}
	for _, c := range []struct {
		name                     string
		folds                    []ticket.Fold
		fits                     bool
		reply, quoted, signature string
	}{
		{"none", nil, true, text, "", ""},
		{"two", []ticket.Fold{quoted, signed}, true, "ja ü", "> q", "-- \nAnn"},
		{"one", []ticket.Fold{quoted}, true, "ja ü\n-- \nAnn", "> q", ""},
		{"not ascending", []ticket.Fold{signed, quoted}, false, "ja ü\n> q", "", "-- \nAnn"},
		{"overlapping", []ticket.Fold{quoted, {Kind: ticket.FoldQuoted, Start: 8, End: 12}}, false, "ja ü\n-- \nAnn", "> q", ""},
		{"beyond the end", []ticket.Fold{{Kind: ticket.FoldQuoted, Start: 6, End: 99}}, false, text, "", ""},
		{"before the beginning", []ticket.Fold{{Kind: ticket.FoldQuoted, Start: -6, End: 9}}, false, text, "", ""},
		{"within a rune", []ticket.Fold{{Kind: ticket.FoldQuoted, Start: 4, End: 10}}, false, text, "", ""},
		{"empty", []ticket.Fold{{Kind: ticket.FoldQuoted, Start: 6, End: 6}}, false, text, "", ""},
		{"of no known kind", []ticket.Fold{{Kind: "x", Start: 6, End: 10}}, false, "ja ü\n-- \nAnn", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := ticket.Fits(text, c.folds); got != c.fits {
				t.Errorf("Fits is %v", got)
			}
			m := ticket.Message{Body: text, Mail: &ticket.Mail{Folds: c.folds}}
			for what, pair := range map[string][2]string{
				"reply": {m.Reply(), c.reply}, "quoted": {ticket.Folded(text, c.folds, ticket.FoldQuoted), c.quoted}, "signature": {ticket.Folded(text, c.folds, ticket.FoldSignature), c.signature},
			} {
				if pair[0] != pair[1] {
					t.Errorf("%s is %q, want %q", what, pair[0], pair[1])
				}
			}
		})
	}
	t.Run("a message that came by no mail", func(t *testing.T) {
		t.Parallel()
		if got := (&ticket.Message{Body: "> a"}).Reply(); got != "> a" {
			t.Errorf("reply is %q", got)
		}
	})
	t.Run("a sealed message", func(t *testing.T) {
		t.Parallel()
		if got := (&ticket.Message{Mail: &ticket.Mail{Folds: []ticket.Fold{quoted}}}).Reply(); got != "" {
			t.Errorf("reply is %q", got)
		}
	})
	t.Run("the first message of a ticket", func(t *testing.T) {
		t.Parallel()
		m := &ticket.Mail{Folds: []ticket.Fold{quoted, signed}}
		if first := m.AsFirst(); len(first.Folds) != 1 || first.Folds[0] != signed || len(m.Folds) != 2 || m.Folds[0] != quoted {
			t.Errorf("folds are %v, and %v were", first.Folds, m.Folds)
		}
		if (*ticket.Mail)(nil).AsFirst() != nil {
			t.Error("nil became a mail")
		}
	})
}
