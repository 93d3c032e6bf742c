package gateway

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/internal/mark"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// delivery is a mail on its way to become something.
type delivery struct {
	*Gateway
	work     *store.Work
	job      job
	mail     *Mail
	nature   Nature
	known    known
	decision Decision
	tally    *tally
	subject  *subject // what counts towards the caps; nil where nothing does
	above    string   // what an agent wrote above a mail that they passed on
	out      Outcome
}

// deliver decides what becomes of a mail, and does it.
func (g *Gateway) deliver(ctx context.Context, h *inHand, o Outcome) (Outcome, error) {
	m, form := ofForm(h.mail, g.opts.ContactForms)
	v := &delivery{Gateway: g, work: h.work, job: h.job, mail: m, tally: h.tally, out: o}
	if !g.opts.Policy.Trusted {
		v.mail = m.WithoutControlHeaders()
	}
	author, _ := Author(m)
	from := sentBy(author, g.desk.Limits())
	ctx = ticket.WithActor(ctx, from)
	m.FromUnknown = m.FromUnknown || from.Email == UnknownSender // an address that cannot be kept is nobody's
	marks, err := g.desk.Marker(ctx)
	if err != nil {
		return o, err
	}
	v.nature = g.natureOf(m, form, marks)
	if v.known, err = g.know(ctx, m, v.nature, marks, form); err != nil {
		return o, err
	}
	if err := v.crowd(ctx); err != nil {
		return o, err
	}
	auth := Authentication(m, g.opts.Servers)
	v.decision = Decide(m, v.nature, auth, v.known.Facts, g.opts.Policy)
	v.out.From, v.out.mayAnswer = m.From.Email, v.nature.MayAutoRespond && auth.DMARC != "fail"
	if !h.part.has(v.decision) {
		return o, errOtherPart
	}
	v.out.By, v.out.Kind, v.out.Reason, v.out.Evidence = v.decision.By, v.nature.Kind, v.decision.Reason, v.decision.Evidence
	switch err = v.act(ctx); {
	case err == nil:
		v.count(auth)
	case refusedForGood(err):
		h.refusal = v.refusal(ctx)
	}
	return v.out, err
}

// refusal is what counts of one that may be answered, unless there were too many: anybody can have the desk write to the
// address that they forge.
func (v *delivery) refusal(ctx context.Context) *subject {
	if !v.out.mayAnswer {
		return nil
	}
	s := subjectOf(v.mail, false)
	s.refused, v.out.mayAnswer = true, false
	if err := v.tally.load(ctx, s); err != nil {
		v.log(ctx, "the caps could not be read: a refusal is not answered", "error", err)
		return nil
	}
	if why, _ := v.tally.over(s); why != "" || v.known.Crowd != "" {
		return nil
	}
	v.out.mayAnswer = true
	return &s
}

// crowd looks whether there were too many like it.
func (v *delivery) crowd(ctx context.Context) error {
	switch k := v.nature.Kind; {
	case k == KindBounce, k == KindDelayNotice, k == KindOwnEcho, v.opts.Policy.Sent != SentNone, allowed(v.mail.From.Email, v.opts.Allow):
		return nil
	}
	s := subjectOf(v.mail, !v.nature.MayAutoRespond)
	v.subject = &s
	if err := v.tally.load(ctx, s); err != nil {
		return err
	}
	why, same := v.tally.over(s)
	v.known.Crowd = why
	if err := v.find(ctx, ticket.Mark{TicketID: same}, &v.known, &v.known.Repeats); err != nil || v.known.Repeats == 0 {
		return err
	}
	takes, err := v.desk.TakesPart(ctx, v.known.Repeats)
	if takes {
		v.known.Repeated = Participant
	}
	return err
}

// count counts the mail towards the caps, if it has become what its sender wanted: who forges an address, or writes to
// strangers' tickets, silences nobody.
func (v *delivery) count(auth Authenticity) {
	d := v.decision
	if v.subject == nil || v.staff() || v.known.Form || auth.DMARC == "fail" || d.Action != Open && d.Action != Answer || v.out.TicketID == 0 {
		return
	}
	v.tally.add(*v.subject, v.out.TicketID)
}

// act does what was decided.
func (v *delivery) act(ctx context.Context) error {
	switch v.decision.Action {
	case Drop:
		if v.tooEarly() {
			return errEarlier
		}
		return v.putAside(ctx, Dropped, store.WorkDone)
	case Hold:
		if released, err := v.released(ctx); err != nil || !released {
			return errors.Join(err, v.heldBack(ctx, err))
		}
		v.decision.Action, v.out.Reason = Open, "somebody has let it in"
	case Refuse:
		return fmt.Errorf("%w: %s", errUnwanted, v.decision.Reason)
	}
	opens := v.decision.Action == Open || v.decision.Action == Spam
	if v.decision.By == "" { // it cites no ticket that is here yet
		if err := v.mayOpen(ctx, v.work, v.mail); err != nil {
			return err
		}
	}
	var t *ticket.Ticket
	if !opens {
		t = v.known.tickets[v.decision.TicketID]
	}
	if err := v.desk.CheckMail(ctx, v.mailing(v.mail, t, v.job)); err != nil {
		return err
	}
	if opens {
		return v.open(ctx, 0)
	}
	return v.add(ctx, t)
}

