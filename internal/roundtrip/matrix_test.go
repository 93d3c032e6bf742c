package roundtrip_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// given is an answer that somebody has sent.
type given struct {
	sent
	style int
	reply string
	from  ticket.Actor
}

func (g given) name() string { return string(g.kind) + " by " + styles[g.style].name }

// answerAll answers each letter in each style.
func (w *world) answerAll(t testing.TB, letters []sent) map[string]given {
	t.Helper()
	out := map[string]given{}
	for _, l := range letters {
		for i, s := range styles {
			g := given{sent: l, style: i, from: l.reader}
			g.reply = fmt.Sprintf("The lamp of %s glows – grün, at 7 %% of what it should, says %s.\n\nShall I send it back?", l.kind, s.name)
			id := fmt.Sprintf("%s.%s@%s", l.kind, s.name, strings.Split(l.reader.Email, "@")[1])
			w.post.send(t, l.reader.Email, l.letter.answerTo, s.write(l.letter, g.reply).mail(l.letter, l.reader.Email, l.reader.Name, id))
			out[id] = g
		}
	}
	return out
}

// judge says what is wrong with what became of an answer; empty if nothing is.
func (w *world) judge(t testing.TB, g given, o gateway.Outcome, plus bool) string {
	t.Helper()
	if o.MessageID == 0 {
		return fmt.Sprintf("it is %s: %s", o.Result, o.Reason)
	}
	m := must(w.Message(w.host, o.MessageID))(t)
	if g.ticket == 0 {
		if o.Result != gateway.Opened {
			return fmt.Sprintf("it is %s in ticket %d, by %s", o.Result, o.TicketID, o.By)
		}
		return ""
	}
	by := styles[g.style].by
	if plus {
		by = gateway.ByAddress
	}
	result, kind := gateway.Answered, ticket.KindReply
	if g.kind == template.ThirdPartyMessage {
		result, kind = gateway.Noted, ticket.KindNote
	}
	aside := g.kind == template.Mentioned && styles[g.style].by == gateway.ByOwnID && styles[g.style].name != "other_id" // of a program that says which mail it answers
	if aside {
		result, kind = gateway.Noted, ticket.KindNote
	}
	var wrong []string
	check := func(what string, got, want any) {
		if got != want {
			wrong = append(wrong, fmt.Sprintf("%s is %q, not %q", what, got, want))
		}
	}
	check("ticket", m.TicketID, g.ticket)
	check("result", o.Result, result)
	check("kind", m.Kind, kind)
	check("way", o.By, by)
	check("author", m.Author.Email, g.from.Email)
	check("agent", m.Author.Kind == ticket.ActorStaff, g.from.Kind == ticket.ActorStaff)
	check("unproven", m.Unproven, result == gateway.Noted && !aside)
	check("reply", m.Reply(), g.reply)
	return strings.Join(wrong, "; ")
}

// matrix answers all letters in all styles, and returns what is wrong with each, by its name.
func (w *world) matrix(t testing.TB, plus bool) (faults map[string]string, answers []given) {
	t.Helper()
	all := w.answerAll(t, w.send(t))
	faults = map[string]string{}
	for _, o := range w.poll(t) {
		g, ok := all[w.messageID(t, o)]
		if !ok {
			t.Errorf("a mail has come that nobody has sent: %+v", o)
			continue
		}
		faults[g.name()] = w.judge(t, g, o, plus)
		if o.MessageID != 0 {
			w.unheard(t, g, o.MessageID)
			w.seen(t, g, o, plus)
		}
	}
	for _, g := range all {
		answers = append(answers, g)
		if _, ok := faults[g.name()]; !ok {
			faults[g.name()] = "it has not come"
		}
	}
	return faults, answers
}

func (w *world) messageID(t testing.TB, o gateway.Outcome) string {
	t.Helper()
	if o.MessageID == 0 {
		return ""
	}
	return must(w.Message(w.host, o.MessageID))(t).Mail.MessageID
}

