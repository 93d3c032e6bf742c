package roundtrip_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestPersons(t *testing.T) {
	t.Parallel()
	t.Run("M64 what an agent answers without a proof is a marked note, and nobody outside gets it", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, options{box: memoryBox, blind: true})
		w.strange(t, func(l sent) bool { return l.reader.Kind == ticket.ActorStaff }, func(l sent) ticket.Actor { return l.reader })
	})
	t.Run("M64 who has an agent's letter from them is not that agent, nor a customer", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, options{box: memoryBox, plus: true})
		w.strange(t, func(l sent) bool { return true }, func(sent) ticket.Actor { return ticket.Guest("Max", "max@elsewhere.example") })
	})
	t.Run("M64 an agent who has another agent's letter proves nothing by its mark", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, options{box: memoryBox, plus: true})
		w.strange(t, func(l sent) bool { return l.reader == ann }, func(sent) ticket.Actor { return bob })
	})
}

// strange has letters answered by somebody who has not proven to be their reader, and sees that each answer becomes a
// marked note of theirs that staff alone hear of.
func (w *world) strange(t *testing.T, which func(l sent) bool, by func(l sent) ticket.Actor) {
	t.Helper()
	letters := slices.DeleteFunc(w.send(t), func(l sent) bool { return l.ticket == 0 || !which(l) })
	if len(letters) == 0 {
		t.Fatal("no letter was answered, so nothing was shown")
	}
	about := map[string]sent{}
	for _, l := range letters {
		who := by(l)
		id := string(l.kind) + ".strange@" + strings.Split(who.Email, "@")[1]
		about[id] = l
		w.post.send(t, who.Email, l.letter.answerTo, gmail(l.letter, "It is "+string(l.kind)+".").mail(l.letter, who.Email, who.Name, id))
	}
	out := w.poll(t)
	if len(out) != len(letters) {
		t.Errorf("%d of %d answers have come", len(out), len(letters))
	}
	for _, o := range out {
		l, ok := about[w.messageID(t, o)]
		if !ok || o.Result != gateway.Noted || o.TicketID != l.ticket {
			t.Errorf("%s: %+v", l.kind, o)
			continue
		}
		if m := must(w.Message(w.host, o.MessageID))(t); m.Kind != ticket.KindNote || !m.Unproven || m.Author.Kind == ticket.ActorStaff || m.Author.Email != by(l).Email {
			t.Errorf("%s: %s of %+v, unproven %v", l.kind, m.Kind, m.Author, m.Unproven)
		}
	}
	mails := w.settle(t)
	if len(mails) == 0 {
		t.Error("staff do not hear of it")
	}
	for _, m := range mails {
		if l := read(t, m.Raw); strings.Contains(l.name, "Max") || l.name == bob.Name || l.name == ann.Name || !strings.Contains(l.text, "Nothing proves it.") || strings.Contains(l.text, "internal note") {
			t.Errorf("from %q: %s", l.name, l.text)
		}
		if slices.ContainsFunc(m.To, func(to string) bool { return !strings.HasSuffix(to, "@shop.example") }) {
			t.Errorf("a mail to %s: %.500s", m.To, m.Raw)
		}
	}
}