// heldBack holds the mail, unless it could not be asked whether it was let in.
func (v *delivery) heldBack(ctx context.Context, asked error) error {
	if asked != nil {
		return nil
	}
	return v.putAside(ctx, Held, store.WorkDead)
}

// putAside ends the work without a message.
func (v *delivery) putAside(ctx context.Context, r Result, state store.WorkState) error {
	v.out.Result = r
	var done bool
	if v.out, done = v.settle(ctx, v.work, v.job, v.out, state); !done {
		return store.ErrStale
	}
	return nil
}

// also is the context in which the desk writes the message: the mail's identity is reserved and its work finished in the
// same transaction.
func (v *delivery) also(ctx context.Context, result Result) context.Context {
	v.out.Result = result
	return v.desk.Also(ctx, func(ctx context.Context, ticketID, messageID int64) error {
		v.out.TicketID, v.out.MessageID = ticketID, messageID
		if err := v.besides(ticket.WithActor(ctx, ticket.System("gateway")), ticketID); err != nil {
			return err
		}
		return v.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
			holder, err := tx.Reserve(ctx, keyIdentity, v.mine(v.mail.Identity), v.work.ID)
			if err != nil {
				return err
			}
			if holder != v.work.ID {
				return errDuplicate
			}
			if m, err := tx.Message(ctx, messageID); err != nil {
				return err
			} else if result == Answered && m.Seq == 1 { // the ticket took nothing more, and is continued in a new one
				v.out.Result = Opened
			}
			return v.finish(ctx, tx, v.work, v.job, v.out, store.WorkDone)
		})
	})
}

// besides does what comes with the message.
func (v *delivery) besides(ctx context.Context, ticketID int64) error {
	switch v.decision.Action {
	case Report:
		return v.markUndelivered(ctx)
	case Spam:
		_, err := v.desk.MoveTo(ctx, ticketID, ticket.Spam)
		return err
	case Staff:
		if v.known.copy != 0 { // it is proven now
			_, err := v.desk.DeleteMessage(ctx, v.known.copy)
			return err
		}
	case Open, Answer:
		if v.opts.Policy.Sent != SentNone {
			return nil
		}
		if err := v.noteAbove(ctx, ticketID, v.above); err != nil {
			return err
		}
		return v.addParticipants(ctx, ticketID)
	}
	return nil
}

// markUndelivered notes on the message of the desk whom it has not reached. A message that is gone needs no mark.
func (v *delivery) markUndelivered(ctx context.Context) error {
	r := v.known.returned
	if len(r.failed) == 0 {
		return nil
	}
	err := v.desk.MarkUndelivered(ctx, r.message, r.failed...)
	if errors.Is(err, ticket.ErrNotFound) {
		return nil
	}
	return err
}

// addParticipants makes those in copy of a customer's mail participants, as far as there is room.
func (v *delivery) addParticipants(ctx context.Context, ticketID int64) error {
	if v.opts.Participants <= 0 || len(v.mail.Cc) == 0 || !v.nature.MayReopen {
		return nil
	}
	t, err := v.desk.Ticket(ctx, ticketID)
	if err != nil {
		return err
	}
	all := slices.Clone(t.Participants)
	marked := func(a Address) bool { return mark.InAddress(a.Email) != "" } // which is the desk's
	for _, p := range people(slices.DeleteFunc(slices.Clone(v.mail.Cc), marked), v.desk.Limits()) {
		known := func(q ticket.Person) bool { return ticket.NormalizeEmail(q.Email) == ticket.NormalizeEmail(p.Email) }
		if len(all) >= v.opts.Participants || slices.ContainsFunc(all, known) || known(t.Requester) || v.own(p.Email) {
			continue
		}
		who, err := v.desk.Correspondent(ctx, p.Email)
		if err != nil {
			return err
		}
		if !who.Own && who.Agent == nil {
			all = append(all, p)
		}
	}
	if len(all) == len(t.Participants) {
		return nil
	}
	_, err = v.desk.UpdateTicket(ctx, ticketID, ticket.Patch{Participants: &all})
	return err
}

// open opens a ticket; linkedTo is one that it continues, or 0.
func (v *delivery) open(ctx context.Context, linkedTo int64) error {
	sender := func() ticket.Draft { return v.letter().draft(linkedTo) }
	if !v.staff() {
		return v.create(ctx, sender)
	}
	err := v.create(ticket.WithActor(ctx, v.sender()), func() ticket.Draft { return v.staffDraft(linkedTo) })
	if errors.Is(err, ticket.ErrForbidden) { // they may still write to the desk, as everybody may
		v.above, v.out.Reason = "", "an agent writes who may not open tickets there: "+err.Error()
		err = v.create(ctx, sender)
	}
	return err
}

