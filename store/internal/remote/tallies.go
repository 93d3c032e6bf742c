package remote

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/row"
)

// Numbers of tickets stand in two tables of the same columns. Writers add rows of differences to one, and so never wait
// for each other; Settle sums those up in the other. What is read is the sum of both.

// tallyColumns say what a number is of; name is that of the assignee or the tag.
const tallyColumns = "kind, name, folder, department, brand, class, status, assigned"

// count adds differences to the numbers.
func (x *tx) count(list []row.Count) error {
	for _, c := range list {
		err := x.ses.later(Statement{What: "count a ticket", Into: "tally_changes", Args: tallyArgs(c),
			Text: "INSERT INTO {p}tally_changes (" + tallyColumns + ", n, unread) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"})
		if err != nil {
			return err
		}
	}
	return nil
}

func tallyArgs(c row.Count) []any {
	assigned := 0
	if c.Assigned {
		assigned = 1
	}
	return []any{int(c.By), c.Assignee + c.Tag, string(c.Folder), c.Department, c.Brand, string(c.Class), c.Status, assigned, c.N, c.Unread}
}

// scanCount reads what tallyArgs writes.
func scanCount(scan Scan, before ...any) (row.Count, error) {
	c, n, err := scanNumber(scan, before...)
	c.N = int(n)
	return c, err
}

// scanNumber leaves the number apart: it need not be one of tickets.
func scanNumber(scan Scan, before ...any) (c row.Count, n int64, err error) {
	var kind, assigned int
	var name string
	err = scan(append(before, &kind, &name, (*string)(&c.Folder), &c.Department, &c.Brand, (*string)(&c.Class), &c.Status, &assigned, &n, &c.Unread)...)
	c.By, c.Assigned = store.TallyKind(kind), assigned == 1
	if c.By == store.TallyTags {
		c.Tag = name
	} else {
		c.Assignee = name
	}
	return c, n, err
}

// settleBatch is how many differences are summed up in one transaction.
const settleBatch = 1000

// Unsettled counts differences that are not summed up yet; see store.Settler.
func (s *Store) Unsettled(ctx context.Context) (n int, err error) {
	err = s.View(ctx, func(ctx context.Context, y store.Reader) error {
		r := y.(*reader)
		if err := r.check(ctx); err != nil {
			return err
		}
		_, err := r.ses.row("count differences", "SELECT count(*) FROM (SELECT 1 FROM {p}tally_changes LIMIT ?) c", []any{&n}, settleBatch)
		return err
	})
	return n, err
}

// Settle sums up differences of numbers, and returns how many; see store.Settler. Several may do so at once.
func (s *Store) Settle(ctx context.Context) (n int, err error) {
	err = s.Update(ctx, func(ctx context.Context, y store.Tx) error {
		x := y.(*tx)
		if err := x.check(ctx); err != nil {
			return err
		}
		sums, ids := sums{}, []any{}
		const text = "SELECT id, " + tallyColumns + ", n, unread FROM {p}tally_changes w ORDER BY id LIMIT ? "
		err := x.ses.each("read differences", text+x.s.d.SkipLocked, func(scan Scan) error {
			var id int64
			c, err := scanCount(scan, &id)
			ids = append(ids, id)
			sums.add(c)
			return err
		}, settleBatch)
		if n = len(ids); err != nil || n == 0 {
			return err
		}
		return x.settle(ctx, sums, ids)
	})
	return n, err
}

// sums are numbers by what they are of, whose own numbers are 0.
type sums map[row.Count]struct{ n, unread int }

func (s sums) add(c row.Count) {
	key := c
	key.N, key.Unread = 0, 0
	was := s[key]
	was.n, was.unread = was.n+c.N, was.unread+c.Unread
	s[key] = was
}

// each calls fn for what is not 0.
func (s sums) each(fn func(row.Count)) {
	for c, sum := range s {
		if c.N, c.Unread = sum.n, sum.unread; c.N != 0 || c.Unread != 0 {
			fn(c)
		}
	}
}

// list lists what is not 0, in the order of the keys of their rows: in another two transactions could wait for each other.
func (s sums) list() []row.Count {
	out := make([]row.Count, 0, len(s))
	s.each(func(c row.Count) { out = append(out, c) })
	slices.SortFunc(out, func(a, b row.Count) int { return strings.Compare(tallyID(a), tallyID(b)) })
	return out
}

