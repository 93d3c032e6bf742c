package rules

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/rules/condition"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var ruleForm = form[Rule]{"rule", func(r *Rule) heading { return heading{r.Code, r.Name, r.Sort, &r.Version} }}

// The bounds of a rule.
const (
	maxSteps = 50
	minEvery = time.Minute
)

// Save stores a rule, a new one or one that was read and changed, and returns it as it is stored. Every process runs it
// from its next step on. Warnings say what is allowed, but can hardly be meant: see Warnings.
//
// Errors: ticket.ErrNoActor; ticket.ErrForbidden for who may not configure the desk; ticket.ErrConflict, unless Version is
// that of what is stored, or AnyVersion; ticket.ErrInvalid, as a ticket.ValidationError that names each field as JSON
// does: what is wrong with the condition is told with line and column.
func (r *Rules) Save(ctx context.Context, rule Rule) (Rule, []Warning, error) {
	op := "save " + rule.Code
	rule, err := r.save(ctx, rule)
	if err != nil {
		return rule, nil, failed(op, err)
	}
	warnings, err := r.warningsFor(ctx, rule.Code)
	doubts, e := r.doubts(ctx, r.newAcquaintance(), &rule)
	return rule, append(warnings, doubts...), failed(op, errors.Join(err, e))
}

func (r *Rules) save(ctx context.Context, rule Rule) (Rule, error) {
	if err := r.desk.MayConfigure(ctx); err != nil {
		return rule, err
	}
	s, err := r.setup(ctx)
	if err != nil {
		return rule, err
	}
	if err := r.check(ctx, &rule, s); err != nil {
		return rule, err
	}
	err = r.store.Update(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		next := rule.Clone()
		if err := next.activate(ctx, tx, r.desk.Now()); err != nil {
			return err
		}
		if next, err = ruleForm.put(ctx, r.desk, next); err != nil {
			return err
		}
		if err := r.watchClock(ctx, tx, &next); err != nil {
			return err
		}
		if next.Version == 1 { // one that was deleted may have failed
			if err := tx.DeleteRecord(ctx, kindFailing, next.Code); err != nil {
				return err
			}
		}
		rule = next
		return nil
	})
	return rule, err
}

// activate sets Since where the rule becomes active by this.
func (r *Rule) activate(ctx context.Context, tx store.Tx, now time.Time) error {
	old, err := ruleForm.get(ctx, tx, r.Code)
	if err != nil && !errors.Is(err, ticket.ErrNotFound) {
		return err
	}
	begins := old.Code == "" || old.Inactive && !r.Inactive
	if r.Since.IsZero() || (begins && r.Since.Equal(old.Since)) {
		r.Since = now
		if !begins {
			r.Since = old.Since
		}
	}
	r.Since = ticket.Time(r.Since)
	return nil
}

// Delete removes a rule. What it has done stays, and so does what its runs say. Errors: ticket.ErrNoActor;
// ticket.ErrForbidden; ticket.ErrNotFound.
func (r *Rules) Delete(ctx context.Context, code string) error {
	return failed("delete "+code, r.desk.DeleteDefinition(ctx, ruleForm.kind, code))
}

// Rule returns a rule as it is stored. Errors: ticket.ErrNoActor; ticket.ErrForbidden; ticket.ErrNotFound.
func (r *Rules) Rule(ctx context.Context, code string) (rule Rule, err error) {
	err = r.reading(ctx, func(ctx context.Context, x store.Reader) (err error) {
		rule, err = ruleForm.get(ctx, x, code)
		return err
	})
	return rule, failed("read "+code, err)
}

// List returns all rules in the order in which they run. Errors: ticket.ErrNoActor; ticket.ErrForbidden.
func (r *Rules) List(ctx context.Context) (list []Rule, err error) {
	err = r.reading(ctx, func(ctx context.Context, x store.Reader) (err error) {
		list, err = ruleForm.list(ctx, x)
		return err
	})
	return list, failed("list", err)
}

func inOrder(a, b Rule) int {
	return cmp.Or(cmp.Compare(a.Sort, b.Sort), cmp.Compare(a.Code, b.Code))
}

// CheckRule says what Save would refuse, without storing anything. Errors: as Save.
func (r *Rules) CheckRule(ctx context.Context, rule Rule) error {
	err := r.desk.MayConfigure(ctx)
	if err == nil {
		var s *Setup
		if s, err = r.setup(ctx); err == nil {
			err = r.check(ctx, &rule, s)
		}
	}
	return failed("check "+rule.Code, err)
}

func (r *Rules) check(ctx context.Context, rule *Rule, s *Setup) error {
	var e ticket.ValidationError
	if rule.Code == "" {
		e.Add("code", ticket.FaultRequired, "is empty")
	}
	if rule.Name == "" {
		e.Add("name", ticket.FaultRequired, "is empty")
	}
	if len(rule.On) == 0 {
		e.Add("on", ticket.FaultRequired, "names no trigger, so nothing would ever look at the rule")
	}
	for i, t := range rule.On {
		if !t.Valid() {
			e.Add(fmt.Sprintf("on[%d]", i), ticket.FaultUnknown, "%q is no trigger; those of the host begin with \"x.\"%s", t, hint(string(t), texts(Triggers())))
		}
	}
	if rule.Every != 0 && time.Duration(rule.Every) < minEvery {
		e.Add("every", ticket.FaultOutOfRange, "is less than a minute")
	}
	for i, b := range rule.Brands {
		if err := known("brand", b, s.BrandCodes()); err != nil {
			e.Add(fmt.Sprintf("brands[%d]", i), ticket.FaultUnknown, "%v", err)
		}
	}
	e.CheckCount("do", len(rule.Do), maxSteps)
	r.checkSteps(&e, rule.Do, s)
	if err := errors.Join(r.checkTexts(ctx, &e, rule.Do), r.checkNotices(ctx, &e, rule.Notify)); err != nil {
		return err
	}
	if _, err := rule.compile(s); err != nil {
		addCondition(&e, rule, err)
	}
	return e.Err()
}

func texts[T ~string](list []T) []string {
	return codes(list, func(v T) string { return string(v) })
}

// compile returns the condition; nil where there is none.
func (r *Rule) compile(s *Setup) (*condition.Condition, error) {
	if r.When != "" && r.Match != nil {
		return nil, ticket.Invalid("match", ticket.FaultConflicting, "the condition is given twice: as when, and as match")
	}
	text := r.When
	schema := s.schema(slices.Contains(r.On, ByClock))
	if r.Match != nil {
		var err error
		if text, err = condition.FromGroup(*r.Match, schema); err != nil {
			return nil, err
		}
	}
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	return condition.Compile(text, schema)
}

// addCondition adds what is wrong with the condition.
func addCondition(e *ticket.ValidationError, rule *Rule, err error) {
	var v *ticket.ValidationError
	if errors.As(err, &v) {
		e.Fields = append(e.Fields, v.Fields...)
		return
	}
	field := "when"
	if rule.Match != nil {
		field = "match"
	}
	e.Add(field, ticket.FaultMalformed, "%v", err)
}