// staffDraft is the ticket that an agent's mail opens: for whom it was sent to, for the author of a mail that they pass on,
// or for themselves.
func (v *delivery) staffDraft(linkedTo int64) ticket.Draft {
	draft := v.letter().draft(linkedTo)
	if v.opts.Policy.Sent != SentNone {
		draft.Requester = person(cmp.Or(v.known.Addressee, v.mail.From), v.desk.Limits())
	} else if p, ok := v.passOn(); ok {
		draft = p.letter.draft(linkedTo)
		draft.Requester, v.above = p.from, p.above
	}
	return draft
}

// staff reports whether the mail is kept as an agent's.
func (v *delivery) staff() bool { return v.decision.Agent != "" || v.opts.Policy.Sent != SentNone }

// add writes a message into a ticket. One for a ticket that takes nothing more is continued in a new one.
func (v *delivery) add(ctx context.Context, t *ticket.Ticket) error {
	var err error
	switch v.decision.Action {
	case Staff:
		err = v.addStaff(ctx, t)
	case Note, Report:
		err = v.addNote(ctx, t)
	default:
		_, err = v.desk.Reply(v.also(ctx, Answered), t.ID, v.letter().reply())
	}
	if errors.Is(err, ticket.ErrNotFound) {
		return v.open(ctx, t.ID)
	}
	return err
}

// addStaff writes an agent's message; what answers an internal note is one. One who has no right to answer there leaves a marked note: what they say is not
// lost, and the customer is not told.
func (v *delivery) addStaff(ctx context.Context, t *ticket.Ticket) error {
	reply := v.letter().reply()
	if v.decision.Confided {
		reply.Kind = ticket.KindConfided
	}
	write, result := v.desk.Reply, Answered
	if v.decision.Internal {
		write, result = v.desk.AddNote, Noted
	}
	_, err := write(v.also(ticket.WithActor(ctx, v.sender()), result), t.ID, reply)
	if !errors.Is(err, ticket.ErrForbidden) && !errors.Is(err, ticket.ErrNotFound) {
		return err
	}
	v.out.Reason = "an agent answers who may not: " + err.Error()
	return v.addNote(ctx, t)
}

// addNote writes an internal, marked note.
func (v *delivery) addNote(ctx context.Context, t *ticket.Ticket) error {
	reply := v.letter().reply()
	reply.Unproven = true
	_, err := v.desk.Reply(v.also(ctx, Noted), t.ID, reply)
	return err
}

// letter is the mail as the desk takes it. It is made anew for each attempt, for what is in it is read once.
func (v *delivery) letter() letter {
	m := v.mail
	if v.staff() {
		m = m.withoutMarks()
	}
	out := v.Gateway.letter(m, v.job, v.desk.Limits())
	out.mail.Kind, out.mail.Automatic = string(v.nature.Kind), !v.nature.MayReopen
	out.mail.Unanswerable, out.mail.Quiet = !v.decision.MayAutoRespond, v.decision.Quiet
	out.mail.Relay, out.mail.Sent = fitLine(v.known.relay, v.desk.Limits().Text), v.opts.Policy.Sent != SentNone
	return out
}

// errEarlier says that a mail waits for one that was fetched before it.
var errEarlier = errors.New("it answers a mail that is not here, and earlier ones are still to be processed")

// patience is how many attempts a mail waits for the one that it answers.
const patience = 6

// mayOpen lets a mail that answers an unknown one wait while earlier mails are held up: what it answers may be among
// them.
func (v *delivery) mayOpen(ctx context.Context, w *store.Work, m *Mail) error {
	if w.Attempt-v.job.Left > patience || len(m.InReplyTo)+len(m.References) == 0 {
		return nil
	}
	return v.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		earlier, err := r.Works(ctx, store.WorkQuery{Kind: kindMail, Name: v.name, BeforeID: w.ID, States: []store.WorkState{store.WorkPending, store.WorkLeased}, Limit: 1})
		if err == nil && len(earlier) > 0 {
			return errEarlier
		}
		return err
	})
}

func (g *Gateway) mailing(m *Mail, t *ticket.Ticket, j job) hooks.Mailing {
	in := hooks.Mailing{Gateway: g.name, Ticket: t, Subject: m.Subject, Text: m.Text, MessageID: m.MessageID, To: people(m.To, g.desk.Limits()), Cc: people(m.Cc, g.desk.Limits()), Size: j.Size, Degraded: m.Degraded}
	for _, a := range m.Attachments {
		in.Files = append(in.Files, ticket.File{Name: a.Filename, Type: a.MediaType, Size: int64(a.Size), ContentID: a.ContentID, Inline: a.Inline})
	}
	return in
}
