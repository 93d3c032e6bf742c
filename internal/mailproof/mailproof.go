// Package mailproof holds what has become of the mails of a mailbox against what a gateway promises: whatever failed on the
// way, each is exactly one message in exactly one ticket, or has another result on record; none comes twice, none is lost.
package mailproof

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Tally counts mails by what became of them.
type Tally map[gateway.Result]int

// Check fails the test unless each of the mails has exactly one result in the desk, and unless every message that came
// by a gateway of these names is one of them. Copies of the same bytes have one result together.
func Check(tb testing.TB, d *helpdesk.Desk, g *gateway.Gateway, names []string, mails iter.Seq[[]byte]) Tally {
	tb.Helper()
	p := &proof{ctx: ticket.WithActor(context.Background(), ticket.Staff("7", "Bob", "bob@desk.example")), g: g, tally: Tally{}, seen: map[string]bool{}}
	p.gather(d, names)
	for raw := range mails {
		p.mail(raw)
	}
	p.strangers()
	if p.faults > 0 {
		tb.Errorf("%d faults among %d mails; the first:%s", p.faults, len(p.seen), p.told)
	}
	return p.tally
}

// proof is a check under way.
type proof struct {
	ctx        context.Context
	g          *gateway.Gateway
	byRaw      map[string][]kept // messages by the hash of their mail
	byIdentity map[string]int
	seen       map[string]bool // hashes of mails
	tally      Tally
	faults     int
	told       string
}

// kept is a message that was a mail.
type kept struct{ ticket, message int64 }

// mostTold is how many faults are told in full.
const mostTold = 10

func (p *proof) fault(format string, args ...any) {
	if p.faults++; p.faults <= mostTold {
		p.told += "\n\t" + fmt.Sprintf(format, args...)
	}
}

// gather goes through all tickets.
func (p *proof) gather(d *helpdesk.Desk, names []string) {
	p.byRaw, p.byIdentity = map[string][]kept{}, map[string]int{}
	for t, err := range d.AllTickets(p.ctx, ticket.Query{}) {
		if err != nil {
			p.fault("tickets: %v", err)
			return
		}
		count := int64(0)
		for m, err := range d.AllMessages(p.ctx, t.ID, ticket.MessageQuery{}) {
			if err != nil {
				p.fault("messages of ticket %d: %v", t.ID, err)
				return
			}
			count++
			if m.Mail == nil || m.Mail.Raw == "" || !slices.Contains(names, m.Mail.Gateway) {
				continue
			}
			p.byRaw[m.Mail.Raw] = append(p.byRaw[m.Mail.Raw], kept{t.ID, m.ID})
			if p.byIdentity[m.Mail.Identity]++; p.byIdentity[m.Mail.Identity] > 1 {
				p.fault("the mail %.80q is %d messages", m.Mail.Identity, p.byIdentity[m.Mail.Identity])
			}
		}
		if count != t.Seq {
			p.fault("ticket %d has %d messages and says %d", t.ID, count, t.Seq)
		}
	}
}

// mail looks for what became of one.
func (p *proof) mail(raw []byte) {
	sum := sha256.Sum256(raw)
	hash := hex.EncodeToString(sum[:])
	if p.seen[hash] {
		return
	}
	p.seen[hash] = true
	o, err := p.g.Trace(p.ctx, raw)
	if err != nil {
		p.fault("%s is lost: %v", title(raw), err)
		return
	}
	p.tally[o.Result]++
	found := p.byRaw[hash]
	switch o.Result {
	case gateway.Opened, gateway.Answered, gateway.Noted:
		if len(found) != 1 || found[0] != (kept{o.TicketID, o.MessageID}) {
			p.fault("%s is %s as message %d of ticket %d, and found as %v", title(raw), o.Result, o.MessageID, o.TicketID, found)
		}
		return
	case gateway.Duplicate:
		if id := gateway.Read(raw, time.Now(), nil).Identity; p.byIdentity[id] != 1 {
			p.fault("%s is a duplicate of %d messages", title(raw), p.byIdentity[id])
		}
	case gateway.Rejected, gateway.Dropped, gateway.Held, gateway.Quarantined:
		if err := p.readable(o.Work, raw); err != nil {
			p.fault("%s is %s, and its bytes: %v", title(raw), o.Result, err)
		}
	default:
		p.fault("%s has no result", title(raw))
	}
	if len(found) != 0 {
		p.fault("%s is %s, and a message all the same: %v", title(raw), o.Result, found)
	}
}

// readable reports what is wrong with the kept bytes of a mail.
func (p *proof) readable(work int64, raw []byte) error {
	r, err := p.g.Raw(p.ctx, work)
	if err != nil {
		return err
	}
	got, err := io.ReadAll(r)
	if err == nil && !bytes.Equal(got, raw) {
		err = fmt.Errorf("%d bytes instead of %d", len(got), len(raw))
	}
	return errors.Join(err, r.Close())
}

// strangers looks for messages that no mail is behind.
func (p *proof) strangers() {
	for hash, found := range p.byRaw {
		if !p.seen[hash] {
			p.fault("messages %v were never in the mailbox", found)
		}
	}
}

// Undone fails the test if a mail that the mailbox had, and has no more, is not done with: nothing may be removed from
// a server before that.
func Undone(tb testing.TB, g *gateway.Gateway, had, left [][]byte) {
	tb.Helper()
	count := map[string]int{}
	for _, raw := range had {
		count[string(raw)]++
	}
	for _, raw := range left {
		count[string(raw)]--
	}
	for raw, n := range count {
		if n <= 0 {
			continue
		}
		if o, err := g.Trace(context.Background(), []byte(raw)); err != nil || o.Result == "" {
			tb.Errorf("%s was removed from the server, and is not done with: %+v, %v", title([]byte(raw)), o, err)
		}
	}
}

// title names a mail in an error.
func title(raw []byte) string {
	m := gateway.Read(raw, time.Now(), nil)
	return fmt.Sprintf("mail %.80q %.40q", m.MessageID, m.Subject)
}
