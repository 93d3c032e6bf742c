package rules

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/helpdeskgo/helpdesk/rules/condition"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// ruleset is all rules as of one version of the configuration, ready to run. It is immutable.
type ruleset struct {
	version int64
	setup   *Setup
	rules   []*compiled
	on      map[Trigger][]*compiled // those that are looked at for a trigger
	group   bool                    // a condition asks for the group of the customer
	broken  map[string]error        // rules that do not fit the catalogue any more: they do not run
	docs    map[string][]byte       // by code, as they are stored
}

// compiled is a rule with its condition.
type compiled struct {
	condition *condition.Condition // nil matches always; first, beside the brands: a run reads nothing else of most rules
	Rule
	facts condition.Facts

	once  sync.Once // of moves, which only warnings ask for
	moves *mover
}

// load returns the rules as they are now, in the order in which they run.
func (r *Rules) load(ctx context.Context, x store.Reader) (*ruleset, error) {
	version, err := x.ConfigVersion(ctx)
	if err != nil {
		return nil, err
	}
	if s := r.set.Load(); s != nil && s.version == version {
		return s, nil
	}
	last := r.set.Load()
	recs, err := x.Records(ctx, store.RecordQuery{Kind: ruleForm.record()})
	if err != nil {
		return nil, err
	}
	list, err := last.parse(recs)
	if err != nil {
		return nil, err
	}
	setup, err := r.setup(ctx)
	if err != nil {
		return nil, err
	}
	s := r.compileAll(list, setup, last)
	s.version, s.docs = version, docsOf(recs)
	r.set.Store(s)
	return s, nil
}

// parse reads rules, in the order in which they run. What has not changed since is not read again: of a thousand rules it is
// one, as a rule.
func (s *ruleset) parse(recs []*store.Record) ([]Rule, error) {
	known := map[string]*compiled{}
	if s != nil {
		for _, c := range s.rules {
			known[c.Code] = c
		}
	}
	out := make([]Rule, 0, len(recs))
	for _, rec := range recs {
		if c := known[rec.Key]; c != nil && c.Version == rec.Version && bytes.Equal(s.docs[rec.Key], rec.Doc) {
			out = append(out, c.Rule)
			continue
		}
		rule, err := ruleForm.parse(rec)
		if err != nil {
			return nil, err
		}
		out = append(out, rule)
	}
	slices.SortStableFunc(out, inOrder)
	return out, nil
}

func docsOf(recs []*store.Record) map[string][]byte {
	out := make(map[string][]byte, len(recs))
	for _, rec := range recs {
		out[rec.Key] = rec.Doc
	}
	return out
}

// compileAll makes rules ready. What has not changed since last is taken over.
func (r *Rules) compileAll(list []Rule, setup *Setup, last *ruleset) *ruleset {
	s := &ruleset{setup: setup, on: map[Trigger][]*compiled{}, broken: map[string]error{}}
	known := map[string]*compiled{}
	if last != nil && last.setup.same(setup) {
		s.setup = last.setup
		for _, c := range last.rules {
			known[c.Code] = c
		}
	}
	for _, rule := range list {
		if c := known[rule.Code]; c != nil && reflect.DeepEqual(c.Rule, rule) {
			s.add(c)
			continue
		}
		c, err := rule.compile(s.setup)
		if err == nil {
			var e ticket.ValidationError
			r.checkSteps(&e, rule.Do, setup)
			err = e.Err()
		}
		if err != nil {
			s.broken[rule.Code] = err
			continue
		}
		next := &compiled{Rule: rule, condition: c}
		if c != nil {
			next.facts = c.Facts()
		}
		s.add(next)
	}
	return s
}

func (s *ruleset) add(c *compiled) {
	s.group = s.group || c.facts.Group
	s.rules = append(s.rules, c)
	for _, t := range slices.Compact(slices.Sorted(slices.Values(c.On))) {
		if c.of(t) {
			s.on[t] = append(s.on[t], c)
		}
	}
}

// questions ask the store for no more tickets than can have begun to match since then.
func (c *compiled) questions(from, now time.Time) []ticket.Query {
	if c.condition == nil {
		return []ticket.Query{{UpdatedFrom: from, Sort: ticket.NewestUpdate}}
	}
	list := c.condition.Narrow(now, from)
	for i, q := range list { // in the order of the period that bounds it most
		switch {
		case !q.LastReplyFrom.IsZero():
			list[i].Sort = ticket.NewestReply
		case !q.CreatedFrom.IsZero():
			list[i].Sort = ticket.NewestCreated
		default:
			list[i].Sort = ticket.NewestUpdate
		}
	}
	return list
}

// crossings are the hours at which the condition can begin to match.
func (c *compiled) crossings(yield func(timestamp string, after time.Duration) bool) {
	for _, th := range c.facts.Thresholds {
		if strings.HasPrefix(th.Operator, ">") && !yield(th.Timestamp, time.Duration(th.Hours*float64(time.Hour))) {
			return
		}
	}
}

// wants reports whether any rule looks at one of the triggers.
func (s *ruleset) wants(triggers []Trigger) bool {
	return slices.ContainsFunc(triggers, func(t Trigger) bool { return len(s.on[t]) > 0 })
}

// rule returns the rule of a code.
func (s *ruleset) rule(code string) (*compiled, error) {
	for _, c := range s.rules {
		if c.Code == code {
			return c, nil
		}
	}
	if err := s.broken[code]; err != nil {
		return nil, fmt.Errorf("the rule does not fit the catalogue any more, and does not run: %w", err)
	}
	return nil, fmt.Errorf("%w: there is no rule %q", ticket.ErrNotFound, code)
}

// problems tells the desk's Check of rules that do not run, or fail.
func (r *Rules) problems(ctx context.Context) (out []ticket.Problem, err error) {
	var s *ruleset
	err = r.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
		if s, err = r.load(ctx, x); err == nil {
			out, err = r.failingProblems(ctx, x, s)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for code, why := range s.broken {
		out = append(out, ticket.Problem{Area: "rules", Message: fmt.Sprintf("rule %q does not run: %v", code, why)})
	}
	known := r.newAcquaintance()
	for _, rule := range s.list() {
		for _, says := range r.strangers(ctx, known, rule) {
			out = append(out, ticket.Problem{Area: "rules", Message: fmt.Sprintf("rule %q: %s", rule.Code, says)})
		}
	}
	return out, nil
}

// list are those that run.
func (s *ruleset) list() []*Rule {
	out := make([]*Rule, len(s.rules))
	for i, c := range s.rules {
		out[i] = &c.Rule
	}
	return out
}
