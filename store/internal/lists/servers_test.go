package lists

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	_ "github.com/go-sql-driver/mysql" // the driver
	_ "github.com/jackc/pgx/v5/stdlib" // the driver

	"github.com/helpdeskgo/helpdesk/internal/mariaserver"
	"github.com/helpdeskgo/helpdesk/internal/pgserver"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/row"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// server is a kind of server that tests run on.
type server struct {
	name string
	open func(*testing.T) *base
	// analyse gathers statistics.
	analyse []string
	// cost runs a statement, and says what is wrong with how it went through the tables: it may read so many rows of each.
	cost func(b *base, t *testing.T, text string, args []any, rows int) string
}

var servers = []server{
	{"PostgreSQL", newPostgres, []string{"ANALYZE"}, (*base).explain},
	{"MariaDB", newMariaDB, []string{"ANALYZE TABLE {p}tickets PERSISTENT FOR ALL", "ANALYZE TABLE {p}facets PERSISTENT FOR ALL", "ANALYZE TABLE {p}field_values PERSISTENT FOR ALL"}, (*base).handled},
}

func newPostgres(t *testing.T) *base {
	t.Helper()
	s := pgserver.Start(t, "fsync = off", "autovacuum = off")
	b := &base{d: Postgres, rebind: func(text string) string {
		parts := strings.Split(prefixed(text), "?")
		for i := range parts[1:] {
			parts[i] += "$" + strconv.Itoa(i+1)
		}
		return strings.Join(parts, "")
	}}
	b.open(t, "pgx", s.Database(), "../../postgres/migrations")
	return b
}

func newMariaDB(t *testing.T) *base {
	t.Helper()
	s := mariaserver.Start(t, "--innodb-flush-log-at-trx-commit=0")
	b := &base{d: MySQL, rebind: prefixed}
	b.open(t, "mysql", s.Database()+"?multiStatements=true&interpolateParams=true", "../../mysql/migrations")
	return b
}

// TestServedPlans looks at what servers read for every list: so many rows as the statement may look at, by the index of each
// arm, whatever statistics say of a table of which nearly all is alike.
func TestServedPlans(t *testing.T) {
	t.Parallel()
	for _, s := range servers {
		for _, what := range []string{"without statistics", "with statistics", "with statistics of another day"} {
			t.Run("X12 every list is walked by an index on "+s.name+" "+what, func(t *testing.T) {
				t.Parallel()
				if testing.Short() && what != "with statistics" {
					t.Skip("under the race detector one kind of statistics is enough: run it without -short")
				}
				b := s.open(t)
				n := 20_000
				if testing.Short() {
					n = 3000
				}
				analyse := func() {
					for _, text := range s.analyse {
						b.exec(t, text)
					}
				}
				if what == "with statistics of another day" { // when all tickets were open
					b.fillOpen(t, n, 1)
					analyse()
					for _, table := range []string{"tickets", "facets", "field_values"} {
						b.exec(t, "TRUNCATE TABLE {p}"+table)
					}
				}
				b.fill(t, n)
				if what == "with statistics" {
					analyse()
				}
				count := 0
				b.exec(t, "BEGIN")
				if b.d.Settings != "" {
					b.exec(t, b.d.Settings)
				}
				seen := map[string]bool{}
				b.statements(t, func(what, text string, args []any, rows int) {
					if seen[text] {
						return
					}
					seen[text] = true
					count++
					if wrong := s.cost(b, t, text, args, rows); wrong != "" {
						t.Errorf("%s: %s\n%s\n%v", what, wrong, text, args)
					}
				})
				t.Logf("%d statements", count)
			})
		}
	}
}

