package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/rules/calendar"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Choice is how somebody wants to hear of something.
type Choice string

// The choices. What is not chosen is told at once.
const (
	AtOnce   Choice = "now"
	InDigest Choice = "digest" // for staff
	Off      Choice = "off"
)

// Preferences are how one person, an agent or a customer, wants to be told. The zero Preferences are those of whoever has
// chosen nothing: everything, at once, by mail.
type Preferences struct {
	Topics map[template.Kind]Choice `json:"topics,omitempty"`
	// Channels are by which; empty means Mail, and so does what the desk has no more.
	Channels []string `json:"channels,omitempty"`
	// Departments are those of which an agent wants to hear of all new tickets and messages (X30).
	Departments []string `json:"departments,omitempty"`
	// Hours are when to tell: outside of them letters wait. Nil means always.
	Hours *calendar.Calendar `json:"hours,omitempty"`
	// DigestAt is when digests are sent, each day, as "08:00", in DigestZone; default 08:00 UTC.
	DigestAt   string `json:"digest_at,omitempty"`
	DigestZone string `json:"digest_zone,omitempty"` // IANA time zone
	NoFeed     bool   `json:"no_feed,omitempty"`     // nothing comes into the feed

	Version int64 `json:"-"` // of what is stored; 0 for what is new
}

const (
	kindPreferences = "preferences" // record
	kindSubscribed  = "config/subscribers"
	maxTopics       = 100
)

// reader is the key of somebody's preferences.
type reader string

func agentReader(id string) reader { return reader("agent/" + id) }

// personReader names no address: who is erased must not live on in a key.
func personReader(p ticket.Person) reader {
	if p.ID != "" {
		return reader("customer/" + p.ID)
	}
	return reader(fmt.Sprintf("guest/%x", ticket.RecipientOf(0, p.Email)))
}

// readerIn is the acting person's own.
func readerIn(ctx context.Context) (reader, error) {
	a, err := ticket.ActorFrom(ctx)
	switch {
	case err != nil:
		return "", err
	case a.Kind == ticket.ActorStaff:
		return agentReader(a.ID), nil
	case a.Kind == ticket.ActorClient, a.Kind == ticket.ActorGuest && (a.Verified || a.Ticket != 0):
		return personReader(a.Person()), nil
	}
	return "", fmt.Errorf("%w: preferences are those of an agent or a customer: act as one", ticket.ErrForbidden)
}

// Preferences returns those of the acting agent or customer. Errors: ticket.ErrNoActor; ticket.ErrForbidden for the host's own
// code, and for guests of whom nobody knows whether the address is theirs.
func (n *Notifier) Preferences(ctx context.Context) (Preferences, error) {
	who, err := readerIn(ctx)
	if err != nil {
		return Preferences{}, failed("read preferences", err)
	}
	p, err := n.preferencesOf(ctx, who)
	return p, failed("read preferences", err)
}

// SetPreferences stores those of the acting agent or customer, if they are still of p's Version. Errors: as Preferences;
// ticket.ErrInvalid, field by field; ticket.ErrConflict.
func (n *Notifier) SetPreferences(ctx context.Context, p Preferences) error {
	who, err := readerIn(ctx)
	if err == nil {
		err = p.check(who, n.reaches)
	}
	if err == nil {
		err = n.putPreferences(ctx, who, p)
	}
	return failed("set preferences", err)
}

func (n *Notifier) putPreferences(ctx context.Context, who reader, p Preferences) error {
	doc, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return n.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := tx.PutRecord(ctx, &store.Record{Kind: kindPreferences, Key: string(who), Version: p.Version, Doc: doc}); err != nil {
			return err
		}
		id, isAgent := strings.CutPrefix(string(who), "agent/")
		if !isAgent {
			return nil
		}
		if len(p.Departments) == 0 {
			return tx.DeleteRecord(ctx, kindSubscribed, id)
		}
		return record.Put(ctx, tx, kindSubscribed, id, "", p.Departments)
	})
}

