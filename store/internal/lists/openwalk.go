package lists

import (
	"context"
	"database/sql"
	"slices"
)

// openWalk reads the rows of all arms side by side, each as far as it is needed.
type openWalk struct {
	d    *Dialect
	from Opener
	doc  string // what is read of a ticket that is in the list
	arms []arm
	few  int // see race.enter
	open []*openArm
}

// openArm is an arm with the ticket that comes next.
type openArm struct {
	arm  arm
	rows Rows
	next found
	doc  sql.RawBytes // lives until the next step
	into []any        // what rows are read into
	over bool
}

// text writes the arm as a query whose index is named: it fails rather than walk something else. What the index does not
// answer is asked of each ticket that is walked, and shows in the document: it must not make the walk longer.
func (d *Dialect) text(a arm, ph phase, doc string) (string, []any) {
	at, id := ph.place(a)
	shown, args := shownIf(a.rest, doc)
	join, joinArgs := d.joined(a, ph)
	where, walked := d.where(a)
	return "SELECT " + at + ", t.id, " + shown + " FROM " + d.from(a) + join + where + order(ph.desc, ph.sorted(at, id)...),
		slices.Concat(args, joinArgs, walked)
}

// shownIf is what is read of a ticket of which the conditions hold.
func shownIf(conds []condition, doc string) (string, []any) {
	if len(conds) == 0 {
		return doc, nil
	}
	text, args := all(conds)
	return "CASE WHEN " + text + " THEN " + doc + " END", args
}

// joined adds the ticket and, where the phase is sorted by it, the value of the custom field to what an arm walks.
func (d *Dialect) joined(a arm, ph phase) (text string, args []any) {
	if a.of != tickets {
		text = around(d.ticket, a.of.id)
	}
	if a.valued {
		text, args = text+d.value, []any{ph.field}
	}
	return text, args
}

// sortedText writes an arm that is in another order. The documents are read when the order is known.
func (d *Dialect) sortedText(a arm, ph phase, doc string, limit int) (string, []any) {
	at, id := ph.place(a)
	join, args := d.joined(a, ph)
	where, walked := d.where(a)
	args = append(args, walked...)
	if len(a.rest) > 0 {
		cond, asked := all(a.rest)
		where, args = alsoWhere(where, cond), append(args, asked...)
	}
	return "SELECT s.at, s.id, " + doc + " FROM (SELECT " + at + " AS at, " + id + " AS id FROM " + d.from(a) + join + where +
		order(ph.desc, ph.sorted("at", "id")...) + " LIMIT " + d.limit + ") s" + around(d.ticket, "s.id"), append(args, limit)
}

func alsoWhere(where, cond string) string {
	if where == "" {
		return " WHERE " + cond
	}
	return where + " AND " + cond
}

// countText counts what the walk meets, as far as most.
func (d *Dialect) countText(a arm, most int64) (string, []any) {
	where, args := d.where(a)
	return "SELECT count(*) FROM (SELECT 1 FROM " + d.from(a) + where + " LIMIT " + d.limit + ")", append(args, most)
}

// start opens the arms.
func (o *openWalk) start(ctx context.Context, w *walk) error {
	if o.open != nil {
		return nil
	}
	o.open = make([]*openArm, 0, len(o.arms))
	for _, a := range o.arms {
		one := &openArm{arm: a}
		one.into = w.ph.next(&one.next, &one.doc)
		o.open = append(o.open, one)
		if err := o.openArm(ctx, w.ph, one); err != nil {
			return err
		}
		if err := o.step(ctx, w, one); err != nil {
			return err
		}
	}
	return nil
}

func (o *openWalk) openArm(ctx context.Context, ph phase, one *openArm) (err error) {
	text, args := o.d.text(one.arm, ph, o.doc)
	if o.few > 0 {
		text, args = o.d.sortedText(one.arm, ph, o.doc, o.few)
	}
	one.rows, err = o.from.Open(ctx, text, args...)
	return err
}

// step reads the next ticket of an arm.
func (o *openWalk) step(ctx context.Context, w *walk, one *openArm) error {
	for !one.rows.Next() {
		if err := one.rows.Err(); err != nil || one.arm.after == nil {
			one.over = true
			return err
		}
		_ = one.rows.Close() // what went wrong was said by Err
		one.arm = *one.arm.after
		if err := o.openArm(ctx, w.ph, one); err != nil {
			return err
		}
	}
	w.walked++
	return one.rows.Scan(one.into...)
}

func (o *openWalk) advance(ctx context.Context, w *walk, want, tickets int) error {
	if err := o.start(ctx, w); err != nil {
		return err
	}
	for until := w.walked + tickets; len(w.hits) < want && w.walked < until; {
		first := o.first(w.ph)
		if first == nil {
			w.done = true
			return nil
		}
		if w.look(first.next, first.doc != nil) {
			hit := w.place
			hit.doc = o.from.Keep(first.doc)
			w.hits = append(w.hits, hit)
		}
		if err := o.step(ctx, w, first); err != nil {
			return err
		}
	}
	return nil
}

// first is the arm whose ticket comes next, or nil where all are over.
func (o *openWalk) first(ph phase) *openArm {
	var out *openArm
	for _, one := range o.open {
		if !one.over && (out == nil || ph.compare(one.next, out.next) < 0) {
			out = one
		}
	}
	return out
}

func (o *openWalk) close() {
	for _, one := range o.open {
		if one.rows != nil {
			_ = one.rows.Close() // what went wrong was said by Err
		}
	}
	o.open = nil
}
