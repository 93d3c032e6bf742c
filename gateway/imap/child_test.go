package imap_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/gateway/imap"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/internal/mailproof"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// errandVariable makes this test binary a process of its own that runs a gateway on a folder, as the errand in it says.
const errandVariable = "HELPDESK_GATEWAY_ERRAND"

// errand is what a process is to do: to poll its folder once, or for as long as its standard input is open.
type errand struct {
	Store  string // address
	Server string // of IMAP, without protection
	Folder string // and the name of the gateway
	Stay   bool

	Die   int  // the commit at which it dies, counted from 1; 0 for none
	After bool // right after it, not right before
	// Halt is the transaction before which it says "halt" and waits for a line, counted from 1; HaltMail the mail that it
	// takes in, likewise. 0 for none.
	Halt, HaltMail int
}

// shortLease is how long a process of these tests holds what it works on.
const shortLease = 300 * time.Millisecond

func runErrand(text string) {
	var e errand
	err := json.Unmarshal([]byte(text), &e)
	if err == nil {
		err = e.run(context.Background())
	}
	if err != nil {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
	fmt.Println("done")
}

func (e errand) run(ctx context.Context) error {
	inner, err := mailproof.Open(ctx, e.Store, nil)
	if err != nil {
		return err
	}
	defer inner.Close()
	in := bufio.NewReader(os.Stdin)
	halt := func() {
		fmt.Println("halt")
		_, _ = in.ReadString('\n')
	}
	s := &brittle{Store: inner, errand: e, halt: halt}
	d, err := refusing(ctx, s)
	if err != nil {
		return err
	}
	g, err := folderGateway(d, s, e.Folder)
	if err != nil {
		return err
	}
	box, err := folderBox(e.Server, e.Folder)
	if err != nil {
		return err
	}
	src := &halting{source: box.Source().(fullSource), at: e.HaltMail, halt: halt}
	s.armed.Store(true)
	if !e.Stay {
		_, err := g.Poll(ctx, src)
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, in)
		cancel()
	}()
	for ctx.Err() == nil {
		if _, err := g.Poll(ctx, src); err != nil && ctx.Err() == nil && !errors.Is(err, ticket.ErrBusy) {
			return err
		}
		<-time.After(20 * time.Millisecond)
	}
	return nil
}

// refusing is a desk that refuses a mail.
func refusing(ctx context.Context, s store.Store) (*helpdesk.Desk, error) {
	d, err := helpdesk.New(ctx, s, &helpdesk.Config{Dispatch: helpdesk.Manual})
	if err != nil {
		return nil, err
	}
	d.Hooks().TicketMailValidation.Bind("test", func(_ context.Context, in hooks.Mailing) error {
		if in.Subject == "Pills" {
			return ticket.Invalid("subject", ticket.FaultRefused, "is about pills")
		}
		return nil
	})
	return d, nil
}

// folderGateway is the gateway of a folder.
func folderGateway(d *helpdesk.Desk, s store.Store, folder string) (*gateway.Gateway, error) {
	return gateway.New(folder, d.Mail(), s, &gateway.Options{Acknowledge: true, Lease: shortLease})
}

// doneFolder is where the mails of a folder are moved to.
func doneFolder(folder string) string { return folder + "-done" }

func folderBox(server, folder string) (*imap.Mailbox, error) {
	return imap.New(imap.Config{Address: server, Security: imap.Plaintext, Username: "desk", Password: "secret", Folder: folder, Disposal: imap.Move, MoveTo: doneFolder(folder)})
}

// brittle is a store whose process dies at a commit, or stands still before a transaction.
type brittle struct {
	store.Store
	errand
	halt            func()
	armed           atomic.Bool // counts only once the gateway is made
	begun, finished atomic.Int64
}

func (s *brittle) Update(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	if _, joined := store.TxFrom(ctx, s); joined || !s.armed.Load() {
		return s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error { return fn(store.ContextWithTx(ctx, s, tx), tx) })
	}
	if s.begun.Add(1) == int64(s.Halt) {
		s.halt()
	}
	dies := false
	err := s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		err := fn(store.ContextWithTx(ctx, s, tx), tx)
		if dies = err == nil && s.finished.Add(1) == int64(s.Die); dies && !s.After {
			die()
		}
		return err
	})
	if dies && err == nil {
		die()
	}
	return err
}

// die ends the process as SIGKILL does from outside: nothing is put in order.
func die() {
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	fmt.Println("failed: it lives:", err)
	select {}
}

// fullSource is all that a source of this package can.
type fullSource interface {
	gateway.Source
	gateway.Waiter
	gateway.Acknowledger
}

// halting is a source that stands still before a mail is taken in. It says what is wrong with taking one.
type halting struct {
	source fullSource
	at     int
	halt   func()
}

func (h *halting) Acknowledge(ctx context.Context, places []string) error {
	return h.source.Acknowledge(ctx, places)
}

func (h *halting) Fetch(ctx context.Context, from gateway.Cursor, to gateway.Intake) (gateway.Cursor, error) {
	return h.source.Fetch(ctx, from, &haltingIntake{Intake: to, h: h})
}

type haltingIntake struct {
	gateway.Intake
	h     *halting
	taken int
}

func (i *haltingIntake) Take(ctx context.Context, in gateway.Incoming) error {
	if i.taken++; i.taken == i.h.at {
		i.h.halt()
	}
	err := i.Intake.Take(ctx, in)
	if err != nil {
		fmt.Println("refused:", err)
	}
	return err
}

// process is one that runs an errand.
type process struct {
	*exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

func (e errand) start(t *testing.T) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	p := &process{Cmd: exec.CommandContext(t.Context(), self)}
	p.Env = append(os.Environ(), errandVariable+"="+string(text))
	p.Stderr = os.Stderr
	if p.in, err = p.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	p.out = bufio.NewScanner(out)
	return p
}

// line is what the process says next; empty when it has ended.
func (p *process) line(t *testing.T) string {
	t.Helper()
	if !p.out.Scan() {
		return ""
	}
	if text := p.out.Text(); !strings.HasPrefix(text, "failed:") {
		return text
	}
	t.Fatalf("the other process %s", p.out.Text())
	return ""
}

// end waits until it has done its errand, and returns what it says meanwhile.
func (p *process) end(t *testing.T) (said []string) {
	t.Helper()
	for text := p.line(t); text != ""; text = p.line(t) {
		said = append(said, text)
	}
	if err := p.Wait(); err != nil {
		t.Errorf("the other process: %v", err)
	}
	return said
}