func (n *Notifier) preferencesOf(ctx context.Context, who reader) (p Preferences, err error) {
	err = n.store.View(store.OneRead(ctx), func(ctx context.Context, x store.Reader) error {
		p = Preferences{}
		rec, err := x.Record(ctx, kindPreferences, string(who))
		if errors.Is(err, ticket.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		p.Version = rec.Version
		return json.Unmarshal(rec.Doc, &p)
	})
	return p, err
}

// subscribers are the agents who want to hear of all that happens in a department.
func (n *Notifier) subscribers(ctx context.Context, department string) (out []string, err error) {
	err = n.store.View(store.OneRead(ctx), func(ctx context.Context, x store.Reader) error {
		out = nil
		recs, err := x.Records(ctx, store.RecordQuery{Kind: kindSubscribed})
		for _, rec := range recs {
			var departments []string
			if err := json.Unmarshal(rec.Doc, &departments); err != nil {
				return err
			}
			if slices.Contains(departments, department) {
				out = append(out, rec.Key)
			}
		}
		return err
	})
	return out, err
}

func (p Preferences) check(who reader, known func(channel string) bool) error {
	var e ticket.ValidationError
	e.CheckCount("topics", len(p.Topics), maxTopics)
	staff := strings.HasPrefix(string(who), "agent/")
	for k, c := range p.Topics {
		switch {
		case !slices.Contains(template.Kinds(), k) || k.ForStaff() != staff:
			e.Add("topics", ticket.FaultUnknown, "%q is nothing that they are told of", k)
		case c != AtOnce && c != Off && (c != InDigest || !staff):
			e.Add("topics."+string(k), ticket.FaultUnknown, "%q is no choice: use now, off, or for staff digest", c)
		}
	}
	e.CheckCount("channels", len(p.Channels), maxTopics)
	for _, c := range p.Channels {
		if c != Mail && !known(c) {
			e.Add("channels", ticket.FaultUnknown, "%q is no way of this desk to tell people: mail is one, and those of notify.Options.Channels and Elsewhere", c)
		}
	}
	e.CheckCount("departments", len(p.Departments), maxTopics)
	if !staff && len(p.Departments) > 0 {
		e.Add("departments", ticket.FaultNotAllowed, "are for staff")
	}
	if p.DigestAt != "" {
		if _, err := time.Parse("15:04", p.DigestAt); err != nil {
			e.Add("digest_at", ticket.FaultMalformed, "%q is no time of the day: write it as 08:00", p.DigestAt)
		}
	}
	if _, err := time.LoadLocation(p.DigestZone); err != nil {
		e.Add("digest_zone", ticket.FaultUnknown, "%q is no time zone: use a name as Europe/Berlin", p.DigestZone)
	}
	if p.Hours != nil {
		if _, err := calendar.Compile(*p.Hours); err != nil {
			e.Add("hours", ticket.FaultMalformed, "%v", err)
		}
	}
	return e.Err()
}

// wants reports whether they are to be told by letters of a kind. What staff have written to somebody is always sent.
func (p Preferences) wants(k template.Kind) bool {
	return p.Topics[k] != Off || k == template.CustomerMessage || k == template.ThirdPartyMessage
}

// justNow is how old a letter may be whose reader was asked when it was ordered.
const justNow = time.Minute

// stillWanted asks the reader of a letter that has waited once more.
func (n *Notifier) stillWanted(ctx context.Context, l *Letter) (why string, err error) {
	if age := n.desk.Now().Sub(l.Created); age >= 0 && age < justNow {
		return "", nil
	}
	who := personReader(l.To)
	if l.Agent != "" {
		who = agentReader(l.Agent)
	}
	p, err := n.preferencesOf(ctx, who)
	if err != nil || p.wants(l.Kind) {
		return "", err
	}
	return "they do not want to hear of that any more", nil
}

// welcome is the next moment at which they may be told.
func (p Preferences) welcome(now time.Time) time.Time {
	if p.Hours == nil {
		return now
	}
	h, err := calendar.Compile(*p.Hours)
	if err != nil || h.OpenAt(now) { // a zone that this machine does not know keeps nothing from anybody
		return now
	}
	if at, ok := h.NextOpening(now); ok {
		return at
	}
	return now
}

// nextDigest is when the next one goes out.
func (p Preferences) nextDigest(now time.Time) time.Time {
	zone, err := time.LoadLocation(p.DigestZone)
	if err != nil {
		zone = time.UTC
	}
	at, err := time.Parse("15:04", p.DigestAt)
	if err != nil {
		at = time.Date(0, 1, 1, 8, 0, 0, 0, time.UTC)
	}
	local := now.In(zone)
	next := time.Date(local.Year(), local.Month(), local.Day(), at.Hour(), at.Minute(), 0, 0, zone)
	if !next.After(now) {
		next = time.Date(local.Year(), local.Month(), local.Day()+1, at.Hour(), at.Minute(), 0, 0, zone)
	}
	return next
}
