package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// The variables that make this test binary a process that is killed after it has published an event and before it has
// noted that.
const (
	pathVariable = "HELPDESK_EVENTS_PATH"
	urlVariable  = "HELPDESK_EVENTS_URL"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(pathVariable); path != "" {
		fmt.Fprintln(os.Stderr, hang(path, os.Getenv(urlVariable)))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// hanging is a publisher that stands still when the broker has taken the message.
type hanging struct{ jetstream.JetStream }

func (h hanging) Publish(ctx context.Context, subject string, doc []byte, opts ...jetstream.PublishOpt) (*jetstream.PubAck, error) {
	if _, err := h.JetStream.Publish(ctx, subject, doc, opts...); err != nil {
		return nil, err
	}
	fmt.Println("published")
	select {}
}

func hang(path, url string) error {
	ctx := context.Background()
	nc, js, err := connect(url)
	if err != nil {
		return err
	}
	defer nc.Close()
	s, err := sqlite.Open(ctx, path, nil)
	if err != nil {
		return err
	}
	desk, err := helpdesk.New(ctx, s, &helpdesk.Config{Dispatch: helpdesk.Manual})
	if err != nil {
		return err
	}
	if err := relay(desk.Hooks(), hanging{js}); err != nil {
		return err
	}
	if _, err := work(ctx, desk); err != nil {
		return err
	}
	_, err = desk.Deliveries().Dispatch(ctx)
	return errors.Join(errors.New("nobody killed it"), err)
}

// publishing is a desk that publishes when Dispatch is called, at a time that the test says.
type publishing struct {
	*helpdesk.Desk
	nc  *nats.Conn
	js  jetstream.JetStream
	now time.Time
}

func newPublishing(t *testing.T, path string, b *broker) *publishing {
	t.Helper()
	ctx := context.Background()
	p := &publishing{now: time.Now()}
	var err error
	if p.nc, p.js, err = connect(b.URL); err != nil {
		t.Fatal(err)
	}
	clock := func() time.Time { return p.now }
	s, err := sqlite.Open(ctx, path, &sqlite.Options{Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	if p.Desk, err = helpdesk.New(ctx, s, &helpdesk.Config{Dispatch: helpdesk.Manual, Now: clock, EventTimeout: 5 * time.Second}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(p.Stop(ctx), s.Close()); err != nil {
			t.Error(err)
		}
		p.nc.Close()
	})
	if err := relay(p.Hooks(), p.js); err != nil {
		t.Fatal(err)
	}
	return p
}

// dispatch tries everything that is due, and what waits for another attempt after a while.
func (p *publishing) dispatch(t *testing.T) {
	t.Helper()
	p.now = p.now.Add(time.Hour)
	for {
		n, err := p.Deliveries().Dispatch(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

// journal is what must be in the stream: everything in the journal that is of a ticket.
func (p *publishing) journal(t *testing.T) (want []ticket.Event) {
	t.Helper()
	list, err := p.Journal(ticket.WithActor(context.Background(), ticket.Staff("7", "Bob", "bob@desk.example")), ticket.EventQuery{Limit: ticket.MaxPage})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		want = append(want, *e)
	}
	return want
}

// published is what is in the stream.
func published(t *testing.T, js jetstream.JetStream) (got []ticket.Event) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	stream, err := openStream(ctx, js)
	if err != nil {
		t.Fatal(err)
	}
	info, err := stream.Info(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for seq := info.State.FirstSeq; seq <= info.State.LastSeq; seq++ {
		m, err := stream.GetMsg(ctx, seq)
		if err != nil {
			t.Fatal(err)
		}
		e, err := entry(m.Data)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, e)
	}
	return got
}

func same(t *testing.T, got, want []ticket.Event) {
	t.Helper()
	if len(want) == 0 || len(got) != len(want) {
		t.Fatalf("%d events are in the stream, and %d in the journal", len(got), len(want))
	}
	for i := range want {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("event %d is\n%+v\nand should be\n%+v", i, got[i], want[i])
		}
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	t.Run("X03 what happens while the broker is down, or before it was ever there, is published when it is back, once and in order", func(t *testing.T) {
		t.Parallel()
		b := newBroker(t)
		p := newPublishing(t, filepath.Join(t.TempDir(), "events.db"), b)
		live := func() {
			if _, err := work(ctx, p.Desk); err != nil {
				t.Fatal(err)
			}
			p.dispatch(t)
		}
		live() // it was never there
		b.start()
		connected(t, p.nc)
		if _, err := openStream(ctx, p.js); err != nil {
			t.Fatal(err)
		}
		p.dispatch(t)
		same(t, published(t, p.js), p.journal(t))
		b.crash()
		live()
		b.start()
		connected(t, p.nc)
		p.dispatch(t)
		same(t, published(t, p.js), p.journal(t))
	})
	t.Run("X03 what a process published that was killed before it noted so is in the stream once", func(t *testing.T) {
		t.Parallel()
		b := newBroker(t)
		b.start()
		path := filepath.Join(t.TempDir(), "events.db")
		p := newPublishing(t, path, b)
		if _, err := openStream(ctx, p.js); err != nil {
			t.Fatal(err)
		}
		if killPublished(t, path, b.URL); len(published(t, p.js)) != 1 {
			t.Fatal("the killed process has not published one event")
		}
		p.dispatch(t) // an hour later, when the lease of the dead has ended
		same(t, published(t, p.js), p.journal(t))
	})
	t.Run("X03 the example prints what others hear", func(t *testing.T) {
		t.Parallel()
		b := newBroker(t)
		b.start()
		var out bytes.Buffer
		if err := run(ctx, &out, filepath.Join(t.TempDir(), "events.db"), b.URL); err != nil {
			t.Fatal(err)
		}
		want := `event 1 of the ticket: created by Ann Example
event 2 of the ticket: replied by Bob Example
	status: open → in_progress
	class: new → open
event 3 of the ticket: updated by Bob Example
	status: in_progress → closed
	class: open → closed
`
		if out.String() != want {
			t.Errorf("got:\n%swant:\n%s", &out, want)
		}
	})
}

// killPublished starts a process, and kills it when the broker has taken its first event.
func killPublished(t *testing.T, path, url string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), pathVariable+"="+path, urlVariable+"="+url)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // it was killed
	if err != nil || strings.TrimSpace(line) != "published" {
		t.Fatalf("%q, %v", line, err)
	}
}
