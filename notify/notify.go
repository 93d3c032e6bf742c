package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/notify/letter"
	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/rules/calendar"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Binding is the id of the hooks by which people are told.
const Binding = "helpdesk.notify"

// Desk is what notifications need of a desk; helpdesk.Notification has it.
type Desk interface {
	Tickets
	People
	Links
	Now() time.Time
	Hooks() *hooks.Registry
	Uses(s store.Store) bool
	Once(ctx context.Context, fn func(ctx context.Context) error) error
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	Wake()
	AddStep(step func(ctx context.Context) (int, error))
	AddCheck(fn func(ctx context.Context) ([]ticket.Problem, error))
}

// Tickets are what people are told of.
type Tickets interface {
	Ticket(ctx context.Context, id int64) (*ticket.Ticket, error)
	Message(ctx context.Context, id int64) (*ticket.Message, error)
	Messages(ctx context.Context, id int64, q ticket.MessageQuery) ([]*ticket.Message, error)
	Reply(ctx context.Context, id int64, d ticket.ReplyDraft) (*ticket.Message, error)
	CheckReply(ctx context.Context, id int64, d ticket.ReplyDraft) error
	DeleteMessage(ctx context.Context, id int64) (*ticket.Message, error)
	Steady(ctx context.Context) (context.Context, error)
	Surroundings(ctx context.Context, t *ticket.Ticket) (ticket.Surroundings, error)
	Signature(ctx context.Context, ticketID int64) (ticket.Signature, error)
	Objects(ctx context.Context, id int64) ([]ticket.Object, error)
	OpenFile(ctx context.Context, messageID int64, n int) (io.ReadSeekCloser, ticket.File, error)
	MarkUndelivered(ctx context.Context, messageID int64, list ...ticket.Undelivered) error
}

// People are whom the desk knows.
type People interface {
	Agent(ctx context.Context, id string) (ticket.Agent, error)
	Agents(ctx context.Context) ([]ticket.Agent, error)
	Members(ctx context.Context, department string) ([]ticket.Agent, error)
	Responsible(ctx context.Context, ticketID int64) ([]ticket.Agent, error)
	Sees(ctx context.Context, agent string, t *ticket.Ticket) (bool, error)
	Customer(ctx context.Context, id string) (ticket.Customer, error)
	Undeliverable(ctx context.Context, email string) (ticket.Undelivered, error)
	WritesAs(ctx context.Context, email string) (bool, error)
	IsAgents(ctx context.Context, email string) (bool, error)
	MayConfigure(ctx context.Context) error
	MayWork(ctx context.Context, ticketID int64) error
	PutDefinition(ctx context.Context, kind, code, name string, doc []byte, version int64) (int64, error)
	DeleteDefinition(ctx context.Context, kind, code string) error
}

// Links are what leads from a letter back to its ticket.
type Links interface {
	Marker(ctx context.Context) (ticket.Marker, error)
	GuestLink(ctx context.Context, ticketID int64, p ticket.Person) (string, error)
	SurveyLink(ctx context.Context, messageID int64) (string, error)
}

// Mailer hands letters to a mail server; *smtp.Server is one, and so may be whatever speaks to the interface of a provider.
// Its errors are *smtp.Error where it knows more than that it failed.
type Mailer interface {
	// Send hands a letter over for one recipient; from is where the server says that it cannot deliver it, and is empty for a
	// letter of which that must not be said.
	Send(ctx context.Context, l *letter.Letter, from, to string) error
}

// Rules are what comes before notifications: package rules has them.
type Rules interface {
	// NotifyBy has them tell people by fn.
	NotifyBy(fn func(ctx context.Context, n ticket.Notice) error)
}