// seen sees that nothing of what judge looks at could be otherwise without its noticing.
func (w *world) seen(t testing.TB, g given, o gateway.Outcome, plus bool) {
	t.Helper()
	for what, spoil := range map[string]func(g *given){
		"ticket": func(g *given) { g.ticket++ }, "person": func(g *given) { g.from = ticket.Guest("", "x@example.com") }, "reply": func(g *given) { g.reply += "!" },
	} {
		other := g
		spoil(&other)
		if g.ticket != 0 && w.judge(t, other, o, plus) == "" {
			t.Errorf("%s: another %s would do", g.name(), what)
		}
	}
}

// unheard sees that nobody is told of what they have written themselves.
func (w *world) unheard(t testing.TB, g given, message int64) {
	t.Helper()
	for _, l := range must(w.n.Delivery(w.host, message))(t) {
		if l.Kind != template.CustomerTicket && (l.Agent == g.from.ID && l.Agent != "" || l.To.Email == g.from.Email) {
			t.Errorf("%s: %s hears of it by %s", g.name(), g.from.Email, l.Kind)
		}
	}
}

// table is the matrix for people.
func table(faults map[string]string) string {
	var b strings.Builder
	for i, s := range styles {
		fmt.Fprintf(&b, "\n%c = %s", 'a'+i, s.name)
	}
	for _, o := range occasions {
		fmt.Fprintf(&b, "\n%-20s", o.kind)
		for i, s := range styles {
			mark := "x"
			if why, ok := faults[string(o.kind)+" by "+s.name]; ok && why == "" {
				mark = string(rune('a' + i))
			}
			b.WriteString(" " + mark)
		}
	}
	return b.String()
}

var boxes = []struct {
	name string
	box  func(t testing.TB) box
}{{"in memory", memoryBox}, {"on Dovecot", dovecotBox}}

func TestMatrix(t *testing.T) {
	t.Parallel()
	for _, b := range boxes {
		for _, way := range []string{"addresses with marks", "a server that checks senders"} {
			t.Run(fmt.Sprintf("M24 M64 every letter is answered in every style, by %s, %s", way, b.name), func(t *testing.T) {
				t.Parallel()
				allGreen(t, options{box: b.box, plus: way == "addresses with marks"})
			})
		}
	}
	for _, locale := range []string{"de", "tr", "ru"} {
		t.Run("M24 M64 every letter is answered in every style, in "+locale, func(t *testing.T) {
			t.Parallel()
			if testing.Short() {
				t.Skip("the letters are tried in English only: run it without -short")
			}
			allGreen(t, options{box: memoryBox, locale: locale})
		})
	}
	t.Run("M24 M64 every letter is answered in every style, without the line above which to reply", func(t *testing.T) {
		t.Parallel()
		allGreen(t, options{box: memoryBox, bare: true})
	})
	t.Run("M24 answers to letters whose marks are stripped do not find their tickets", func(t *testing.T) {
		t.Parallel()
		faults, _ := newWorld(t, options{box: memoryBox, stripped: true}).matrix(t, false)
		for name, why := range faults {
			kind, _, _ := strings.Cut(name, " by ")
			if ofTicket := kind != string(template.Digest) && kind != string(template.Refused); ofTicket == (why == "") {
				t.Errorf("what is wrong with %s is %q", name, why)
			}
		}
	})
}

// allGreen fails the test if anything is wrong with any answer.
func allGreen(t *testing.T, o options) {
	t.Helper()
	w := newWorld(t, o)
	faults, answers := w.matrix(t, o.plus)
	t.Log(table(faults))
	var wrong []string
	for name, why := range faults {
		if why != "" {
			wrong = append(wrong, name+": "+why)
		}
	}
	slices.Sort(wrong)
	if len(wrong) > 0 || len(answers) != len(occasions)*len(styles) {
		t.Errorf("%d of %d answers went wrong:%s", len(wrong), len(answers), lines(wrong))
	}
	w.settle(t)
	if back := w.poll(t); len(back) > 0 {
		t.Errorf("the desk has written to itself: %+v", back)
	}
	if failed := w.Failed(); len(failed) > 0 {
		t.Error(failed)
	}
}
