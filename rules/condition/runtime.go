package condition

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/expr-lang/expr"
)

// builtins are those of expr's functions that conditions call.
func builtins() []string {
	var out []string
	for _, f := range Functions() {
		if f.native() {
			out = append(out, f.Name)
		}
	}
	return out
}

// options are what a program is compiled with: the types of what it reads, and the functions that printer writes. The
// checker of the language has seen to the types of their arguments.
func (s *Schema) options(c *code) []expr.Option {
	out := []expr.Option{expr.Env(c.types), expr.DisableAllBuiltins(), expr.MaxNodes(10 * MaxParts)}
	for _, name := range builtins() {
		out = append(out, expr.EnableBuiltin(name))
	}
	matches := func(args ...any) (any, error) {
		return c.patterns[args[1].(int)].MatchString(cut(args[0].(string), MaxMatched)), nil
	}
	out = append(out, expr.Function("_matches", matches, new(func(string, int) bool)))
	return append(append(out, fieldFunctions()...), s.timeFunctions()...)
}

var errEnv = errors.New("condition: it is run over Vars that NewVars has not made")

func fieldFunctions() []expr.Option {
	return []expr.Option{
		expr.Function("_lazy", func(args ...any) (any, error) { return args[0].(Lazy).text() }, new(func(Lazy) string)),
		expr.Function("_differ", func(args ...any) (any, error) { return differ(args[0], args[1]), nil }, new(func(any, any) bool)),
		expr.Function("_set_number", func(args ...any) (any, error) { return !math.IsNaN(args[0].(float64)), nil }, new(func(float64) bool)),
		expr.Function("_set_time", func(args ...any) (any, error) { return !args[0].(time.Time).IsZero(), nil }, new(func(time.Time) bool)),
	}
}

func (s *Schema) timeFunctions() []expr.Option {
	part := func(name string, of func(t time.Time) int) expr.Option {
		fn := func(args ...any) (any, error) {
			t := args[0].(time.Time)
			if t.IsZero() {
				return unset(), nil
			}
			return float64(of(t.In(s.zone()))), nil
		}
		return expr.Function("_"+name, fn, new(func(time.Time) float64))
	}
	days := weekdays()
	weekday := func(args ...any) (any, error) {
		t := args[0].(time.Time)
		if t.IsZero() {
			return "", nil
		}
		return days[t.In(s.zone()).Weekday()], nil
	}
	since := func(args ...any) (any, error) { return hours(args[0].(time.Time), args[1].(time.Time)), nil }
	return []expr.Option{
		part("hour", time.Time.Hour), part("day", time.Time.Day), part("year", time.Time.Year),
		part("month", func(t time.Time) int { return int(t.Month()) }),
		expr.Function("_weekday", weekday, new(func(time.Time) string)),
		expr.Function("_hours", since, new(func(time.Time, time.Time) float64)),
		expr.Function("_date", func(args ...any) (any, error) { return s.date(args[0].(string)) }, new(func(string) time.Time)),
	}
}

// date is the first moment of a day.
func (s *Schema) date(day string) (time.Time, error) {
	return time.ParseInLocation(time.DateOnly, day, s.zone())
}

func number(s string) float64 {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) {
		return unset()
	}
	return f
}

// entries are the lines of a value with several.
func entries(s string) []string {
	var out []string
	for l := range strings.Lines(s) {
		if l = strings.TrimSpace(l); l != "" && len(out) < MaxList {
			out = append(out, cut(l, MaxEntry))
		}
	}
	return out
}

func differ(a, b any) bool {
	switch a := a.(type) {
	case []string:
		return !slices.Equal(a, b.([]string))
	case time.Time:
		return !a.Equal(b.(time.Time))
	case float64:
		b := b.(float64)
		return a != b && !(math.IsNaN(a) && math.IsNaN(b))
	}
	return a != b
}
