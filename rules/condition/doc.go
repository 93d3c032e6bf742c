// Package condition is what rules ask of a ticket: an expression over typed fields, checked when it is saved, bounded when
// it runs, and able to say why it did not match.
//
//	c, err := condition.Compile(`ticket.status == "open" and hours_since_last_reply > 72`, &condition.Schema{})
//	ok, err := c.Match(condition.NewVars(condition.Source{Ticket: t, Now: now}))
//
// The language is a part of expr's (github.com/expr-lang/expr): comparisons, and, or, not, in, contains, startsWith, endsWith,
// matches, the conditional a ? b : c, arithmetic on numbers, and the functions that Functions lists. What is not listed is
// refused, with its place. A Group is the same as a form that a settings page edits.
//
// The package knows neither a store nor a desk: who runs conditions fills in what they see, by NewVars.
package condition