// statements makes those of all views by everybody in all orders from several places, with how many rows each may read of
// a table.
func (b *base) statements(t *testing.T, check func(what, text string, args []any, rows int)) {
	t.Helper()
	const page, few = 20, 30
	text, args := b.d.stepsText([]step{{box: row.BoxInbox, first: true}, {box: row.BoxArchive, after: "high"}, {box: row.BoxArchive, after: "low"}})
	check("priorities", text, args, 1)
	for _, by := range []store.TallyKind{store.TallyPlaces, store.TallyTags} {
		for who, scope := range plannedScopes {
			q := store.TallyQuery{By: by}
			if walks := countWalks(q, scope); len(walks) > 0 {
				text, args := b.d.countedText(walks, q, page)
				check("numbers for "+who, text, args, page)
			}
		}
	}
	for i, sort := range plannedSorts {
		for name, q := range plannedViews {
			for who, scope := range plannedScopes {
				for depth, from := range depths {
					if testing.Short() && (i%9 > 0 || depth > 1) || depth > 1 && who != "staff" {
						continue
					}
					q.Sort, q.Ranks = sort, []string{"low", "high"}
					l, err := newListing(b.d, q, scope)
					if err != nil {
						t.Fatal(err)
					}
					l.from = from
					for _, ph := range l.phases() {
						b.phaseStatements(t, l, ph, page, few, fmt.Sprintf("%s for %s, %s, depth %d", name, who, sort, depth), check)
					}
				}
			}
		}
	}
}

func (b *base) phaseStatements(t *testing.T, l *listing, ph phase, page int, few int64, what string, check func(what, text string, args []any, rows int)) {
	t.Helper()
	ways, _, err := b.reader().ways(t.Context(), l, ph)
	if err != nil || len(ways) == 0 {
		t.Fatalf("%s: %d ways, %v", what, len(ways), err)
	}
	for _, way := range ways {
		if p, ok := way(); ok && len(p.arms) > 0 {
			text, args := l.pageText(p, ph, page)
			check(what, text, args, page)
		}
	}
	for _, p := range l.fewPaths(ph) {
		if len(p.arms) == 0 {
			continue
		}
		text, args := l.fewText(p, ph, page, few)
		check(what+", sorted", text, args, int(few))
		text, args = b.d.countsText([]path{p, p}, few)
		check(what+", counted", text, args, int(few))
	}
}

// node is one of a plan of PostgreSQL's.
type node struct {
	Type      string  `json:"Node Type"`
	Relation  string  `json:"Relation Name"`
	Index     string  `json:"Index Name"`
	Rows      float64 `json:"Actual Rows"`
	Loops     float64 `json:"Actual Loops"`
	Filtered  float64 `json:"Rows Removed by Filter"`
	Rechecked float64 `json:"Rows Removed by Index Recheck"`
	Hit       float64 `json:"Shared Hit Blocks"`
	Read      float64 `json:"Shared Read Blocks"`
	Plans     []node
}

// explain runs a statement by the plan that does for all arguments, and looks at what it has read: rows, and blocks, for an
// index may be searched for what it does not answer.
func (b *base) explain(t *testing.T, text string, args []any, rows int) string {
	t.Helper()
	values := make([]string, len(args))
	for i, a := range args {
		values[i] = fmt.Sprint(a)
		if s, ok := a.(string); ok {
			values[i] = "'" + strings.ReplaceAll(s, "'", "''") + "'"
		}
	}
	given := ""
	if len(args) > 0 {
		given = "(" + strings.Join(values, ", ") + ")"
	}
	b.exec(t, "PREPARE looked_at AS "+text)
	defer b.exec(t, "DEALLOCATE looked_at")
	var all []struct{ Plan node }
	err := b.Each(t.Context(), func(scan func(...any) error) error {
		var plan []byte
		if err := scan(&plan); err != nil {
			return err
		}
		return json.Unmarshal(plan, &all)
	}, "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE looked_at"+given)
	if err != nil || len(all) != 1 {
		t.Fatalf("%v\n%s", err, text)
	}
	return all[0].Plan.wrong(float64(rows))
}

