// Command gateway watches a mailbox: its mails become tickets of a desk, on any store, for as long as it runs. While it
// does, it shows how it is on the terminal.
//
//	MAIL_PASSWORD=… go run ./examples/gateway -mailbox imaps://support@mail.example -store sqlite:desk.db
//	go run ./examples/gateway -mailbox imaps://support@mail.example -diagnose
//	DESK_KEY=… MAIL_PASSWORD=… go run ./examples/gateway -mailbox imaps://support@mail.example -save
//	DESK_KEY=… go run ./examples/gateway -all
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/gateway"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(command(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// options are the flags, and the secrets, which stand in the environment.
type options struct {
	mailbox, store, name string
	done                 string
	days                 int
	once, diagnose       bool
	saved, all           bool
	address, key         string
	authority            string
	every                time.Duration
	oauth                grantOptions
	password             string
}

// command is main without the process around it. It returns the exit status: 2 for a wrong use of the flags, 1 if
// something failed.
func command(ctx context.Context, args []string, env func(string) string, out, errs io.Writer) int {
	var o options
	f := flag.NewFlagSet("gateway", flag.ContinueOnError)
	f.SetOutput(errs)
	f.StringVar(&o.mailbox, "mailbox", "", "where the mails are: imaps://USER@HOST/FOLDER, imap:// (STARTTLS), pop3s:// or pop3:// (STLS); +insecure after imap or pop3 for no protection at all")
	f.StringVar(&o.store, "store", "sqlite:desk.db", "where the desk is: "+forms)
	f.StringVar(&o.name, "name", "support", "name of the gateway: never change it")
	f.StringVar(&o.done, "done", "keep", "what is done with mails that are tickets: keep, flag, delete, or move:FOLDER")
	f.IntVar(&o.days, "days", 0, "days until that is done")
	f.BoolVar(&o.once, "once", false, "fetch what is there, make tickets of it, and end")
	f.BoolVar(&o.diagnose, "diagnose", false, "look how far one comes with the mailbox, and end")
	f.BoolVar(&o.saved, "save", false, "store the gateway, its secrets encrypted with DESK_KEY, and end")
	f.BoolVar(&o.all, "all", false, "run every gateway that is stored, and follow what is changed of them; no other flags but -store, -every and -once")
	f.StringVar(&o.address, "address", "", "address of the mailbox; default: its user")
	f.StringVar(&o.authority, "ca", "", "file with the certificate authority of the server, in PEM; default: those of the system")
	f.DurationVar(&o.every, "every", 2*time.Second, "how often the status is shown; 0 for never")
	f.StringVar(&o.oauth.tokens, "token-url", "", "URL of a token server of OAuth 2.0: google, microsoft, or one of your own; default: log in with MAIL_PASSWORD")
	f.StringVar(&o.oauth.client, "client-id", "", "id of the application there")
	f.StringVar(&o.oauth.scope, "scope", "", "what is asked for; default: what google or microsoft want")
	f.Usage = func() {
		fmt.Fprint(errs, "usage: gateway -mailbox URL [flags]\n\nSecrets stand in the environment: MAIL_PASSWORD, or OAUTH_CLIENT_SECRET and, once, OAUTH_REFRESH_TOKEN; and DESK_KEY for what is stored.\n\n")
		f.PrintDefaults()
	}
	if err := f.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	if (o.mailbox == "") != o.all || f.NArg() > 0 {
		fmt.Fprintln(errs, "gateway: name a mailbox, or say -all, and nothing beside the flags (-h lists them)")
		return 2
	}
	o.password, o.oauth.secret, o.oauth.refresh = env("MAIL_PASSWORD"), env("OAUTH_CLIENT_SECRET"), env("OAUTH_REFRESH_TOKEN")
	o.key = env("DESK_KEY")
	if err := o.run(ctx, out, errs); err != nil {
		fmt.Fprintln(errs, "gateway:", err)
		return 1
	}
	return 0
}

func (o options) run(ctx context.Context, out, errs io.Writer) (err error) {
	s, err := openStore(ctx, o.store)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	desk, err := helpdesk.New(ctx, s, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, desk.Stop(context.WithoutCancel(ctx))) }()
	if o.saved || o.all {
		set, err := o.stored(desk, s, errs)
		if err != nil {
			return err
		}
		if o.saved {
			return o.save(ctx, set, out)
		}
		return o.runStored(ctx, desk, set, out)
	}
	box, err := o.open(ctx, s)
	if err != nil {
		return err
	}
	if o.diagnose {
		return box.diagnose(ctx, out)
	}
	g, err := gateway.New(o.name, desk.Mail(), s, &gateway.Options{
		Acknowledge: box.acknowledges, AcknowledgeAfter: time.Duration(o.days) * 24 * time.Hour,
		Own: []string{cmp.Or(o.address, box.address)}, Logger: slog.New(slog.NewTextHandler(errs, nil)),
	})
	if err != nil {
		return err
	}
	if o.once {
		return once(ctx, g, box.source, out)
	}
	if err := desk.Start(ctx); err != nil { // hooks, timers and the search work meanwhile
		return err
	}
	var watched sync.WaitGroup
	watched.Go(func() { o.watch(ctx, func(page io.Writer) error { return show(ctx, g, page) }, out) })
	err = g.Run(ctx, box.source)
	watched.Wait()
	return err
}

// once makes tickets of what is there, and tells of each mail.
func once(ctx context.Context, g *gateway.Gateway, src gateway.Source, out io.Writer) error {
	list, err := g.Poll(ctx, src)
	tell(list, out)
	if err != nil {
		return err
	}
	return show(ctx, g, out)
}

// tell prints what became of mails.
func tell(list []gateway.Outcome, out io.Writer) {
	for _, o := range list {
		fmt.Fprintf(out, "mail %d is %s", o.Work, o.Result)
		if o.TicketID != 0 {
			fmt.Fprintf(out, " in ticket %d", o.TicketID)
		}
		fmt.Fprintf(out, ": %s\n", o.Reason)
	}
}
