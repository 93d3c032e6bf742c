package sqlite

import (
	"cmp"
	"database/sql"
	"slices"
	"strings"
)

// walk goes through the tickets of some arms in the order of a phase, a few at a time.
type walk struct {
	ses    *session
	ph     phase
	doc    string // what is read of a ticket that is in the list
	arms   []arm
	few    int // if not 0, the arms' tickets are few: each sorts them and shows at most so many
	open   []*openArm
	hits   []found
	place  found
	last   *found // the place that was looked at last: nil, or the one above
	walked int
	done   bool
}

// openArm is an arm with the ticket that comes next.
type openArm struct {
	arm  arm
	rows *openRows
	next found
	doc  sql.RawBytes // lives until the next step
	into []any        // what rows are read into
	over bool
}

// text writes the arm as a query. INDEXED BY makes it fail rather than walk something else. What the index does not
// answer is asked of each ticket that is walked, and shows in the document: it must not make the walk longer.
func (a arm) text(ph phase, doc string) (string, []any) {
	at, id := ph.place(a)
	var args []any
	if len(a.rest) > 0 {
		var cond string
		cond, args = all(a.rest)
		doc = "CASE WHEN " + cond + " THEN " + doc + " END"
	}
	return "SELECT " + at + ", t.id, " + doc + " FROM " + a.from + a.join + a.conditions() + " ORDER BY " + ph.order(at, id), append(args, a.args...)
}

// sortedText writes an arm that is in another order. The documents are read when the order is known.
func (a arm) sortedText(ph phase, doc string, limit int) (string, []any) {
	at, id := ph.place(a)
	for _, c := range a.rest {
		a = a.walks(c.text, c.args...)
	}
	return "SELECT s.at, s.id, " + doc + " FROM (SELECT " + at + " AS at, " + id + " AS id FROM " + a.from + a.join + a.conditions() +
		" ORDER BY " + ph.order("at", "id") + " LIMIT ?+0) s CROSS JOIN {p}tickets t ON t.id = s.id", append(slices.Clip(a.args), limit)
}

// countText counts what the walk meets, as far as most.
func (a arm) countText(most int64) (string, []any) {
	return "SELECT count(*) FROM (SELECT 1 FROM " + a.from + a.conditions() + " LIMIT ?+0)", append(slices.Clip(a.args), most)
}

func (a arm) conditions() string {
	if len(a.where) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(a.where, " AND ")
}

// start opens the arms.
func (w *walk) start() error {
	if w.open != nil {
		return nil
	}
	w.open = make([]*openArm, 0, len(w.arms))
	for _, a := range w.arms {
		o := w.newArm(a)
		w.open = append(w.open, o)
		if err := w.openArm(o); err != nil {
			return err
		}
		if err := w.step(o); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) newArm(a arm) *openArm {
	o := &openArm{arm: a}
	if len(w.ph.priority) > 0 {
		o.next.priority = w.ph.priority[0]
	}
	place := any(&o.next.at)
	if w.ph.field != "" && !w.ph.valueless {
		place = &o.next.key
	}
	o.into = []any{place, &o.next.id, &o.doc}
	return o
}

func (w *walk) openArm(o *openArm) (err error) {
	text, args := o.arm.text(w.ph, w.doc)
	if w.few > 0 {
		text, args = o.arm.sortedText(w.ph, w.doc, w.few)
	}
	o.rows, err = w.ses.open(text, args...)
	return err
}

// step reads the next ticket of an arm.
func (w *walk) step(o *openArm) error {
	for !o.rows.Next() {
		if err := o.rows.Err(); err != nil || o.arm.after == nil {
			o.over = true
			return err
		}
		o.rows.close()
		o.arm = *o.arm.after
		if err := w.openArm(o); err != nil {
			return err
		}
	}
	w.walked++
	return o.rows.Scan(o.into...)
}

// advance goes on until it has the wanted number of hits in all, or has looked at so many tickets more.
func (w *walk) advance(want, tickets int) error {
	if err := w.start(); err != nil {
		return err
	}
	for until := w.walked + tickets; len(w.hits) < want && w.walked < until; {
		first := w.first()
		if first == nil {
			w.done = true
			return nil
		}
		w.place, w.last = first.next, &w.place
		if first.doc != nil && (len(w.hits) == 0 || w.hits[len(w.hits)-1].id != w.place.id) {
			hit := w.place
			hit.doc = w.ses.keep(first.doc)
			w.hits = append(w.hits, hit)
		}
		if err := w.step(first); err != nil {
			return err
		}
	}
	return nil
}

// first is the arm whose ticket comes next, or nil where all are over.
func (w *walk) first() *openArm {
	var out *openArm
	for _, o := range w.open {
		if !o.over && (out == nil || w.ph.compare(o.next, out.next) < 0) {
			out = o
		}
	}
	return out
}

// compare orders places as they are walked.
func (ph phase) compare(a, b found) int {
	c := cmp.Compare(a.at, b.at)
	if c == 0 {
		c = cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.id, b.id))
	}
	if ph.desc {
		return -c
	}
	return c
}

func (w *walk) close() {
	for _, o := range w.open {
		if o.rows != nil {
			o.rows.close()
		}
	}
	w.open = nil
}
