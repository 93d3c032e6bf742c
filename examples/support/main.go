// Command support is a help desk in a terminal: what an agent does all day, over the whole API. It works on the
// database of the quickstart example, or on any other.
//
//	go run ./examples/quickstart
//	go run ./examples/support
//	go run ./examples/support list mine status:open
package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop)
	os.Exit(command(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// command is main without the process around it: 2 for a wrong use, 1 for what failed.
func command(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	f := flag.NewFlagSet("support", flag.ContinueOnError)
	f.SetOutput(errs)
	db := f.String("db", "helpdesk.db", "the SQLite `file` of the desk")
	id := f.String("as", "bob", "the `id` of the agent who works")
	name := f.String("name", "", "their `name`, as customers see it (default as the desk knows them)")
	f.Usage = func() {
		fmt.Fprint(errs, "usage: support [flags] [command]\nWithout a command it reads commands, one a line; help lists them.\n")
		f.PrintDefaults()
	}
	if err := f.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	if _, err := os.Stat(*db); err != nil {
		fmt.Fprintf(errs, "support: there is no desk at %s: go run ./examples/quickstart makes one, and -db names another\n", *db)
		return 2
	}
	err := open(ctx, *db, func(desk *helpdesk.Desk) error {
		actor, err := known(ctx, desk, *id, *name)
		if err != nil {
			return err
		}
		a := &agent{desk: desk, actor: actor, out: out, paint: coloured(out)}
		if f.NArg() > 0 {
			return a.do(ctx, f.Args())
		}
		return a.converse(ctx, in)
	})
	if err != nil {
		fmt.Fprintln(errs, "support:", plain(err))
		return 1
	}
	return 0
}

// known is the agent with the id, by the name that the desk knows them by, unless another is given.
func known(ctx context.Context, desk *helpdesk.Desk, id, name string) (ticket.Actor, error) {
	if id == "" {
		return ticket.Actor{}, errors.New("-as needs the id of an agent")
	}
	who, err := desk.People().Agent(ticket.WithActor(ctx, ticket.System("support")), id)
	if err != nil && !errors.Is(err, ticket.ErrNotFound) { // a desk that keeps no agents believes whoever says that they are one
		return ticket.Actor{}, err
	}
	return ticket.Staff(id, cmp.Or(name, who.Name, id), who.Email), nil
}

// open runs fn with the desk at a file.
func open(ctx context.Context, db string, fn func(*helpdesk.Desk) error) (err error) {
	s, err := sqlite.Open(ctx, db, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	desk, err := helpdesk.New(ctx, s, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, desk.Stop(context.WithoutCancel(ctx))) }()
	if err := desk.Start(ctx); err != nil {
		return err
	}
	return fn(desk)
}

// converse does one line after the other, and says what went wrong in between.
func (a *agent) converse(ctx context.Context, in io.Reader) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	next := lines(ctx, in)
	for {
		a.prompt()
		var l typed
		select {
		case <-ctx.Done():
		case l = <-next:
		}
		if l.end || ctx.Err() != nil {
			fmt.Fprintln(a.out)
			return l.err
		}
		words, err := split(l.text)
		if len(words) == 0 && err == nil {
			continue
		}
		if err == nil && (words[0] == "quit" || words[0] == "exit") {
			return nil
		}
		if err == nil {
			err = a.do(ctx, words)
		}
		if err != nil {
			fmt.Fprintln(a.out, a.paint("31", "! "+plain(err)))
		}
	}
}

// typed is a line of the input, or its end.
type typed struct {
	text string
	end  bool
	err  error
}

// lines reads beside the conversation, so that an interrupt ends one that waits for somebody to type.
func lines(ctx context.Context, in io.Reader) <-chan typed {
	out := make(chan typed)
	go func() {
		s := bufio.NewScanner(in)
		s.Buffer(nil, 1<<20)
		for {
			more := s.Scan()
			select {
			case out <- typed{text: s.Text(), end: !more, err: s.Err()}:
			case <-ctx.Done():
				return
			}
			if !more {
				return
			}
		}
	}()
	return out
}

func (a *agent) prompt() { fmt.Fprint(a.out, a.paint("1", "> ")) }

// do carries out one command.
func (a *agent) do(ctx context.Context, words []string) error {
	ctx = ticket.WithActor(ctx, a.actor)
	for _, v := range verbs {
		if v.name != words[0] {
			continue
		}
		args := words[1:]
		if len(args) < v.least {
			return fmt.Errorf("%s needs more: %s %s", v.name, v.name, v.args)
		}
		return v.do(a, ctx, args)
	}
	return fmt.Errorf("there is no command %q: help lists them", words[0])
}

// split cuts a line into words; quotes hold some together.
func split(line string) (words []string, err error) {
	var b strings.Builder
	quoted, open := false, false
	for _, r := range line {
		switch {
		case r == '"':
			quoted, open = !quoted, true
		case (r == ' ' || r == '\t') && !quoted:
			if open {
				words = append(words, b.String())
			}
			b.Reset()
			open = false
		default:
			b.WriteRune(r)
			open = true
		}
	}
	if quoted {
		return nil, errors.New(`a quotation mark is open: write "two words"`)
	}
	if open {
		words = append(words, b.String())
	}
	return words, nil
}

// plain is an error without the name of the library before it.
func plain(err error) string { return strings.TrimPrefix(err.Error(), "helpdesk: ") }
