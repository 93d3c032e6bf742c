package lists

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

// step is one into the index of the priorities: to the first of a box that comes after another.
type step struct {
	box   int
	after string
	first bool // to the first of all
}

// unranked lists the priorities of the tickets of some boxes but for the known ones, not many more than maxArms. It steps
// over all that it knows at once: where nothing else is found, that is one statement.
func (r Reader) unranked(ctx context.Context, boxes []int, known []string) (out []string, err error) {
	var steps []step
	stepped := map[step]bool{}
	add := func(s step) {
		if !stepped[s] {
			stepped[s], steps = true, append(steps, s)
		}
	}
	for _, box := range boxes {
		add(step{box: box, first: true})
		for _, code := range known {
			add(step{box: box, after: code})
		}
	}
	for len(steps) > 0 && len(out) <= maxArms {
		some := steps[:min(len(steps), maxArms)]
		steps = steps[len(some):]
		text, args := r.Dialect.stepsText(some)
		err := r.Source.Each(ctx, func(scan func(...any) error) error {
			var n int
			var code *string
			if err := scan(&n, &code); err != nil || code == nil {
				return err
			}
			if !slices.Contains(known, *code) && !slices.Contains(out, *code) {
				out = append(out, *code)
			}
			add(step{box: some[n].box, after: *code})
			return nil
		}, text, args...)
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// stepsText takes some steps; those that lead nowhere find nothing. No index but one is in the order of the priorities.
func (d *Dialect) stepsText(steps []step) (string, []any) {
	texts, args := make([]string, len(steps)), make([]any, 0, 2*len(steps))
	for i, s := range steps {
		op := " > ?"
		if s.first {
			op = " >= ?"
		}
		texts[i] = "SELECT " + strconv.Itoa(i) + ", (SELECT t.priority FROM " + d.from(through("priority")) + " WHERE t.box = ? AND t.priority" + op +
			" ORDER BY t.priority LIMIT 1)"
		args = append(args, s.box, s.after)
	}
	return strings.Join(texts, " UNION ALL "), args
}