// Options tune the notifications of a desk. Whoever gives no Mail sends none; the feed and the channels work without.
type Options struct {
	Mail Mailer
	// From is who letters are from where neither the department nor the brand of a ticket has a sender. With Mail it is
	// needed.
	From string
	// Name is what the desk is called where the brand of a ticket has no name of its own; default: the department's.
	Name string
	// PlusAddresses says that the mailbox takes mail to help+anything@shop.example: answers are asked for at such an address,
	// which says by itself whose answer to what they are (RFC 5233).
	PlusAddresses bool
	// Rules, if the desk has any, are waited for, and tell people by these notifications.
	Rules Rules
	// Channels are the host's own ways to tell people, as a chat, by their names, of at most 50 bytes.
	Channels map[string]Channel
	// Elsewhere names the channels that other processes of the desk have and this one has not, Mail among them, as where only
	// one of them may reach the mail server: letters for those are ordered here, too, and sent there. From is needed with Mail.
	Elsewhere []string
	// Hours, if not nil, are when somebody is there: a new ticket is answered by the template for out of hours while nobody
	// is. Rules.Calendars().Page of package rules is one. Where it fails, panics, or its
	// context ends, after 5 s, somebody is taken to be there, and Check says so. One that goes on after that is asked nothing
	// more until it returns.
	Hours func(ctx context.Context, v calendar.Visitor) (calendar.Page, error)
	// Templates say what letters say; nil means those of package template.
	Templates *template.Set
	// URL returns the address of a page, or "" where there is none; nil means what a brand's URLs make (see Page), and
	// SurveyURL.
	URL func(p Page) string
	// SurveyURL is where the host serves the pages of package survey; without it, and without URL, letters ask for no rating.
	SurveyURL string
	// Workers is how many letters a started desk sends at once. Default 4. Tick sends one after the other.
	Workers int
	// Timeout is for one letter, or one call of a channel. Default 5 min: a mail server may look at a letter for long. What a
	// process that died had begun is taken up by another one after twice that.
	Timeout time.Duration
	// Pace is how many letters go to one domain of mail in a minute, by this process; 0 means as many as there are.
	Pace int
	// Keep is how long letters are listed after they were sent. Default 90 days.
	Keep   time.Duration
	Logger *slog.Logger // is told of what fails; default: nobody is, and Problems of the desk's Check says it
}

// Notifier tells people. It is safe for concurrent use; any number of processes may have one.
type Notifier struct {
	desk      Desk
	store     store.Store
	o         Options
	log       *slog.Logger
	templates *templates
	agenda    *agenda.Agenda // of mail
	aside     *agenda.Agenda // of what is written later
	channels  []*agenda.Agenda
	breaker   breaker
	pace      pace
	net       net
	pruned    atomic.Pointer[time.Time]
	overdue   atomic.Int32 // questions to Options.Hours that nobody waits for any more
	hourless  sync.Map     // by brand, why the working hours could not be had when they were asked for last: an error
}

// New returns the notifications of a desk, and has it tell people from now on. It must be called before desk.Start, once in
// a process. Errors: ticket.ErrInvalid, field by field; those of templates.
func New(d Desk, s store.Store, o *Options) (*Notifier, error) {
	if o == nil {
		o = &Options{}
	}
	n := &Notifier{desk: d, store: s, o: *o, log: o.Logger}
	if err := n.fill(); err != nil {
		return nil, fmt.Errorf("notify: %w", err)
	}
	if slices.ContainsFunc(d.Hooks().Subscriptions(), func(s hooks.Subscription) bool { return s.ID == Binding }) {
		return nil, errors.New("notify: the desk has notifications already: call New once in a process")
	}
	n.bind()
	n.schedule()
	d.AddStep(n.mend)
	d.AddStep(n.prune)
	d.AddCheck(n.problems)
	if o.Rules != nil {
		o.Rules.NotifyBy(n.Notify)
	}
	return n, nil
}