func (n node) wrong(rows float64) string {
	if n.Relation != "" && n.Loops > 0 {
		looked, blocks := n.Rows+n.Filtered+n.Rechecked, n.Hit+n.Read
		for _, below := range n.Plans {
			blocks -= below.Hit + below.Read
		}
		switch {
		case n.Type != "Index Scan" && n.Type != "Index Only Scan":
			return fmt.Sprintf("%s of %s", n.Type, n.Relation)
		case looked > max(rows, 3):
			return fmt.Sprintf("%s of %s by %s reads %v rows", n.Type, n.Relation, n.Index, looked)
		case blocks > n.Loops*(8+2*looked):
			return fmt.Sprintf("%s of %s by %s reads %v blocks for %v rows, %v times", n.Type, n.Relation, n.Index, blocks, looked, n.Loops)
		}
	}
	for _, below := range n.Plans {
		if w := below.wrong(rows); w != "" {
			return w
		}
	}
	return ""
}

// handled runs a statement and counts the rows that it has asked the tables for.
func (b *base) handled(t *testing.T, text string, args []any, rows int) string {
	t.Helper()
	read := func() (sum int) {
		err := b.Each(t.Context(), func(scan func(...any) error) error {
			var name string
			var n int
			err := scan(&name, &n)
			sum += n
			return err
		}, "SHOW SESSION STATUS LIKE 'Handler_read%'")
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	before := read()
	err := b.Each(t.Context(), func(func(...any) error) error { return nil }, text, args...)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	// Each arm reads its rows; merged, they are read again, and there are some look-ups for each.
	arms := strings.Count(text, "FORCE INDEX")
	if n := read() - before; n > 100+arms*(rows+4)*3+rows*20 {
		return fmt.Sprintf("%d rows are read, of %d in %d walks", n, rows, arms)
	}
	return ""
}

// TestOneStatement counts the statements of a page of the standard views, at any depth.
func TestOneStatement(t *testing.T) {
	t.Parallel()
	inbox := []ticket.Folder{ticket.Archive}
	views := map[string]ticket.Query{
		"folder": {Folders: inbox}, "class": {Folders: inbox, Classes: []ticket.Class{ticket.ClassClosed}}, "status": {Folders: inbox, Statuses: []string{"closed"}},
		"department": {Folders: inbox, Departments: []string{"support"}}, "assignee": {Folders: inbox, Assignee: "7"}, "unassigned": {Folders: inbox, Unassigned: true},
		"requester": {Requester: "42"}, "organisation": {Organisation: "acme"}, "nobody's": {Requester: "none"},
	}
	scopes := map[string]ticket.Scope{"all": {All: true}, "departments": {Places: departmentsNumbered(7)}, "staff": plannedScopes["staff"]}
	scopes["departments"].Places[0].Department = "support"
	for _, s := range servers {
		t.Run("X12 a page of a standard view is one statement on "+s.name, func(t *testing.T) {
			t.Parallel()
			b := s.open(t)
			b.fill(t, 600)
			for name, q := range views {
				for who, scope := range scopes {
					for _, q.Sort = range []ticket.Sort{ticket.NewestUpdate, ticket.OldestUpdate} {
						q.Cursor, q.Limit = "", 20
						for page := range 3 {
							b.asked = 0
							p, err := b.reader().Tickets(t.Context(), q, scope)
							if err != nil || b.asked != 1 {
								t.Errorf("%s for %s, %s, page %d: %d statements, %v", name, who, q.Sort, page, b.asked, err)
							}
							if q.Cursor = p.Next; q.Cursor == "" {
								break
							}
						}
					}
				}
			}
		})
	}
}

// TestServedReach turns pages on servers as TestReach does in a file.
func TestServedReach(t *testing.T) {
	t.Parallel()
	for _, s := range servers {
		t.Run("X12 pages have a bounded cost on "+s.name, func(t *testing.T) {
			t.Parallel()
			turnPages(t, s.open(t))
		})
	}
}
