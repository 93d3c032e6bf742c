// Command rules looks after the rules of a desk: it checks a file of them, stores them, says why they did or did not
// match a ticket, and what they would have done. Without a flag it shows all of that on a desk in memory.
//
//	go run ./examples/rules
//	go run ./examples/rules -file examples/rules/cookbook.yaml
//	go run ./examples/rules -db helpdesk.db -file examples/rules/quickstart.yaml -dry-run -since 720h
//	go run ./examples/rules -db helpdesk.db -file examples/rules/quickstart.yaml -save
//	go run ./examples/rules -db helpdesk.db -explain ABC-123-45678
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop)
	os.Exit(command(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// options say what to do.
type options struct {
	file, db, explain, rule string
	save, dryRun            bool
	since                   time.Duration
}

// parse reads the flags. Its errors are the user's to mend.
func parse(args []string, errs io.Writer) (o options, err error) {
	f := flag.NewFlagSet("rules", flag.ContinueOnError)
	f.SetOutput(errs)
	f.StringVar(&o.file, "file", "", "a `file` of rules, in YAML or JSON; they count beside those that the desk has, and are gone in the end, unless -save is given")
	f.StringVar(&o.db, "db", "", "the SQLite `file` of a desk (default: a desk in memory)")
	f.BoolVar(&o.save, "save", false, "store what the file has")
	f.StringVar(&o.explain, "explain", "", "say of the ticket with this `code` why rules matched it, and why not")
	f.StringVar(&o.rule, "rule", "", "explain the rule with this `code` alone")
	f.BoolVar(&o.dryRun, "dry-run", false, "say what the rules would have done")
	f.DurationVar(&o.since, "since", 720*time.Hour, "how far -dry-run looks back")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	switch {
	case f.NArg() > 0:
		err = fmt.Errorf("%q is no flag", f.Arg(0))
	case o.db == "" && (o.save || o.dryRun || o.explain != ""):
		err = errors.New("-save, -explain and -dry-run need a desk: name its file with -db")
	case o.save && o.file == "":
		err = errors.New("-save needs rules: name their file with -file")
	case o.rule != "" && o.explain == "":
		err = errors.New("-rule needs a ticket: name its code with -explain")
	}
	if err != nil {
		fmt.Fprintf(errs, "rules: %v (-h lists the flags)\n", err)
	}
	return o, err
}

// command is main without the process around it: 2 for a wrong use of the flags, 1 for what failed.
func command(ctx context.Context, args []string, out, errs io.Writer) int {
	o, err := parse(args, errs)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		return 2
	}
	if len(args) == 0 {
		err = demonstrate(ctx, out)
	} else {
		err = run(ctx, o, out)
	}
	if err == nil {
		return 0
	}
	var wrong *ticket.ValidationError
	var faults []ticket.FieldError
	if errors.As(err, &wrong) { // one line each
		err = errors.New(strings.TrimSuffix(err.Error(), " "+wrong.Error()))
		faults = wrong.Fields
	}
	fmt.Fprintf(errs, "rules: %s\n", strings.TrimPrefix(err.Error(), "rules: "))
	for _, f := range faults {
		fmt.Fprintf(errs, "  %s: %s\n", cmp.Or(f.Field, "the file"), f.Message)
	}
	return 1
}

// errUndo takes back what nobody asked to keep.
var errUndo = errors.New("not to be kept")

// run does what the flags say in one transaction: rules that are not saved are there for as long as it lasts.
func run(ctx context.Context, o options, out io.Writer) error {
	d, err := open(ctx, o.db)
	if err != nil {
		return err
	}
	defer d.close(ctx)
	ctx = ticket.WithActor(ctx, host)
	var said strings.Builder
	err = d.InTx(ctx, func(ctx context.Context) error {
		said.Reset() // a transaction may be tried again
		if err := d.work(ctx, o, &said); err != nil {
			return err
		}
		if !o.save {
			return errUndo
		}
		return nil
	})
	fmt.Fprint(out, said.String())
	if errors.Is(err, errUndo) {
		return nil
	}
	return err
}

func (d *desk) work(ctx context.Context, o options, out io.Writer) error {
	if o.file != "" {
		if err := d.take(ctx, o.file, out); err != nil {
			return err
		}
	}
	if o.explain != "" {
		if err := d.explainAll(ctx, o.explain, o.rule, out); err != nil {
			return err
		}
	}
	if !o.dryRun {
		return nil
	}
	report, err := d.rules.DryRun(ctx, rules.Trial{Since: d.Automation().Now().Add(-o.since)})
	if err != nil {
		return err
	}
	return d.printReport(ctx, report, out)
}

// take adds what a file has to the rules of the desk.
func (d *desk) take(ctx context.Context, name string, out io.Writer) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	return d.read(ctx, filepath.Base(name), text, out)
}

func (d *desk) read(ctx context.Context, name string, text []byte, out io.Writer) error {
	f, warnings, err := d.rules.ImportFile(ctx, text, false)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	fmt.Fprintf(out, "%s: %d rules, %d warnings\n", name, len(f.Rules), len(warnings))
	for _, w := range warnings {
		fmt.Fprintf(out, "  warning: %s: %s\n", w.Rule, w.Message)
	}
	return nil
}
