package rules

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// What only the desk can say of a rule: whom it knows, and what looks like a variable. It is asked outside of transactions:
// a host's directory may be far away.

// askedAgents is how many agents one look at rules asks for.
const askedAgents = 200

// acquaintance keeps what was said of agents, for one look at rules.
type acquaintance struct {
	r     *Rules
	set   *ruleset                     // with the conditions of rules
	known map[string]ticket.FieldError // zero for who can be given tickets
}

func (r *Rules) newAcquaintance() *acquaintance {
	return &acquaintance{r, r.set.Load(), map[string]ticket.FieldError{}}
}

// fault says why an agent cannot be given tickets. A directory that has no answer says nothing.
func (a *acquaintance) fault(ctx context.Context, id string) ticket.FieldError {
	f, asked := a.known[id]
	if asked || len(a.known) == askedAgents {
		return f
	}
	_, err := a.r.desk.CheckAgent(system(ctx), id)
	var v *ticket.ValidationError
	if errors.As(err, &v) && len(v.Fields) > 0 {
		f = v.Fields[0]
	}
	a.known[id] = f
	return f
}

// strangers says whom a rule names who is nobody, or has left: of several who are to get tickets one may have.
func (r *Rules) strangers(ctx context.Context, known *acquaintance, rule *Rule) (out []string) {
	if rule.Inactive {
		return nil
	}
	say := func(field string, ids []string, also ticket.Fault) {
		for _, id := range ids {
			if f := known.fault(ctx, id); f.Fault == ticket.FaultUnknown || f.Fault != "" && f.Fault == also {
				out = append(out, field+": "+f.Message)
			}
		}
	}
	for i, step := range rule.Do {
		a := r.actions[step.Action]
		if a == nil {
			continue
		}
		ids, also := a.agents(step.With), ticket.FaultInactive
		if slices.ContainsFunc(ids, func(id string) bool { return known.fault(ctx, id).Fault == "" }) {
			also = ""
		}
		say(fmt.Sprintf("do[%d].%s", i, step.Action), ids, also)
	}
	for i, n := range rule.Notify {
		say(fmt.Sprintf("notify[%d].to.agents", i), n.To.Agents, "")
	}
	say("when", known.asked(rule), "")
	return out
}

// asked are the agents whom the condition of a rule names.
func (a *acquaintance) asked(rule *Rule) (out []string) {
	if a.set == nil || len(rule.On) == 0 { // a macro has none
		return nil
	}
	c, err := a.set.rule(rule.Code)
	if err != nil || c.condition == nil {
		return nil
	}
	for _, field := range []string{"ticket.assignee", "ticket.watchers"} {
		out = append(out, c.condition.Compared(field)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// doubts are warnings of whom a rule names, and of its texts.
func (r *Rules) doubts(ctx context.Context, known *acquaintance, rule *Rule) (out []Warning, err error) {
	if rule.Inactive {
		return nil, nil
	}
	for _, says := range r.strangers(ctx, known, rule) {
		out = append(out, Warning{rule.Code, says})
	}
	doubt := func(field, text string) {
		says, e := r.desk.DoubtText(system(ctx), text)
		err = errors.Join(err, e)
		for _, s := range says {
			out = append(out, Warning{rule.Code, field + ": " + s})
		}
	}
	for i, step := range rule.Do {
		if a := r.actions[step.Action]; a != nil {
			for _, t := range a.texts(step.With) {
				doubt(fmt.Sprintf("do[%d].%s.body", i, step.Action), t.Body)
			}
		}
	}
	for i, n := range rule.Notify {
		doubt(fmt.Sprintf("notify[%d].subject", i), n.Subject)
		doubt(fmt.Sprintf("notify[%d].body", i), n.Body)
	}
	return out, err
}

// checkKnown refuses who is nobody, where the desk keeps its people itself. Of others it cannot be sure.
func (r *Rules) checkKnown(ctx context.Context, agent string) error {
	own, err := r.desk.CheckAgent(system(ctx), agent)
	var v *ticket.ValidationError
	if !errors.As(err, &v) || v.Fields[0].Fault != ticket.FaultUnknown {
		return nil
	}
	if !own {
		r.log.WarnContext(ctx, "an agent is away whom the directory does not know", "agent", agent)
		return nil
	}
	return err
}
