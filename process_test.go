package helpdesk_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// The variables that make this test binary a child of one of its tests.
const (
	childVariable = "HELPDESK_CHILD"
	pathVariable  = "HELPDESK_CHILD_PATH"
)

func TestMain(m *testing.M) {
	roles := map[string]func(context.Context, shopDesk) error{"write": writeChild, "load": loadChild}
	if run, isChild := fileRoles[os.Getenv(childVariable)]; isChild {
		run()
		os.Exit(0)
	}
	role, isChild := roles[os.Getenv(childVariable)]
	if !isChild {
		os.Exit(m.Run())
	}
	if err := child(role); err != nil {
		fmt.Fprintln(os.Stderr, "child:", err)
		os.Exit(1)
	}
}

// shopDesk is a desk on a file with a table of the host's, in which a durable hook counts how often it ran and how
// often its effect was made.
type shopDesk struct {
	*helpdesk.Desk
	s *sqlite.Store
}

func openShopDesk(ctx context.Context, path string) (shopDesk, error) {
	s, err := sqlite.Open(ctx, path, nil)
	if err != nil {
		return shopDesk{}, err
	}
	d, err := helpdesk.New(ctx, s, &helpdesk.Config{LeaseTTL: time.Second, PollInterval: 20 * time.Millisecond})
	if err != nil {
		return shopDesk{}, err
	}
	_, err = s.Querier(ctx).ExecContext(ctx, `CREATE TABLE IF NOT EXISTS told (event INTEGER PRIMARY KEY, runs INTEGER NOT NULL, effects INTEGER NOT NULL)`)
	if err != nil {
		return shopDesk{}, err
	}
	shop := shopDesk{d, s}
	d.Hooks().TicketCreated.Bind("shop", shop.told)
	return shop, d.Start(ctx)
}

func (s shopDesk) told(c context.Context, e hooks.Created) error {
	count := func(c context.Context, column string) error {
		_, err := s.s.Querier(c).ExecContext(c, `INSERT INTO told VALUES (?1, 0, 0) ON CONFLICT DO NOTHING`, e.EventID)
		if err == nil {
			_, err = s.s.Querier(c).ExecContext(c, `UPDATE told SET `+column+` = `+column+` + 1 WHERE event = ?1`, e.EventID)
		}
		return err
	}
	if err := s.InTx(c, func(c context.Context) error { return count(c, "runs") }); err != nil {
		return err
	}
	return s.Deliveries().Once(c, func(c context.Context) error { return count(c, "effects") })
}

func (s shopDesk) close(ctx context.Context) error {
	return errors.Join(s.Stop(ctx), s.s.Close())
}

// child runs a role until its parent closes its standard input.
func child(role func(context.Context, shopDesk) error) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	shop, err := openShopDesk(ctx, os.Getenv(pathVariable))
	if err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	if err := role(ctx, shop); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return shop.close(context.Background())
}

