// Command quickstart shows a help desk at work. With nothing else on the machine it starts a mail server of its own,
// fetches a dozen mails from it into a desk, works some of the tickets, and prints what happened. A second run finds
// the database and does nothing twice.
//
//	go run ./examples/quickstart
//	go run ./examples/quickstart -imap imaps://user@host -db FILE -once=false
//	go run ./examples/quickstart -eml DIR -db FILE
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // whoever interrupts a second time does not want to wait
	os.Exit(command(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// command is main without the process around it. It returns the exit status: 2 for a wrong use of the flags, 1 for what
// failed, 0 for all else, an interrupt too.
func command(ctx context.Context, args []string, getenv func(string) string, out, errs io.Writer) int {
	o, err := parse(args, getenv)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(out, usage())
		return 0
	case err != nil:
		fmt.Fprintf(errs, "quickstart: %v (-h lists the flags)\n", err)
		return 2
	}
	out, errs = &lockedWriter{w: out}, &lockedWriter{w: errs}
	err = run(ctx, o, out, errs)
	if ctx.Err() != nil && (err == nil || errors.Is(err, context.Canceled)) {
		fmt.Fprintln(out, "interrupted: the database is closed, and the next run goes on from here")
		return 0
	}
	if err != nil {
		fmt.Fprintln(errs, "quickstart:", err)
		return 1
	}
	return 0
}

// run opens the desk, does what the options say, and closes it.
func run(ctx context.Context, o options, out, errs io.Writer) (err error) {
	var files folder
	var unreadable []string
	if o.eml != "" { // looked at first: a wrong name leaves no database behind
		if files, unreadable, err = openFolder(o.eml); err != nil {
			return fmt.Errorf("-eml: %w", err)
		}
	}
	s, err := sqlite.Open(ctx, o.db, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	logger := slog.New(slog.NewTextHandler(errs, nil))
	cfg := &helpdesk.Config{Logger: logger}
	if o.eml == "" && o.imap == "" {
		cfg.Agents = staff()
	}
	desk, err := helpdesk.New(ctx, s, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopped(ctx, desk)) }()
	a := &app{options: o, desk: desk, store: s, logger: logger, out: out, progress: newProgress(errs, time.Now)}
	switch {
	case o.eml != "":
		return a.feed(ctx, files, unreadable)
	case o.imap != "":
		return a.fetchMailbox(ctx)
	}
	return a.demonstrate(ctx)
}

// stopped stops the desk, also after an interrupt, and gives hooks that still run a moment to end.
func stopped(ctx context.Context, desk *helpdesk.Desk) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return desk.Stop(ctx)
}
