// Command events publishes the journal of a desk to a message broker, NATS JetStream: relay.go is all that it takes. It
// opens a ticket, answers and closes it, and prints what other programs hear of that.
//
//	nats-server -js
//	go run . [-nats nats://127.0.0.1:4222] [-db events.db]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func main() {
	url := flag.String("nats", nats.DefaultURL, "where the broker is")
	db := flag.String("db", "events.db", "the SQLite file of the desk")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *db, *url); err != nil {
		fmt.Fprintln(os.Stderr, "events:", err)
		os.Exit(1)
	}
}

// connect returns a client that waits for its broker, and says at once when it is not there: what is to be tried again is
// in the database, and needs no buffer.
func connect(url string) (*nats.Conn, jetstream.JetStream, error) {
	nc, err := nats.Connect(url, nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.ReconnectWait(100*time.Millisecond), nats.ReconnectBufSize(-1))
	if err != nil {
		return nil, nil, err
	}
	js, err := jetstream.New(nc)
	return nc, js, err
}

func run(ctx context.Context, out io.Writer, path, url string) error {
	nc, js, err := connect(url)
	if err != nil {
		return err
	}
	defer nc.Close()
	stream, err := openStream(ctx, js)
	if err != nil {
		return fmt.Errorf("is nats-server -js running at %s? %w", url, err)
	}
	s, err := sqlite.Open(ctx, path, nil)
	if err != nil {
		return err
	}
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, nil)
	if err != nil {
		return err
	}
	defer desk.Stop(ctx)
	if err := relay(desk.Hooks(), js); err != nil {
		return err
	}
	if err := desk.Start(ctx); err != nil {
		return err
	}
	t, err := work(ctx, desk)
	if err != nil {
		return err
	}
	return listen(ctx, out, stream, t)
}

// work is a ticket's life.
func work(ctx context.Context, desk *helpdesk.Desk) (*ticket.Ticket, error) {
	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann Example", "ann@example.com"))
	bob := ticket.WithActor(ctx, ticket.Staff("7", "Bob Example", "bob@desk.example"))
	t, err := desk.CreateTicket(ann, ticket.Draft{Subject: "Lamp broken", Body: "It arrived in two pieces."})
	if err != nil {
		return nil, err
	}
	_, err = desk.Reply(bob, t.ID, ticket.ReplyDraft{Body: "A new one is on its way.", Status: "in_progress"})
	_, closing := desk.CloseTicket(bob, t.ID)
	return t, errors.Join(err, closing)
}

// listen is another program: it prints the events of the ticket until it is closed.
func listen(ctx context.Context, out io.Writer, stream jetstream.Stream, t *ticket.Ticket) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	c, err := stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{FilterSubjects: []string{fmt.Sprintf("helpdesk.%d.>", t.ID)}})
	if err != nil {
		return err
	}
	for closed := false; !closed; {
		m, err := c.Next(jetstream.FetchContext(ctx))
		if err != nil {
			return err
		}
		e, err := entry(m.Data())
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "event %d of the ticket: %s by %s\n", e.Seq, e.Type, e.Actor.Name)
		for _, c := range ticket.Decisions(e.Changes) {
			fmt.Fprintf(out, "\t%s: %s → %s\n", c.Field, c.Old, c.New)
			closed = closed || c.Field == "status" && c.New == "closed"
		}
	}
	return nil
}
