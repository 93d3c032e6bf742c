package rules_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// life is what an oracle knows of a ticket by the script alone.
type life struct {
	opened time.Time
	order  bool
	said   []saying       // public messages of people, in their order
	away   [][2]time.Time // deleted; the last may have no end
	merged bool           // it has gone into another one, or has taken one in
}

type saying struct {
	at     time.Time
	client bool
}

func (y *year) lives() map[int]*life {
	out := map[int]*life{}
	for _, a := range y.happened {
		l := out[a.n]
		switch a.what {
		case "open":
			out[a.n] = &life{opened: a.at, order: strings.Contains(subjects[a.lot%len(subjects)], "Order"), said: []saying{{a.at, true}}}
		case "reply": // and no robot, nor a stranger
			l.said = append(l.said, saying{a.at, true})
		case "answer", "macro":
			l.said = append(l.said, saying{a.at, false})
		case "delete":
			if l.there(a.at) {
				l.away = append(l.away, [2]time.Time{a.at})
			}
		case "restore":
			if !l.there(a.at) {
				l.away[len(l.away)-1][1] = a.at
			}
		case "merge":
			l.merged, out[a.lot%(a.n+1)].merged = true, true
		}
	}
	return out
}

// actsOf is what happened to a ticket, for whoever looks for a fault.
func (y *year) actsOf(n int) (out []string) {
	for _, a := range y.happened {
		if a.n == n {
			out = append(out, a.at.Format("01-02T15:04 ")+a.what)
		}
	}
	return out
}

func (l *life) there(at time.Time) bool { return l.back(at).Equal(at) }

// back is when a ticket is there again that was deleted at some time; zero if that is never.
func (l *life) back(at time.Time) time.Time {
	for _, a := range l.away {
		if !at.Before(a[0]) && (a[1].IsZero() || at.Before(a[1])) {
			return a[1]
		}
	}
	return at
}

// crossings are when a rule by the clock has to fire: at the first of its looks after so many hours in which nobody has said
// anything, or as soon as the ticket is back.
func (l *life) crossings(hours int, every, length time.Duration, silence bool) (out []time.Time) {
	end := yearBegin.Add(length)
	from := []saying{{l.opened, true}}
	if silence {
		from = l.said
	}
	for i, s := range from {
		until := end.Add(1)
		if i+1 < len(from) {
			until = from[i+1].at
		}
		if silence && !s.client {
			continue
		}
		crossed := s.at.Add(time.Duration(hours) * time.Hour)
		look := yearBegin.Add((crossed.Sub(yearBegin) + every - 1) / every * every)
		if !l.there(crossed) {
			look = l.back(crossed)
		} else if !l.there(look) {
			look = l.back(look)
		}
		if !look.IsZero() && look.Before(until) && !look.After(end) {
			out = append(out, look)
		}
	}
	return out
}

// expectCrossings is that rules by the clock fire once for each crossing, and for nothing else.
func (y *year) expectCrossings(t testing.TB, length time.Duration) {
	t.Helper()
	lives, runs, checked := y.lives(), y.runs(t), 0
	for n, id := range y.ids {
		for _, e := range y.journal(t, id) {
			if e.Type == ticket.EventReplied && e.Actor.Kind == ticket.ActorSystem { // a chaser: expectClosings looks at those
				lives[n].said = append(lives[n].said, saying{e.At, false})
			}
		}
		slices.SortFunc(lives[n].said, func(a, b saying) int { return a.at.Compare(b.at) })
		fired := map[string][]time.Time{}
		for _, run := range runs[id] {
			for _, r := range run.Rules {
				if r.Trigger == rules.ByClock {
					fired[r.Rule] = append(fired[r.Rule], run.At)
				}
			}
		}
		for _, c := range byClock {
			if l := lives[n]; l.merged || c.code == "quiet" || c.code == "idle" || c.code == "high_aged" {
				y.expectApart(t, id, c.code, c.silence, fired[c.code])
			} else {
				var want []time.Time
				if c.code != "order_aged" || l.order {
					want = l.crossings(c.hours, c.every, length, c.silence)
				}
				checked += len(want)
				if !slices.EqualFunc(fired[c.code], want, time.Time.Equal) {
					t.Errorf("ticket %d: rule %s fired at %v, want %v, for %s", n, c.code, fired[c.code], want, y.actsOf(n))
				}
			}
		}
	}
	if checked < len(y.ids)/2 {
		t.Errorf("only %d crossings were there to check", checked)
	}
}

// expectApart is that between two times at which a rule fires somebody has said something, the desk by itself included; and
// that one that goes by the age of a ticket fires once.
func (y *year) expectApart(t testing.TB, id int64, code string, silence bool, fired []time.Time) {
	t.Helper()
	events := y.journal(t, id)
	for i := 1; i < len(fired); i++ {
		said := slices.ContainsFunc(events, func(e *ticket.Event) bool {
			return (e.Type == ticket.EventReplied || e.Type == ticket.EventMerged) && e.At.After(fired[i-1].Add(-1)) && !e.At.After(fired[i])
		})
		if !silence || !said {
			t.Errorf("ticket %d: rule %s fired at %v, and nobody has said anything meanwhile", y.numbers[id], code, fired[i-1:i+1])
		}
	}
}