// tallyID is the key of a number's row: what it is of may be longer than a key.
func tallyID(c row.Count) string {
	h := sha256.New()
	for _, a := range tallyArgs(c)[:8] {
		_, _ = fmt.Fprintf(h, "%v\x00", a) // a hash never fails
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func (x *tx) settle(ctx context.Context, sums sums, ids []any) error {
	text := "DELETE FROM {p}tally_changes WHERE id IN (?" + strings.Repeat(", ?", len(ids)-1) + ")"
	err := x.ses.later(Statement{What: "remove differences", Text: text, Args: ids})
	for _, c := range sums.list() {
		id := tallyID(c)
		err = errors.Join(err, x.ses.later(Statement{What: "sum up numbers", Text: x.s.put.tally, Args: append([]any{id}, tallyArgs(c)...)}),
			x.ses.later(Statement{What: "remove a number", Text: "DELETE FROM {p}tallies WHERE id = ? AND n = 0 AND unread = 0", Args: []any{id}}))
	}
	return errors.Join(err, x.setMeta(ctx, settledVersion, 1+rand.Int64N(1<<62)))
}

// everywhere are the columns of numbers without the place. What is beside it comes of a sum.
const everywhere = "kind, name, folder, '' AS department, '' AS brand, class, status, assigned"

// tallyQuery asks for the numbers of a kind that cond holds for. The server adds up those of all places where whole says
// so: there are many times as many of them by place.
type tallyQuery struct {
	kind  store.TallyKind
	whole bool
	cond  string
	args  []any
}

// text reads one of the tables.
func (q tallyQuery) text(d *Dialect, table string) string {
	columns, group := tallyColumns+", n, unread", ""
	if q.whole {
		columns = everywhere + ", " + d.Sum("n") + " AS n, " + d.Sum("unread") + " AS unread"
		group = " GROUP BY kind, name, folder, class, status, assigned"
	}
	return "SELECT " + columns + " FROM {p}" + table + " WHERE kind = ? AND " + q.cond + group
}

func (q tallyQuery) arguments() []any { return append([]any{int(q.kind)}, q.args...) }

// numbers calls fn with the numbers that a query asks for. Those of one thing may come in parts.
func (r *reader) numbers(q tallyQuery, fn func(row.Count)) error {
	if r.unit == nil {
		return r.numbersKept(q, fn)
	}
	return r.numbersNow(q, fn)
}

// numbersNow reads all of them.
func (r *reader) numbersNow(q tallyQuery, fn func(row.Count)) error {
	text := q.text(r.s.d, "tallies") + " UNION ALL " + q.text(r.s.d, "tally_changes")
	return r.eachNumber(text, append(q.arguments(), q.arguments()...), fn)
}

func (r *reader) eachNumber(text string, args []any, fn func(row.Count)) error {
	return r.ses.each("read numbers", text, func(scan Scan) error {
		c, err := scanCount(scan)
		fn(c)
		return err
	}, args...)
}

// settledVersion is the name of a number that is another one whenever differences have been summed up.
const settledVersion = "numbers version"

// noKind marks it among the numbers.
const noKind = -1

// numbersKept reads the differences, and the sums only where those that were read last are out of date: there are
// thousands of them, and they change when differences are summed up.
func (r *reader) numbersKept(q tallyQuery, fn func(row.Count)) error {
	version, key := int64(0), fmt.Sprintf("%d %t %s %q", q.kind, q.whole, q.cond, q.args)
	differences := q
	differences.whole = false
	text := differences.text(r.s.d, "tally_changes") + fmt.Sprintf(" UNION ALL SELECT %d, '', '', '', '', '', '', 0, value, 0 FROM {p}meta WHERE name = ?", noKind)
	err := r.ses.each("read numbers", text, func(scan Scan) error {
		c, n, err := scanNumber(scan)
		if c.By == noKind {
			version = n
			return err
		}
		c.N = int(n)
		fn(c)
		return err
	}, append(q.arguments(), settledVersion)...)
	if err != nil {
		return err
	}
	sums, known := r.s.settled.get(version, key)
	if !known {
		if err := r.eachNumber(q.text(r.s.d, "tallies"), q.arguments(), func(c row.Count) { sums = append(sums, c) }); err != nil {
			return err
		}
		r.s.settled.put(version, key, sums)
	}
	for _, c := range sums {
		fn(c)
	}
	return nil
}

// settled are sums as they were read last.
type settled struct {
	mu      sync.Mutex
	version int64
	of      map[string][]row.Count // by what was asked for; they are not changed
}

// mostSettled bounds the questions whose answers are remembered.
const mostSettled = 100

func (s *settled) get(version int64, key string) ([]row.Count, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if version != s.version {
		return nil, false
	}
	list, ok := s.of[key]
	return list, ok
}

func (s *settled) put(version int64, key string, list []row.Count) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == nil || version != s.version || len(s.of) >= mostSettled {
		s.version, s.of = version, map[string][]row.Count{}
	}
	s.of[key] = list
}

// recounts select what the numbers should be.
var recounts = map[store.TallyKind]string{
	store.TallyPlaces: `SELECT 0, '', folder, department, brand, class, status, CASE WHEN assignee <> '' THEN 1 ELSE 0 END, count(*), sum(unread)
		FROM {p}tickets WHERE box < 4 GROUP BY 3, 4, 5, 6, 7, 8`,
	store.TallyAssignees: `SELECT 1, assignee, folder, department, brand, class, status, 1, count(*), sum(unread)
		FROM {p}tickets WHERE box < 4 AND assignee <> '' GROUP BY 2, 3, 4, 5, 6, 7`,
	store.TallyTags: `SELECT 2, f.value, '', t.department, t.brand, '', '', 0, count(*), 0
		FROM {p}facets f JOIN {p}tickets t ON t.id = f.ticket WHERE f.kind = 1 AND t.box < 4 GROUP BY 2, 4, 5`,
}

// CheckTallies counts all tickets anew; see store.TallyChecker.
func (s *Store) CheckTallies(ctx context.Context) (out []string, err error) {
	err = s.View(ctx, func(ctx context.Context, y store.Reader) error {
		r := y.(*reader)
		if err := r.check(ctx); err != nil {
			return err
		}
		out = nil
		for _, by := range []store.TallyKind{store.TallyPlaces, store.TallyAssignees, store.TallyTags} {
			kept := sums{}
			if err := r.numbersNow(tallyQuery{kind: by, cond: "1 = 1"}, kept.add); err != nil {
				return err
			}
			err := r.ses.each("count tickets", recounts[by], func(scan Scan) error {
				c, err := scanCount(scan)
				c.N, c.Unread = -c.N, -c.Unread
				kept.add(c)
				return err
			})
			if err != nil {
				return err
			}
			for _, c := range kept.list() {
				out = append(out, fmt.Sprintf("%q is off by %+d tickets, %+d unread", tallyArgs(c)[:8], c.N, c.Unread))
			}
		}
		return nil
	})
	return out[:min(len(out), 10)], err
}
