package rules

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/rules/sla"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// A file says since when its entries are active where it was written. Here they are since they came: a rule that another
// desk has had for a year is not to tell a year's customers at once.

// begun is what the Since of an entry depends on.
type begun struct {
	since    *time.Time
	inactive bool
	looks    bool // back to Since, when it comes
}

// beginHere is a file whose entries begin when they may here, and what is to be said of that.
func (r *Rules) beginHere(ctx context.Context, x store.Reader, f File) (out File, warnings []Warning, err error) {
	var errs [3]error
	var w [3][]Warning
	now := ticket.Time(r.desk.Now())
	out = f
	out.Rules, w[0], errs[0] = beginHere(ctx, x, ruleForm, f.Rules, f.LookBack, now, func(v *Rule) begun { return begun{&v.Since, v.Inactive, slices.Contains(v.On, ByClock)} })
	out.Policies, w[1], errs[1] = beginHere(ctx, x, policyForm, f.Policies, f.LookBack, now, func(v *sla.Policy) begun { return begun{&v.Since, v.Inactive, true} })
	out.AutoClose, w[2], errs[2] = beginHere(ctx, x, autoCloseForm, f.AutoClose, f.LookBack, now, func(v *AutoClose) begun { return begun{&v.Since, v.Inactive, true} })
	return out, slices.Concat(w[:]...), errors.Join(errs[:]...)
}

func beginHere[T any](ctx context.Context, x store.Reader, form form[T], list []T, lookBack bool, now time.Time, of func(*T) begun) (out []T, warnings []Warning, err error) {
	out = slices.Clone(list)
	for i := range out {
		code := form.head(&out[i]).code
		stored, err := form.get(ctx, x, code)
		if err := orGone(err); err != nil {
			return nil, nil, err
		}
		was, is := of(&stored), of(&out[i])
		known := form.head(&stored).code != ""
		switch {
		case is.since.After(now): // it is to begin later
		case lookBack && !is.since.IsZero():
			if is.looks && !is.inactive && !(known && !is.since.Before(*was.since)) {
				warnings = append(warnings, Warning{code, fmt.Sprintf("it looks back to %s: what has waited since then is due at once", is.since.Format(time.RFC3339))})
			}
		case known && (is.inactive || !was.inactive):
			*is.since = *was.since
		default:
			*is.since = now
		}
	}
	return out, warnings, nil
}
