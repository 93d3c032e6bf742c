package gateway

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Desk is what a gateway needs of a desk; *helpdesk.Desk has it.
type Desk interface {
	CreateTicket(ctx context.Context, d ticket.Draft) (*ticket.Ticket, error)
	DeleteMessage(ctx context.Context, id int64) (*ticket.Message, error)
	Reply(ctx context.Context, id int64, r ticket.ReplyDraft) (*ticket.Message, error)
	AddNote(ctx context.Context, id int64, r ticket.ReplyDraft) (*ticket.Message, error)
	CheckMail(ctx context.Context, in hooks.Mailing) error
	TakesPart(ctx context.Context, id int64) (bool, error)
	Ticket(ctx context.Context, id int64) (*ticket.Ticket, error)
	UpdateTicket(ctx context.Context, id int64, p ticket.Patch) (*ticket.Ticket, error)
	MoveTo(ctx context.Context, id int64, folder ticket.Folder) (*ticket.Ticket, error)
	Correspondent(ctx context.Context, email string) (ticket.Correspondent, error)
	Marker(ctx context.Context) (ticket.Marker, error)
	MarkUndelivered(ctx context.Context, messageID int64, list ...ticket.Undelivered) error
	RejectMail(ctx context.Context, r ticket.Rejection) error
	Uses(s store.Store) bool
	Joinable() bool
	MayConfigure(ctx context.Context) error
	StoreBlob(ctx context.Context, r io.Reader) (store.Held, error)
	KeepBlob(ctx context.Context, content store.Held, work int64) error
	RetainBlob(ctx context.Context, blob string, work int64, created time.Time) error
	ReleaseBlob(ctx context.Context, blob string, work, message int64) error
	OpenBlob(ctx context.Context, blob string) (io.ReadSeekCloser, error)
	Also(ctx context.Context, fn func(ctx context.Context, ticketID, messageID int64) error) context.Context
	Codes() ticket.Codes
	Limits() ticket.Limits
	Now() time.Time
	Usable(ctx context.Context, gateway string, o ticket.Opening) (ticket.Opening, error)
	EmptySubject(ctx context.Context, gateway string, o ticket.Opening) (string, error)
}

// Options tune a gateway. The zero Options work, and so does nil.
type Options struct {
	Limits   Limits         // of reading a mail
	Logger   *slog.Logger   // is told what fails; default: nobody is, and Status says it
	Progress func(Progress) // is told after every mail; it must be fast
	// Attempts is how often a mail is tried that cannot be processed, before it is quarantined; default 10. A mail that
	// a hook could not judge, or for which the database was busy, is tried without end.
	Attempts int
	// Interval is the pause between two fetches of Run; default 1 min, and 5 min for a source that hears of new mail by
	// itself.
	Interval time.Duration
	// Acknowledge has the source flag, move or remove mails, as it is set up to, once they are done with.
	Acknowledge bool
	// AcknowledgeAfter is how long they stay as they are until then; default not at all.
	AcknowledgeAfter time.Duration
	// Lease is how long one process holds a mail that it works on; default 5 min.
	Lease time.Duration
	// Policy says from whom mails are taken, and as what.
	Policy Policy
	// Own are the addresses of the mailbox. Those that brands and departments write as, and those of gateways that stand in
	// the store, are known without.
	Own []string
	// Servers are the names (authserv-id, RFC 8601) of mail servers whose findings about a sender count: see
	// Authentication. Default none.
	Servers []string
	// SpamHeaders says that a filter in front of the mailbox writes what it thinks of a mail into its header, and is
	// believed: see SpamVerdict. What it calls spam goes to the Spam folder.
	SpamHeaders bool
	// Allow are senders whose automatic mail reopens tickets, as a person's does: see NaturePolicy.
	Allow []string
	// Caps make the desk quiet where too many mails come.
	Caps Caps
	// Participants is how many people a ticket may have by way of mail: those in Cc of a customer's mail become
	// participants, who may read and answer (M22). Default none.
	Participants int
	// ContactForms are the addresses from which web forms of the host write, or domains as "@example.com" (M73): in their
	// mails Reply-To says who filled in the form, and is an unproven sender. The addresses may be those of the desk itself.
	ContactForms []string
	// SentBy is the id of the agent as whom mails of a Sent folder are kept (Policy.Sent) that no agent's address has sent,
	// but that of a shared mailbox. Default: nobody's, the desk's own.
	SentBy string
	// Opening is where the tickets are opened that mails open, and as what (R10). What it leaves empty is taken from the
	// settings; so is what it asks for and the catalogue no longer has, which the Outcome tells: no mail waits for that.
	Opening ticket.Opening
	// NoSubject stands in for the subject of a mail without one (R10); default what the settings say.
	NoSubject string
	// Apart has a mail that another gateway has brought in, too, become a message of this one as well: mail to two
	// departments is a ticket in each. Default: it is one message, of the gateway that was first.
	Apart bool
	// FetchLimit is how many mails one fetch takes at most; the rest come with the next. Default all.
	FetchLimit int
	// Mailbox names the mailbox where a gateway may be given another one: the place up to which one was fetched, and the
	// mails in it that are done with, say nothing of the other. Default: it has the same one for good.
	Mailbox string
	// Decrypt opens encrypted mail; see [ReadOptions.Decrypt].
	Decrypt func(Encrypted) ([]byte, error)
	// Markers are the lines "reply above this line" that mails of the desk ever had, in any language (R12): what stands
	// below one is folded. Those of the form "##- … -##" are known without.
	Markers []string
	// NumberLines are the forms of the line that names a ticket in the body of mails of the desk, in every language that it
	// ever had one (R11): "## Ticket number: {code}". Default none. See NumberLines.
	NumberLines []string
}