// schedule has the desk send what is due by the ways that this process has. Each has an agenda of its own, which nobody else
// looks at: none waits for another, and what only other processes can send is left to them.
func (n *Notifier) schedule() {
	entries := func(kind string, batch int, lease time.Duration) *agenda.Agenda {
		return agenda.New(agenda.Options{Kind: kind, Batch: batch, Store: n.store, Now: n.desk.Now, Logger: n.log, LeaseTTL: lease + time.Minute})
	}
	n.agenda = entries(letterWork, 4, 2*n.o.Timeout)
	n.agenda.HandleOutside(sendEntry, n.send)
	n.agenda.Handle(digestEntry, n.formDigest)
	n.aside = entries(asideWork, 1, n.o.Timeout)
	n.aside.Handle(laterEntry, n.postLater)
	n.aside.HandleOutside(laterFails, n.tellFailed)
	steps := []func(context.Context) (int, error){n.aside.Step}
	if n.o.Mail != nil {
		steps = append(steps, n.step)
	}
	for _, name := range slices.Sorted(maps.Keys(n.o.Channels)) {
		a := entries(workOf(name), 1, n.o.Timeout)
		a.HandleOutside(sendEntry, n.send)
		n.channels, steps = append(n.channels, a), append(steps, a.Step)
	}
	for range n.o.Workers {
		for _, step := range steps {
			n.desk.AddStep(step)
		}
	}
}

// reaches reports whether letters are sent by a channel, here or elsewhere.
func (n *Notifier) reaches(channel string) bool {
	own := channel == Mail && n.o.Mail != nil || n.o.Channels[channel] != nil
	return own || slices.Contains(n.o.Elsewhere, channel)
}

func (n *Notifier) fill() error {
	o := &n.o
	if !n.desk.Uses(n.store) {
		return errors.New("the store is not the desk's: give the one that the desk was made with")
	}
	var e ticket.ValidationError
	if o.From != "" || n.reaches(Mail) {
		if _, err := letter.Envelope(o.From); err != nil {
			e.Add("from", ticket.FaultMalformed, "%q is no address that mail can be from: give one, as help@shop.example", o.From)
		}
	}
	for name, c := range o.Channels {
		if name == Mail || c == nil || !channelName(name) {
			e.Add("channels", ticket.FaultMalformed, "%q is no name for a channel, or it has none", name)
		}
	}
	for _, name := range o.Elsewhere {
		if !channelName(name) {
			e.Add("elsewhere", ticket.FaultMalformed, "%q is no name of a channel: give %q, or one of the Channels of another process", name, Mail)
		}
	}
	for name, v := range map[string]int{"workers": o.Workers, "pace": o.Pace, "timeout": int(o.Timeout), "keep": int(o.Keep)} {
		if v < 0 {
			e.Add(name, ticket.FaultOutOfRange, "is less than 0")
		}
	}
	if u, err := url.Parse(o.SurveyURL); o.SurveyURL != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "") {
		e.Add("survey_url", ticket.FaultMalformed, "%q is no address of a page: give one as https://shop.example/survey", o.SurveyURL)
	}
	if e.Err() != nil {
		return e.Err()
	}
	o.Workers, o.Timeout, o.Keep = cmp.Or(o.Workers, 4), cmp.Or(o.Timeout, 5*time.Minute), cmp.Or(o.Keep, 90*24*time.Hour)
	if n.log == nil {
		n.log = slog.New(slog.DiscardHandler)
	}
	if o.URL == nil {
		o.URL = func(p Page) string { return usualURL(p, o.SurveyURL) }
	}
	n.pace = pace{perMinute: o.Pace}
	if o.Templates == nil {
		set, err := template.New(template.Options{})
		if err != nil {
			return err
		}
		o.Templates = set
	}
	n.templates = &templates{base: o.Templates}
	return nil
}

func channelName(s string) bool {
	const most = 50 // it is part of a kind of work
	return s != "" && s != Feed && len(s) <= most
}

// system is ctx with the notifications as the actor, who may read everything.
func system(ctx context.Context) context.Context {
	return ticket.WithActor(ctx, ticket.System(Binding))
}

// steadily is system, by one configuration for all that is asked.
func (n *Notifier) steadily(ctx context.Context) (context.Context, error) {
	return n.desk.Steady(system(ctx))
}

func failed(op string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("notify: %s: %w", op, err)
}