// writeChild has 16 callers write without pause. Each says what it begins, and what was acknowledged: a line is one
// write to the pipe.
func writeChild(ctx context.Context, shop shopDesk) error {
	var wg sync.WaitGroup
	errs := make(chan error, 16)
	for range 16 {
		wg.Go(func() {
			for {
				if err := writeOnce(ctx, shop); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	return <-errs
}

func writeOnce(ctx context.Context, shop shopDesk) error {
	fmt.Println("begin")
	tk, err := shop.CreateTicket(ticket.WithActor(ctx, ann), lamp())
	if err != nil {
		return err
	}
	fmt.Println("created", tk.ID)
	fmt.Println("begin")
	m, err := shop.Reply(ticket.WithActor(ctx, bob), tk.ID, ticket.ReplyDraft{Body: "hi", Status: "in_progress"})
	if err != nil {
		return err
	}
	fmt.Println("replied", m.ID)
	return nil
}

type process struct {
	*exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func start(t testing.TB, role, path string) *process {
	t.Helper()
	exe := must(os.Executable())(t)
	p := &process{Cmd: exec.Command(exe)}
	p.Env = append(os.Environ(), childVariable+"="+role, pathVariable+"="+path)
	p.Stderr = os.Stderr
	p.in = must(p.StdinPipe())(t)
	p.out = bufio.NewReader(must(p.StdoutPipe())(t))
	ok(t, p.Start())
	t.Cleanup(func() { _ = p.Process.Kill(); _ = p.Wait() })
	return p
}

// said is what a process acknowledged before it was killed.
type said struct {
	begun    int
	tickets  []int64
	messages []int64
}

func (s *said) line(text string) {
	what, id, _ := strings.Cut(strings.TrimSpace(text), " ")
	n, err := strconv.ParseInt(id, 10, 64)
	switch {
	case what == "begin":
		s.begun++
	case what == "created" && err == nil:
		s.tickets = append(s.tickets, n)
	case what == "replied" && err == nil:
		s.messages = append(s.messages, n)
	}
}

// inFlight is how many writes were begun and not acknowledged.
func (s *said) inFlight() int { return s.begun - len(s.tickets) - len(s.messages) }

// killOne lets a process write for a random while, kills it, and returns what it acknowledged.
func killOne(t testing.TB, path string) *said {
	t.Helper()
	p := start(t, "write", path)
	var s said
	for range 10 + rand.N(400) {
		line, err := p.out.ReadString('\n')
		if err != nil {
			t.Fatalf("the writing process ended: %v", err)
		}
		s.line(line)
	}
	ok(t, p.Process.Kill())
	for {
		line, err := p.out.ReadString('\n')
		if strings.HasSuffix(line, "\n") { // half a line is nothing said
			s.line(line)
		}
		if err != nil {
			break
		}
	}
	_ = p.Wait() // it was killed
	return &s
}

func TestKilledProcess(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector hears nothing of a process that is killed: run it without -short, or make kills")
	}
	t.Run("X03 X08 whenever a process is killed, what it acknowledged is there, with its event and deliveries, and nothing is half-written", func(t *testing.T) {
		kills := 10
		if n, err := strconv.Atoi(os.Getenv("HELPDESK_KILLS")); err == nil && n > 0 {
			kills = n
		}
		path := filepath.Join(t.TempDir(), "desk.db")
		hits, writes := 0, 0
		for range kills {
			s := killOne(t, path)
			if s.inFlight() > 0 {
				hits++
			}
			writes += len(s.tickets) + len(s.messages)
			checkKilled(t, path, s)
		}
		shop := must(openShopDesk(context.Background(), path))(t)
		defer func() { ok(t, shop.close(context.Background())) }()
		drained(t, shop)
		checkWhole(t, shop)
		t.Logf("%d kills, %d of them with a write in flight; %d acknowledged writes, none lost", kills, hits, writes)
		if hits < kills*8/10 {
			t.Errorf("only %d of %d kills hit a write in flight", hits, kills)
		}
	})
}

// checkKilled opens the file as it was left.
func checkKilled(t *testing.T, path string, s *said) {
	t.Helper()
	st := must(sqlite.Open(context.Background(), path, nil))(t)
	defer func() { ok(t, st.Close()) }()
	d := must(helpdesk.New(context.Background(), st, &helpdesk.Config{Dispatch: helpdesk.Manual}))(t)
	var sound string
	ok(t, st.DB().QueryRow(`PRAGMA integrity_check`).Scan(&sound))
	equal(t, "integrity", sound, "ok")
	for _, id := range s.tickets {
		must(d.Ticket(as(bob), id))(t)
		events := must(d.History(as(bob), id, ticket.EventQuery{}))(t)
		if len(events) == 0 || events[0].Type != ticket.EventCreated {
			t.Fatalf("ticket %d has no event", id)
		}
		equal(t, "deliveries", len(must(d.Deliveries().List(as(bob), helpdesk.DeliveryQuery{EventID: events[0].ID}))(t)), 1)
	}
	for _, id := range s.messages {
		must(d.Message(as(bob), id))(t)
	}
}

// drained waits until every delivery is done, also those whose holder was killed.
func drained(t testing.TB, shop shopDesk) {
	t.Helper()
	for end, n := time.Now().Add(time.Minute), 1; time.Now().Before(end); n++ {
		h := must(shop.Health(context.Background()))(t)
		if h.Pending+h.Leased+h.Dead == 0 {
			return
		}
		if n%50 == 0 {
			hurry(t, shop)
		}
		<-time.After(20 * time.Millisecond)
	}
	t.Fatalf("deliveries are still open: %+v", must(shop.Health(context.Background()))(t))
}

// hurry has what waits for its next attempt tried at once, and what was given up tried again: on a busy machine there may
// have been many attempts, and the last pauses are long.
func hurry(t testing.TB, shop shopDesk) {
	t.Helper()
	ctx := ticket.WithActor(context.Background(), ticket.Staff("7", "Bob", "bob@desk.example"))
	for _, x := range must(shop.Deliveries().List(ctx, helpdesk.DeliveryQuery{States: []store.WorkState{store.WorkPending, store.WorkDead}, Limit: 100}))(t) {
		if x.State == store.WorkDead || x.Due.After(shop.Now().Add(time.Second)) {
			_ = shop.Deliveries().Retry(ctx, x.ID) // somebody may have begun
		}
	}
}

// checkWhole looks at everything in the file at once.
func checkWhole(t *testing.T, shop shopDesk) {
	t.Helper()
	for what, query := range map[string]string{
		"tickets without their messages":   `SELECT count(*) FROM helpdesk_tickets t WHERE (SELECT count(*) FROM helpdesk_messages m WHERE m.ticket = t.id) <> json_extract(doc, '$.seq')`,
		"tickets without their events":     `SELECT count(*) FROM helpdesk_tickets t WHERE (SELECT count(*) FROM helpdesk_events e WHERE e.ticket = t.id) <> json_extract(doc, '$.event_seq')`,
		"messages without a ticket":        `SELECT count(*) FROM helpdesk_messages WHERE ticket NOT IN (SELECT id FROM helpdesk_tickets)`,
		"codes without a ticket":           `SELECT count(*) FROM helpdesk_keys WHERE kind = 'code' AND id NOT IN (SELECT id FROM helpdesk_tickets)`,
		"creations that no hook heard of":  `SELECT count(*) FROM helpdesk_events WHERE type = 'created' AND id NOT IN (SELECT event FROM told WHERE runs > 0)`,
		"effects that were not made once":  `SELECT count(*) FROM told WHERE effects <> 1`,
		"deliveries that are not finished": `SELECT count(*) FROM helpdesk_work WHERE state <> 2 AND kind = 'delivery'`,
	} {
		var n int
		ok(t, shop.s.DB().QueryRow(query).Scan(&n))
		equal(t, what, n, 0)
	}
}

// loadReport is what a loading process says.
type loadReport struct {
	Writes  int
	Longest time.Duration
	Errors  []string
}

func loadChild(ctx context.Context, shop shopDesk) error {
	var mu sync.Mutex
	var r loadReport
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				begin := time.Now()
				_, err := shop.CreateTicket(ticket.WithActor(ctx, ann), lamp())
				mu.Lock()
				r.Writes++
				r.Longest = max(r.Longest, time.Since(begin))
				if err != nil {
					r.Errors = append(r.Errors, err.Error())
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return json.NewEncoder(os.Stdout).Encode(r)
}

func TestTwoProcesses(t *testing.T) {
	t.Run("X08 two processes share a file: nobody sees SQLITE_BUSY, and a delivery's effect happens once", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "desk.db")
		first := must(openShopDesk(context.Background(), path))(t)
		ok(t, first.close(context.Background()))
		both := []*process{start(t, "load", path), start(t, "load", path)}
		writes := 0
		for i, p := range both {
			var r loadReport
			ok(t, json.NewDecoder(p.out).Decode(&r))
			t.Logf("process %d: %d writes, the longest took %s", i, r.Writes, r.Longest.Round(time.Millisecond))
			if len(r.Errors) > 0 {
				t.Errorf("process %d: %d errors, the first: %s", i, len(r.Errors), r.Errors[0])
			}
			writes += r.Writes
		}
		for _, p := range both {
			ok(t, p.in.Close())
			ok(t, p.Wait())
		}
		shop := must(openShopDesk(context.Background(), path))(t)
		defer func() { ok(t, shop.close(context.Background())) }()
		drained(t, shop)
		checkWhole(t, shop)
		var n int
		ok(t, shop.s.DB().QueryRow(`SELECT count(*) FROM told`).Scan(&n))
		equal(t, "events told", n, writes)
	})
}
