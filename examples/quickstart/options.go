package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway/imap"
)

// passwordVariable is where the password of a mailbox is taken from: unlike a flag, it stands in no list of processes.
const passwordVariable = "HELPDESK_IMAP_PASSWORD"

// options say what to do. The zero value of eml and imap means the demonstration.
type options struct {
	db       string
	eml      string // folder of mails
	imap     string // URL of a mailbox, and as a configuration with the password:
	mailbox  imap.Config
	once     bool
	every    time.Duration
	validity int // UIDVALIDITY of the demonstration's mailbox; 0 means 1
}

func flags(o *options) *flag.FlagSet {
	f := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.StringVar(&o.db, "db", "helpdesk.db", "the SQLite `file` of the desk; it is made where there is none")
	f.StringVar(&o.eml, "eml", "", "feed the mails of this `folder`, .eml and .raw, and of the folders in it")
	f.StringVar(&o.imap, "imap", "", "fetch from this mailbox, as imaps://user@host/INBOX; the password is taken from "+passwordVariable)
	f.BoolVar(&o.once, "once", true, "end after the first look at the mailbox; -once=false goes on until interrupted")
	f.DurationVar(&o.every, "every", time.Minute, "the pause between two looks")
	return f
}

func usage() string {
	var b strings.Builder
	b.WriteString("Without -imap and -eml, quickstart fetches mails of its own from a mail server of its own.\n\n")
	f := flags(&options{})
	f.SetOutput(&b)
	f.PrintDefaults()
	return b.String()
}

// parse reads the flags. Its errors are the user's to mend.
func parse(args []string, getenv func(string) string) (options, error) {
	var o options
	f := flags(&o)
	if err := f.Parse(args); err != nil {
		return o, err
	}
	given := map[string]bool{}
	f.Visit(func(f *flag.Flag) { given[f.Name] = true })
	switch {
	case f.NArg() > 0:
		return o, fmt.Errorf("%q is no flag", f.Arg(0))
	case o.db == "":
		return o, errors.New("-db needs the name of a file")
	case given["eml"] && given["imap"]:
		return o, errors.New("-eml and -imap do not go together")
	case given["eml"] && o.eml == "":
		return o, errors.New("-eml needs the name of a folder")
	case given["imap"] && o.imap == "":
		return o, errors.New("-imap needs an address, as imaps://user@host")
	case given["eml"] && !o.once:
		return o, errors.New("-once=false is for mailboxes: a folder is read once")
	case o.every <= 0:
		return o, errors.New("-every needs a time such as 30s")
	}
	if o.imap == "" {
		return o, nil
	}
	var err error
	if o.mailbox, err = imap.ParseURL(o.imap); err != nil {
		return o, fmt.Errorf("-imap: %w", err)
	}
	if o.mailbox.Password = cmp.Or(getenv(passwordVariable), o.mailbox.Password); o.mailbox.Password == "" {
		return o, fmt.Errorf("the mailbox needs a password: set %s", passwordVariable)
	}
	return o, nil
}
