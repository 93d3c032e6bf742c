package rules

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/internal/nearest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Action is something that rules and macros can do (M57). T is its configuration, read from JSON: fields that T does not
// have are refused. Exactly one of Set, Do and Outside is given.
type Action[T any] struct {
	Name string // in lower case, as "set_status"
	Doc  string // one line for the people who write rules

	// Check refuses a configuration when a rule is saved. It may be nil.
	Check func(with T, s *Setup) error
	// Texts are those of a configuration in which Expand fills in variables: unknown ones are refused when a rule is saved.
	// It may be nil.
	Texts func(with T) []Text
	// Agents are the ids of those in a configuration who are to get tickets: of who is nobody, or inactive, the desk's Check
	// and saving a rule warn. It may be nil.
	Agents func(with T) []string
	// Set gathers what is to change in a.Patch, and does nothing else: all changes of a rule are one write.
	Set func(a *Acting, with T) error
	// Do writes with verbs of the desk, in the transaction of the rule. It must be quick, and may be run again after a
	// rollback.
	Do func(ctx context.Context, a *Acting, with T) error
	// Outside talks to others, after the transaction: at least once, repeated with growing pauses while it fails. a.ID is
	// the same each time. Its context ends after Options.ActionTimeout.
	Outside func(ctx context.Context, a *Acting, with T) error
}

// Acting is what an action knows.
type Acting struct {
	ID      int64          // of Outside, to do things once
	Rule    string         // code of the rule or the macro
	Trigger Trigger        // empty for a macro
	Ticket  *ticket.Ticket // as it is after the actions before this one; of Outside as it is then
	Event   *ticket.Event  // that the rule answers; nil for one by the clock, and for a macro
	// Message is the one that the event is about, as it is now, without the bodies where it is encrypted; nil for none.
	Message *ticket.Message
	Patch   ticket.Patch // what Set gathers

	said string
}

// Say has the run tell what came of an action, beside what it was to do: Runs and Explain show it. The last one counts.
func (a *Acting) Say(text string) { a.said = text }

// action is an Action of any configuration.
type action struct {
	name, doc string
	set       bool
	outside   bool
	ours      bool // and not the host's
	check     func(with json.RawMessage, s *Setup) error
	texts     func(with json.RawMessage) []Text
	agents    func(with json.RawMessage) []string
	do        func(ctx context.Context, a *Acting, with json.RawMessage) error
}

// AddAction makes an action known, before rules are saved or run. It panics if there is one of that name, or if it does
// nothing.
func AddAction[T any](r *Rules, a Action[T]) {
	given := 0
	for _, there := range []bool{a.Set != nil, a.Do != nil, a.Outside != nil} {
		if there {
			given++
		}
	}
	if r.actions[a.Name] != nil || a.Name == "" || given != 1 {
		panic(fmt.Sprintf("rules: action %q is there already, has no name, or not one of Set, Do and Outside", a.Name))
	}
	r.actions[a.Name] = &action{
		name: a.Name, doc: a.Doc, set: a.Set != nil, outside: a.Outside != nil,
		check: func(raw json.RawMessage, s *Setup) error {
			with, err := parse[T](raw)
			if err == nil && a.Check != nil {
				err = a.Check(with, s)
			}
			return err
		},
		texts:  partsOf(a.Texts),
		agents: partsOf(a.Agents),
		do: func(ctx context.Context, acting *Acting, raw json.RawMessage) error {
			with, err := parse[T](raw)
			switch {
			case err != nil:
				return &fault{err}
			case a.Set != nil:
				return a.Set(acting, with)
			case a.Do != nil:
				return a.Do(ctx, acting, with)
			}
			return a.Outside(ctx, acting, with)
		},
	}
}

// partsOf are what of returns of a configuration, if there is of.
func partsOf[T, V any](of func(with T) []V) func(raw json.RawMessage) []V {
	return func(raw json.RawMessage) []V {
		with, err := parse[T](raw)
		if err != nil || of == nil {
			return nil
		}
		return of(with)
	}
}

// parse reads a configuration, and nothing that it does not have.
func parse[T any](raw json.RawMessage) (with T, err error) {
	if len(raw) == 0 {
		raw = json.RawMessage("null")
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&with); err != nil {
		return with, unlike(raw, reflect.TypeFor[T](), err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return with, errors.New("has something after its end")
	}
	return with, nil
}

// unlike says why a configuration is none, in the words of a file, if there are such.
func unlike(raw json.RawMessage, t reflect.Type, err error) error {
	if body, e := readYAML(raw); e == nil {
		if m := fits(body, t, ""); m != nil {
			return errors.New(m.Error())
		}
	}
	return fmt.Errorf("is not what the action takes: %w", err)
}

// ActionInfo describes an action.
type ActionInfo struct{ Name, Doc string }

// Actions lists those that are known, by name.
func (r *Rules) Actions() []ActionInfo {
	out := make([]ActionInfo, 0, len(r.actions))
	for _, a := range r.actions {
		out = append(out, ActionInfo{a.name, a.doc})
	}
	slices.SortFunc(out, func(a, b ActionInfo) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
	return out
}

// checkSteps adds to e what is wrong with actions.
func (r *Rules) checkSteps(e *ticket.ValidationError, steps []Step, s *Setup) {
	for i, step := range steps {
		field := fmt.Sprintf("do[%d].%s", i, step.Action)
		a := r.actions[step.Action]
		if a == nil {
			e.Add(field, ticket.FaultUnknown, "there is no action %q%s", step.Action, r.suggest(step.Action))
			continue
		}
		if err := a.check(step.With, s); err != nil {
			e.Add(field, ticket.FaultMalformed, "%v", err)
		}
	}
}

// checkTexts adds to e the variables of actions that mean nothing.
func (r *Rules) checkTexts(ctx context.Context, e *ticket.ValidationError, steps []Step) error {
	for i, step := range steps {
		a := r.actions[step.Action]
		if a == nil {
			continue
		}
		for _, t := range a.texts(step.With) {
			if err := r.desk.CheckText(system(ctx), e, fmt.Sprintf("do[%d].%s.body", i, step.Action), t.Body, t.Format); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *Rules) suggest(name string) string {
	var all []string
	for _, a := range r.Actions() {
		all = append(all, a.Name)
	}
	return hint(name, all)
}

// hint names what somebody may have meant; where nothing is near, what there is, if that is little.
func hint(name string, of []string) string {
	near := nearest.Of(name, slices.Values(of))
	switch {
	case near == "":
		return ""
	case nearest.Distance(name, near) <= (len(name)+1)/2, len(name) > 2 && strings.Contains(near, name):
		return fmt.Sprintf("; did you mean %q?", near)
	case len(of) <= 10:
		return fmt.Sprintf("; there are %q", of)
	}
	return ""
}

// known refuses a code that a list does not have.
func known(what, code string, codes []string) error {
	if slices.Contains(codes, code) {
		return nil
	}
	return fmt.Errorf("there is no %s %q%s", what, code, hint(code, codes))
}
