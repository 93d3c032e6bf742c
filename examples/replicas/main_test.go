package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/internal/mariaserver"
	"github.com/helpdeskgo/helpdesk/internal/pgserver"
)

func TestMain(m *testing.M) {
	if isReplica() {
		exit(replicaMain(context.Background()))
	}
	os.Exit(m.Run())
}

// tickets is how many each trial writes: HELPDESK_REPLICAS has it be more.
func tickets(usual int) int {
	if n, err := strconv.Atoi(os.Getenv("HELPDESK_REPLICAS")); err == nil && n > 0 {
		return n
	}
	return usual
}

// on is a trial of so many tickets with five replicas. The race detector makes all of them slow: with -short they have
// more time.
func on(store string, tickets int) plan {
	if testing.Short() {
		return plan{Store: store, Tickets: tickets / 4, Processes: 3, Callers: 8, Every: 600 * time.Millisecond, Lease: 4 * time.Second, Wait: 3 * time.Second}
	}
	every := 400 * time.Millisecond
	if tickets > 1000 { // a long trial: coming up again is not to be most of the work
		every = time.Second
	}
	return plan{Store: store, Tickets: tickets, Processes: 5, Callers: 8, Every: every, Lease: 1500 * time.Millisecond, Wait: time.Second}
}

func file(t *testing.T) string {
	t.Helper()
	return "sqlite:" + filepath.Join(t.TempDir(), "desk.db")
}

// holds runs a trial in which nothing may be wrong, and much must have happened.
func holds(t *testing.T, p plan) report {
	t.Helper()
	r, err := trial(context.Background(), p)
	t.Logf("\n%s", r)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Faults) > 0 {
		t.Errorf("%d faults", len(r.Faults))
	}
	hits := 3
	if testing.Short() {
		hits = 1
	}
	if r.Hits < hits || (canPause && r.Pauses == 0) || r.Heard <= r.Events {
		t.Errorf("%d kills with requests in hand, %d pauses, %d deliveries told %d times: nothing was tried", r.Hits, r.Pauses, r.Events, r.Heard)
	}
	return r
}

func TestReplicas(t *testing.T) {
	t.Parallel()
	t.Run("X08 whichever of five replicas dies or stands still when, nothing acknowledged is lost or there twice, and every effect is made once", func(t *testing.T) {
		t.Parallel()
		holds(t, on(file(t), tickets(400)))
	})
	t.Run("X08 the same holds on PostgreSQL, whose server crashes in the middle", func(t *testing.T) {
		t.Parallel()
		server := pgserver.Start(t)
		p := on(server.Database(), tickets(150))
		p.Every = max(p.Every, 600*time.Millisecond)
		p.Restart = func() { server.Crash(); server.Run() }
		if r := holds(t, p); r.Restarts != 1 {
			t.Errorf("%d restarts", r.Restarts)
		}
	})
	t.Run("X08 the same holds on MariaDB, whose server crashes in the middle", func(t *testing.T) {
		t.Parallel()
		server := mariaserver.Start(t)
		p := on("mysql:"+server.Database(), tickets(150))
		p.Every = max(p.Every, 600*time.Millisecond)
		p.Restart = func() { server.Crash(); server.Run() }
		if r := holds(t, p); r.Restarts != 1 {
			t.Errorf("%d restarts", r.Restarts)
		}
	})
}

// TestMistakes shows that the checker finds what a host does wrong.
func TestMistakes(t *testing.T) {
	t.Parallel()
	for mistake, want := range map[string]string{
		brokenOutside: `the effect of event \d+ at \w+ was made \d+ times`,
		brokenEarly:   `write \d+/\d was acknowledged, and is there 0 times`,
	} {
		t.Run("X08 the mistake is found: "+mistake, func(t *testing.T) {
			t.Parallel()
			for range 5 { // a kill must come in the wrong moment: most do, and some among the deliveries
				p := on(file(t), 150)
				p.Broken, p.Processes, p.Every, p.Few = mistake, 3, p.Every*5/8, 50
				r, err := trial(context.Background(), p)
				t.Logf("\n%s", r)
				if err != nil {
					t.Fatal(err)
				}
				if regexp.MustCompile(want).MatchString(strings.Join(r.Faults, "\n")) {
					return
				}
			}
			t.Errorf("nothing was found")
		})
	}
}

// TestChecker spoils a database that is as it should be.
func TestChecker(t *testing.T) {
	t.Parallel()
	p := on(file(t), 10)
	p.Tickets, p.Every, p.Lease, p.Calm = 10, time.Hour, time.Minute, true
	r, err := trial(context.Background(), p)
	if err != nil || len(r.Faults) > 0 || r.Kills > 0 {
		t.Fatalf("%v\n%s", err, r)
	}
	h, err := newHost(context.Background(), p, helpdesk.Manual)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.close(context.Background()) })
	for what, c := range map[string]struct{ spoil, want string }{
		"an effect that is not made":    {"DELETE FROM replicas_effects WHERE id = 7", "was made 0 times"},
		"an effect that is made twice":  {"INSERT INTO replicas_effects (event, point, ticket, seq) SELECT event, point, ticket, seq FROM replicas_effects WHERE id = 7", "was made 2 times"},
		"effects in another order":      {"UPDATE replicas_effects SET id = -id", "was made after that of event"},
		"an effect of nothing":          {"INSERT INTO replicas_effects (event, point, ticket, seq) VALUES (0, 'TicketCreated', 1, 9)", "there is no such event"},
		"an event that nobody heard of": {"DELETE FROM replicas_heard WHERE event = (SELECT event FROM replicas_effects WHERE id = 7)", "was never told"},
		"a reminder that is sent twice": {"INSERT INTO replicas_reminders (ticket) SELECT ticket FROM replicas_reminders WHERE id = 3", "was reminded of 2 times"},
		"a message that is gone":        {"DELETE FROM helpdesk_messages WHERE id = (SELECT max(id) FROM helpdesk_messages)", "is there 0 times"},
		"an event that is gone":         {"DELETE FROM helpdesk_events WHERE id = (SELECT max(id) FROM helpdesk_events)", "events of"},
		"counters that are gone":        {"DELETE FROM helpdesk_tallies", "counters: "},
	} {
		t.Run("X08 the checker finds "+what, func(t *testing.T) {
			stop := errors.New("roll it back")
			err := h.InTx(context.Background(), func(ctx context.Context) error {
				res, err := h.s.Querier(ctx).ExecContext(ctx, c.spoil)
				if err != nil {
					return err
				}
				if n, err := res.RowsAffected(); n == 0 || err != nil {
					return fmt.Errorf("spoiled nothing: %w", err)
				}
				var found report
				if err := h.check(ctx, maps.Clone(r.acked), &found); err != nil {
					return err
				}
				if !strings.Contains(strings.Join(found.Faults, "\n"), c.want) {
					t.Errorf("found %q, want %q", found.Faults, c.want)
				}
				return stop
			})
			if !errors.Is(err, stop) {
				t.Fatal(err)
			}
		})
	}
}
