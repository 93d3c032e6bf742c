// Command migrate moves a desk from one store to another: out of a SQLite file, into another one, or onto a server. It
// can be stopped at any moment, goes on when it is started again, and in the end compares every row.
//
//	go run ./examples/migrate -from sqlite:helpdesk.db -to sqlite:moved.db
//	go run ./examples/migrate -from sqlite:helpdesk.db -to postgres://desk@db.example/desk
//	go run ./examples/migrate -from sqlite:helpdesk.db -to sqlite:moved.db -verify
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/move"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // whoever interrupts a second time does not want to wait
	os.Exit(command(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// options say what to do.
type options struct {
	from, to      string
	ahead, verify bool
}

// parse reads the flags. Its errors are the user's to mend.
func parse(args []string, errs io.Writer) (o options, err error) {
	f := flag.NewFlagSet("migrate", flag.ContinueOnError)
	f.SetOutput(errs)
	f.StringVar(&o.from, "from", "", "the `store` that the desk is in: "+forms)
	f.StringVar(&o.to, "to", "", "the `store` that it moves to, which is empty or holds the beginning of this move")
	f.BoolVar(&o.ahead, "ahead", false, "copy while the desk still works, and leave the end to a second run without -ahead")
	f.BoolVar(&o.verify, "verify", false, "copy nothing: compare the two stores")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	switch {
	case f.NArg() > 0:
		err = fmt.Errorf("%q is no flag", f.Arg(0))
	case o.from == "" || o.to == "":
		err = errors.New("-from and -to are needed")
	case o.from == o.to:
		err = errors.New("-from and -to are the same")
	case o.ahead && o.verify:
		err = errors.New("-ahead and -verify do not go together")
	}
	if err != nil {
		fmt.Fprintf(errs, "migrate: %v (-h lists the flags)\n", err)
	}
	return o, err
}

// command is main without the process around it. It returns the exit status: 2 for a wrong use of the flags, 1 for what
// failed, also where the stores differ.
func command(ctx context.Context, args []string, out, errs io.Writer) int {
	o, err := parse(args, errs)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		return 2
	}
	err = run(ctx, o, out, errs)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(errs, "migrate: interrupted: the same command goes on from here")
	case errors.Is(err, move.ErrNotEmpty):
		fmt.Fprintf(errs, "migrate: %v (if a move there has just ended, -verify says whether all is well)\n", err)
	default:
		fmt.Fprintln(errs, "migrate:", err)
	}
	return 1
}

// run opens both stores, moves or compares, and prints what there is.
func run(ctx context.Context, o options, out, errs io.Writer) (err error) {
	from, err := open(ctx, o.from, true)
	if err != nil {
		return fmt.Errorf("-from: %w", err)
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, err := open(ctx, o.to, o.verify)
	if err != nil {
		return fmt.Errorf("-to: %w", err)
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	return transfer(ctx, o, from, to, out, newLine(errs, time.Now))
}

func transfer(ctx context.Context, o options, from, to store.Store, out io.Writer, l *line) error {
	do := move.Copy
	if o.verify {
		do = move.Verify
	}
	report, err := do(ctx, from, to, &move.Options{Ahead: o.ahead, Progress: l.tell})
	l.end()
	if report.Resumed {
		fmt.Fprintln(out, "went on with a move that had begun before")
	}
	if !o.verify && (err == nil || report.Copied+report.Repaired > 0) {
		fmt.Fprintf(out, "copied %d rows", report.Copied)
		if report.Repaired > 0 {
			fmt.Fprintf(out, ", and %d once more that had changed", report.Repaired)
		}
		fmt.Fprintln(out)
	}
	if !o.ahead { // what it found different, it has copied
		printReport(out, report)
	}
	switch {
	case err != nil:
		return err
	case o.ahead:
		fmt.Fprintln(out, "not whole yet: stop the desk, and run this again without -ahead")
	default:
		fmt.Fprintln(out, "both stores hold the same")
	}
	return nil
}
