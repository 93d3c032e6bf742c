package helpdesk

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Mentions in internal notes (X30): who is meant stands in the message, and a record for each leads there.

// mentionsIn lists whom a note to a ticket is for. Customers mention nobody, what customers can read names nobody, and
// nobody is mentioned who may not see the ticket.
func (d *Desk) mentionsIn(ctx context.Context, a ticket.Actor, t *ticket.Ticket, kind ticket.MessageKind, body string, chosen []ticket.Mention) ([]ticket.Mention, error) {
	named, err := d.namedIn(ctx, a, kind, body, chosen)
	if err != nil || len(named) == 0 {
		return nil, err
	}
	conf, err := d.confOf(ctx)
	if err != nil {
		return nil, err
	}
	return d.heard(ctx, conf, a, t, chosen, named)
}

// namedIn lists whom a note names, whatever they may see.
func (d *Desk) namedIn(ctx context.Context, a ticket.Actor, kind ticket.MessageKind, body string, chosen []ticket.Mention) ([]ticket.Mention, error) {
	if kind.Public() || a.IsCustomer() {
		if len(chosen) > 0 {
			return nil, ticket.Invalid("mentions", ticket.FaultNotAllowed, "belong into internal notes of staff")
		}
		return nil, nil
	}
	words := atWords(body)
	if len(words)+len(chosen) == 0 {
		return nil, nil
	}
	conf, err := d.confOf(ctx)
	if err != nil {
		return nil, err
	}
	if err := d.checkMentions(ctx, conf, chosen); err != nil {
		return nil, err
	}
	out := union(nil, chosen, func(a, b ticket.Mention) bool { return a == b })
	if len(words) == 0 {
		return out, nil
	}
	agents, err := d.agents(ctx, conf)
	if err != nil {
		return nil, err
	}
	agents = slices.DeleteFunc(agents, func(a ticket.Agent) bool { return a.Inactive })
	for _, w := range words[:min(len(words), d.cfg.Limits.List)] {
		if m := mentionOf(conf, agents, w); m != (ticket.Mention{}) && !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return out, nil
}

// mentionsAfter lists whom a note is for when it gets another body: those whom that names, and those who were chosen
// beside the old one. Who was mentioned stays so, whatever they may see by now.
func (d *Desk) mentionsAfter(ctx context.Context, a ticket.Actor, t *ticket.Ticket, m *ticket.Message, body string) ([]ticket.Mention, error) {
	now, err := d.namedIn(ctx, a, m.Kind, body, nil)
	if err != nil || len(now)+len(m.Mentions) == 0 {
		return now, err
	}
	conf, err := d.confOf(ctx)
	if err != nil {
		return nil, err
	}
	same := func(a, b ticket.Mention) bool { return a == b }
	fresh, err := d.heard(ctx, conf, a, t, nil, without(now, m.Mentions))
	if err != nil {
		return nil, err
	}
	was, err := d.namedIn(ctx, a, m.Kind, m.Body, nil)
	if err != nil {
		return nil, err
	}
	stay := slices.DeleteFunc(slices.Clone(m.Mentions), func(old ticket.Mention) bool {
		return slices.Contains(was, old) && !slices.Contains(now, old)
	})
	return union(stay, fresh, same), nil
}

func (d *Desk) checkMentions(ctx context.Context, conf *config, chosen []ticket.Mention) error {
	if len(chosen) > d.cfg.Limits.List {
		return ticket.Invalid("mentions", ticket.FaultTooMany, "are too many: %d at most", d.cfg.Limits.List)
	}
	for _, m := range chosen {
		_, known := conf.Department(m.Department)
		switch {
		case (m.Agent == "") == (m.Department == ""):
			return ticket.Invalid("mentions", ticket.FaultRequired, "name an agent or a department each")
		case m.Department != "" && !known:
			return ticket.Invalid("mentions", ticket.FaultUnknown, "%q is no department", m.Department)
		}
		if err := d.checkAgent(ctx, conf, "mentions", m.Agent); err != nil {
			return err
		}
	}
	return nil
}

// mentionOf is whom a word names; the zero Mention where that is nobody, or not clear.
func mentionOf(conf *config, agents []ticket.Agent, word string) ticket.Mention {
	is := func(name string) bool {
		return name != "" && strings.EqualFold(strings.Join(strings.Fields(name), ""), word)
	}
	for _, named := range []func(ticket.Agent) bool{
		func(a ticket.Agent) bool { return a.ID == word },
		func(a ticket.Agent) bool { return is(a.Name) },
		func(a ticket.Agent) bool { return is(a.FirstName) },
	} {
		var found []ticket.Agent
		for _, a := range agents {
			if named(a) {
				found = append(found, a)
			}
		}
		if len(found) == 1 {
			return ticket.Mention{Agent: found[0].ID}
		}
	}
	for _, dep := range conf.Departments {
		if dep.Code == word || is(dep.Name) {
			return ticket.Mention{Department: dep.Code}
		}
	}
	return ticket.Mention{}
}

// kindMention is the kind of records that lead from whom a note mentions, their parent, to the note. Their keys sort the
// newest first.
const kindMention = "mention"

func mentionParent(m ticket.Mention) string {
	if m.Agent != "" {
		return "agent/" + m.Agent
	}
	return "department/" + m.Department
}

func mentionKey(m *ticket.Message, n int) string { return fmt.Sprintf("%s/%d", notePlace(m), n) }

// notePlace is where a note stands among those that mention somebody, which its records' keys begin with.
func notePlace(m *ticket.Message) string {
	return fmt.Sprintf("%019d/%019d", math.MaxInt64-m.CreatedAt.UnixMicro(), math.MaxInt64-m.ID)
}

// mention makes the mentions of a message what they are from now on.
func (w *write) mention(ctx context.Context, m *ticket.Message, now []ticket.Mention) error {
	if err := w.forgetMentions(ctx, m); err != nil {
		return err
	}
	m.Mentions = now
	for n, who := range now {
		doc, err := json.Marshal(mentionDoc{m.ID, who})
		if err != nil {
			return err
		}
		rec := &store.Record{Kind: kindMention, Key: mentionKey(m, n), Parent: mentionParent(who), Version: store.AnyVersion, Doc: doc}
		if err := w.tx.PutRecord(ctx, rec); err != nil {
			return err
		}
	}
	return nil
}

type mentionDoc struct {
	Message int64          `json:"message"`
	Mention ticket.Mention `json:"mention"`
}

func (w *write) forgetMentions(ctx context.Context, m *ticket.Message) error {
	for n := range m.Mentions {
		if err := w.tx.DeleteRecord(ctx, kindMention, mentionKey(m, n)); err != nil {
			return err
		}
	}
	return nil
}

// atWords lists the words after "@" in a text, without it: each once, in the order of the text. An address such as
// ann@example.com has none.
func atWords(text string) (out []string) {
	before := ' '
	for i, r := range text {
		if r == '@' && !ofWord(before) {
			word := text[i+1:]
			if end := strings.IndexFunc(word, func(r rune) bool { return !ofWord(r) && r != '.' && r != '-' }); end >= 0 {
				word = word[:end]
			}
			if word = strings.TrimRight(word, ".-"); word != "" && !slices.Contains(out, word) {
				out = append(out, word)
			}
		}
		before = r
	}
	return out
}

func ofWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '_'
}