// Progress says how far a gateway is.
type Progress struct {
	Fetched int // mails taken from the source in this run
	Done    int // mails that became something, or were known, in this run
}

// Gateway brings the mails of one mailbox into a desk: each becomes one message in one ticket, or stands in quarantine,
// whatever fails on the way.
//
// A mail goes through two commits. Fetching stores its raw bytes, the place in the mailbox, and a piece of work, in one
// transaction; nothing that a parser or a hook does can stop it. Processing then turns the work into a ticket or a
// message, in one transaction with the mark that it is done. A mail that was seen before, by its place, by its bytes,
// or by its identity, is not made a message again. Several processes may run the same gateway.
type Gateway struct {
	name     string
	desk     Desk
	store    store.Store
	opts     Options
	telling  sync.Mutex
	progress Progress
	patterns patterns
	swept    atomic.Int64 // the hour in which old counters were last looked for

	numberLines []numberLine
}

// New returns a gateway called name, which settings, tickets and the database know it by: it must not change.
func New(name string, d Desk, s store.Store, o *Options) (*Gateway, error) {
	var e ticket.ValidationError
	if name == "" {
		e.Add("name", ticket.FaultRequired, "is empty: name the gateway, and never change that")
	}
	e.CheckLine("name", name, 100)
	switch {
	case d == nil:
		e.Add("desk", ticket.FaultRequired, "is nil")
	case s == nil:
		e.Add("store", ticket.FaultRequired, "is nil: give the desk's")
	case !d.Uses(s):
		e.Add("store", ticket.FaultConflicting, "is not the desk's: give the one that the desk was made with")
	}
	g := &Gateway{name: name, desk: d, store: s}
	if o != nil {
		g.opts = *o
	}
	g.numberLines = numberLinesOf(g.opts.NumberLines, &e)
	if err := e.Err(); err != nil {
		return nil, fmt.Errorf("gateway: new: %w", err)
	}
	g.opts.Attempts = cmp.Or(g.opts.Attempts, 10)
	g.opts.Lease = cmp.Or(g.opts.Lease, 5*time.Minute)
	return g, nil
}

// Kinds of what a gateway keeps in the store.
const (
	kindMail    = "mail"    // work: a mail that was fetched and waits to become a message
	kindGateway = "gateway" // record: the cursor of a mailbox
	keyPlace    = "mail-place"
	keyRaw      = "mail-raw"
	keyIdentity = "mail-identity"
)

// Fetch takes every new mail from the source into the store, and returns how many were new. Of several processes one does
// at a time: the others take nothing.
func (g *Gateway) Fetch(ctx context.Context, src Source) (int, error) {
	h, err := g.holdMailbox(ctx)
	if err != nil {
		return 0, fmt.Errorf("gateway %s: lease the mailbox: %w", g.name, err)
	}
	if h == nil {
		return 0, nil
	}
	n, fetchErr := h.fetch(ctx, src)
	if errors.Is(fetchErr, store.ErrStale) {
		return n, nil // another process goes on with it
	}
	if err := errors.Join(fetchErr, h.free(ctx, fetchErr)); err != nil {
		return n, fmt.Errorf("gateway %s: fetch: %w", g.name, err)
	}
	return n, nil
}

func (g *Gateway) cursor(ctx context.Context) (c Cursor, err error) {
	err = g.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		rec, err := r.Record(ctx, kindGateway, g.mailbox())
		if errors.Is(err, ticket.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		return json.Unmarshal(rec.Doc, &c)
	})
	return c, err
}

// job is the document of the work that a mail is. Outcome and Problem are texts to the desk, which takes people out of them
// whom it erases; all else is identifiers.
type job struct {
	Raw      string    `json:"raw,omitempty"` // blob
	Received time.Time `json:"received"`
	Size     int64     `json:"size,omitempty"`
	Problem  string    `json:"problem,omitempty"`
	Place    string    `json:"place,omitempty"`
	Mailbox  string    `json:"mailbox,omitempty"` // as Options.Mailbox was
	Left     int       `json:"left,omitempty"`    // how often a step left it to another one: no attempts
	Outcome  *Outcome  `json:"outcome,omitempty"`
}

func (g *Gateway) advance(ctx context.Context, tx store.Tx, c Cursor) error {
	if c == (Cursor{}) {
		return nil
	}
	doc, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return tx.PutRecord(ctx, &store.Record{Kind: kindGateway, Key: g.mailbox(), Version: store.AnyVersion, Doc: doc})
}

// told counts on, and says so to who wants to know: one call at a time.
func (g *Gateway) told(change func(*Progress)) {
	g.telling.Lock()
	defer g.telling.Unlock()
	change(&g.progress)
	if g.opts.Progress != nil {
		g.opts.Progress(g.progress)
	}
}

func (g *Gateway) log(ctx context.Context, msg string, args ...any) {
	if g.opts.Logger != nil {
		g.opts.Logger.WarnContext(ctx, "helpdesk: gateway "+g.name+": "+msg, args...)
	}
}
