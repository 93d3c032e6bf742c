package notify_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/internal/mariaserver"
	"github.com/helpdeskgo/helpdesk/internal/pgserver"
	"github.com/helpdeskgo/helpdesk/notify"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/mysql"
	"github.com/helpdeskgo/helpdesk/store/postgres"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// fleet is two shops of two processes over one database.
func fleet(t *testing.T, kind string) (x, y *shop) {
	t.Helper()
	var open func() (store.Store, error)
	switch kind {
	case "SQLite":
		path := t.TempDir() + "/desk.db"
		open = func() (store.Store, error) {
			return sqlite.Open(t.Context(), path, &sqlite.Options{Durability: sqlite.Normal, SearchOff: true})
		}
	case "PostgreSQL":
		dsn := pgserver.Start(t, "fsync = off").Database()
		open = func() (store.Store, error) { return postgres.Open(t.Context(), dsn, nil) }
	case "MariaDB":
		dsn := mariaserver.Start(t).Database()
		open = func() (store.Store, error) { return mysql.Open(t.Context(), dsn, nil) }
	}
	one, two := must(open())(t), must(open())(t)
	t.Cleanup(func() { done(t, one.Close()); done(t, two.Close()) })
	clock := helpdesktest.NewClock(time.Now())
	x = newShop(t, setup{store: one, clock: clock, mailer: &helpdesktest.Outbox{}})
	y = &shop{Desk: helpdesktest.New(t, &helpdesktest.Options{Store: two, Clock: clock}), host: x.host}
	y.n = must(notify.New(y.Notification(), two, &notify.Options{Mail: &helpdesktest.Outbox{}, From: help}))(t)
	return x, y
}

// poll reads an agent's feed to its end, and returns what was new.
func (x *shop) poll(t testing.TB, who ticket.Actor, cursor *string) (subjects []string) {
	t.Helper()
	for {
		page := must(x.n.Feed(as(who), *cursor, 3))(t)
		for _, n := range page.News {
			subjects = append(subjects, n.Subject)
		}
		if *cursor = page.Next; len(page.News) == 0 {
			return subjects
		}
	}
}

func (x *shop) open(t testing.TB, subject string) {
	t.Helper()
	must(x.CreateTicket(as(gus), ticket.Draft{Subject: subject, Body: "It is dark."}))(t)
	x.tick(t)
}

func TestFeedOfFleet(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"SQLite", "PostgreSQL", "MariaDB"} {
		t.Run("M32 who polls loses nothing of what several processes write, on "+kind, func(t *testing.T) {
			t.Parallel()
			if testing.Short() && kind != "SQLite" {
				t.Skip("starts a database server: run it without -short")
			}
			x, y := fleet(t, kind)
			cursor := ""
			for i, s := range []*shop{x, y, x, y, y, x} { // each takes numbers of its own
				s.open(t, fmt.Sprint("in turn ", i))
				same(t, "after one more", x.poll(t, ann, &cursor), fmt.Sprint("in turn ", i))
			}
			done(t, y.n.MarkFeedSeen(as(ann), cursor))
			x.open(t, "after that")
			same(t, "what is not seen", y.poll(t, ann, new("")), "after that")

			const each = 8
			var writers sync.WaitGroup
			want := []string{"after that"}
			for n, s := range []*shop{x, y} {
				for i := range each {
					want = append(want, fmt.Sprint("at once ", n, i))
				}
				writers.Go(func() {
					for i := range each {
						s.open(t, fmt.Sprint("at once ", n, i))
					}
				})
			}
			written := make(chan struct{})
			go func() { writers.Wait(); close(written) }()
			var got []string
			for more := true; more; {
				select {
				case <-written:
					more = false
				default:
				}
				got = append(got, x.poll(t, ann, &cursor)...)
			}
			x.tick(t)
			got = append(got, x.poll(t, ann, &cursor)...)
			slices.Sort(got)
			same(t, "while both write", got, want...)
		})
	}
	t.Run("M32 a cursor that the feed knows nothing of is refused: it would hide what is to come", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		x.open(t, "My lamp")
		equal(t, "the first cursor", must(x.n.Feed(as(ann), "", 0))(t).Next, "1")
		for _, cursor := range []string{"2", "-1", "01", "0000000000000000001", "one"} {
			_, err := x.n.Feed(as(ann), cursor, 0)
			equal(t, "the error of "+cursor, ticket.ErrorCode(err), "invalid")
			equal(t, "the error of having seen "+cursor, ticket.ErrorCode(x.n.MarkFeedSeen(as(ann), cursor)), "invalid")
		}
		same(t, "from the beginning", x.poll(t, ann, new("0")), "My lamp")
	})
}
