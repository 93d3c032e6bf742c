package notify

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/notify/smtp"
	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// step sends what is due, unless the mail server is away.
func (n *Notifier) step(ctx context.Context) (int, error) {
	if !n.breaker.closed(n.desk.Now()) {
		return 0, nil
	}
	return n.agenda.Step(ctx)
}

// send sends one letter that is due, or finds that there is nothing to send any more.
func (n *Notifier) send(ctx context.Context, e agenda.Entry) (agenda.Handler, error) {
	ctx, err := n.steadily(ctx)
	if err != nil {
		return nil, err
	}
	l, err := n.letter(ctx, e.Key)
	if errors.Is(err, ticket.ErrNotFound) || err == nil && (l.State.Done() || l.Due.After(e.Due)) {
		return nil, nil // an entry of before the letter was put off, or its ticket was purged
	}
	if err != nil {
		return nil, err
	}
	why, err := n.guarded(ctx, &l, n.handOver)
	if errors.Is(err, errDisabled) {
		why, err = errDisabled.Error(), nil
	}
	switch {
	case why != "":
		return n.settle(l.ID, func(l *Letter) { l.end(Cancelled, why, n.desk.Now()) }), nil
	case err == nil:
		return n.delivered(l), nil
	}
	return n.troubled(ctx, l, err)
}

// guarded calls fn; what panics there, in the host's code, has failed, and is tried again as long as anything else.
func (n *Notifier) guarded(ctx context.Context, l *Letter, fn func(context.Context, *Letter) (why string, err error)) (why string, err error) {
	defer func() {
		if p := recover(); p != nil {
			n.log.ErrorContext(ctx, "a letter panicked", "letter", l.ID, "ticket", l.Ticket, "panic", p, "stack", string(debug.Stack()))
			why, err = "", fmt.Errorf("panicked: %v", p)
		}
	}()
	return fn(ctx, l)
}

// handOver gives a letter to its channel. It says why there is nothing to tell, where that is so.
func (n *Notifier) handOver(ctx context.Context, l *Letter) (why string, err error) {
	within, cancel := context.WithTimeout(ctx, n.o.Timeout) // also for what the host's directory takes
	defer cancel()
	if err := n.hasRoom(within, l); err != nil {
		return "", err
	}
	if own := map[template.Kind]func(context.Context, *Letter) (string, error){template.Refused: n.mailRefused, template.Digest: n.mailDigest}[l.Kind]; own != nil {
		return own(within, l)
	}
	f, why, err := n.gather(within, l)
	if why != "" || err != nil {
		return why, err
	}
	if l.Channel != Mail {
		return n.tellBy(within, l, f)
	}
	return n.mail(within, l, f)
}

// mail writes a letter as mail, and hands it to the server.
func (n *Notifier) mail(ctx context.Context, l *Letter, f *gathered) (why string, err error) {
	if err := n.mailReady(); err != nil {
		return "", err
	}
	if why, err := n.admit(ctx, l.goesTo(f.around.Settings, f.email)); why != "" || err != nil {
		return why, err
	}
	m, err := n.compose(ctx, l, f)
	if err != nil {
		return "", err
	}
	if l.Copy == "" && f.around.Settings.MailSandbox == "" { // what they say of those is not about the reader
		l.email = m.to
	}
	return "", n.post(ctx, m)
}

// mailReady says why no mail can be sent now.
func (n *Notifier) mailReady() error {
	if n.o.Mail == nil {
		return fmt.Errorf("%w: this process has no mail server", ticket.ErrBusy)
	}
	if !n.breaker.closed(n.desk.Now()) {
		return fmt.Errorf("%w: the mail server is away", ticket.ErrBusy)
	}
	return nil
}

// post hands a mail to the server.
func (n *Notifier) post(ctx context.Context, m *mailing) error {
	err := n.o.Mail.Send(ctx, m.letter, m.from, m.to)
	if err == nil {
		n.breaker.worked()
	}
	return err
}

// settle has a letter changed in the transaction that ends its entry.
func (n *Notifier) settle(id int64, fn func(l *Letter)) agenda.Handler {
	return func(ctx context.Context, tx store.Tx, _ agenda.Entry) error {
		_, err := change(ctx, tx, id, fn)
		return err
	}
}

// delivered notes that a letter has left, and what its reader has got by now.
func (n *Notifier) delivered(sent Letter) agenda.Handler {
	return func(ctx context.Context, tx store.Tx, _ agenda.Entry) error {
		l, err := change(ctx, tx, sent.ID, func(l *Letter) {
			l.Attempts, l.Error = l.Attempts+1, ""
			l.end(Sent, "", n.desk.Now())
			if sent.moved && l.To.ID == sent.To.ID { // and was not erased meanwhile
				l.To, l.MessageID = sent.To, sent.MessageID
			}
		})
		if err != nil || l == nil || l.Channel != Mail || l.Ticket == 0 {
			return err
		}
		return noteSent(ctx, tx, l)
	}
}

// aWhile is how long a letter waits for a process that can send it, where this one cannot.
const aWhile = 15 * time.Second

// pauses are how long a letter waits after each attempt that failed by what the server said of it, or by a file. What is
// given up was tried for three days.
var pauses = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 12 * time.Hour, 20 * time.Hour, 24 * time.Hour}

// troubled decides what comes of a letter that could not be sent. What is the server's fault costs it no attempt, unless the
// server may have it.
func (n *Notifier) troubled(ctx context.Context, l Letter, failure error) (agenda.Handler, error) {
	now := n.desk.Now()
	var s *smtp.Error
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("%w: %w", ticket.ErrBusy, failure)
	case errors.Is(failure, ticket.ErrBusy), errors.Is(failure, ticket.ErrStopped), errors.Is(failure, smtp.ErrClosed):
		return nil, &agenda.Again{At: n.breaker.next(now, aWhile), Err: failure}
	case errors.Is(failure, errPace):
		return nil, failure
	case errors.As(failure, &s) && s.Stage == smtp.Content && errors.Is(failure, context.DeadlineExceeded):
		return n.tried(l, now, failure), nil // it may be too large for the time that there is: others are not
	case s != nil && s.Server:
		n.breaker.failed(now, failure)
		n.log.WarnContext(ctx, "the mail server fails", "error", failure)
		if s.Unclear { // it may have the letter: nobody is to get that without end
			return n.tried(l, now, failure), nil
		}
		return nil, &agenda.Again{At: n.breaker.next(now, 0), Err: failure}
	case permanent(failure):
		errors.As(failure, &s)
		return n.bounced(ctx, l, s, failure)
	}
	if s != nil { // nothing else says anything of the server
		n.breaker.worked()
	}
	return n.tried(l, now, failure), nil
}

// tried puts a letter off that was tried, or gives it up.
func (n *Notifier) tried(l Letter, now time.Time, failure error) agenda.Handler {
	if l.Attempts < len(pauses) {
		return n.again(l.ID, now.Add(pauses[l.Attempts]), failure)
	}
	return n.settle(l.ID, func(l *Letter) {
		l.Attempts, l.Error = l.Attempts+1, clip(failure.Error())
		l.end(Failed, "it was tried for three days", now)
	})
}

// permanent reports whether it is of no use to try again.
func permanent(failure error) bool {
	var s *smtp.Error
	return errors.As(failure, &s) && s.Permanent || errors.Is(failure, ticket.ErrInvalid)
}

// again puts a letter off that was tried.
func (n *Notifier) again(id int64, at time.Time, failure error) agenda.Handler {
	return func(ctx context.Context, tx store.Tx, _ agenda.Entry) error {
		l, err := change(ctx, tx, id, func(l *Letter) {
			l.State, l.Due, l.Error, l.Reason = Queued, ticket.Time(at), clip(failure.Error()), ""
			l.Attempts++
		})
		if err != nil || l == nil {
			return err
		}
		return n.remind(ctx, tx, l)
	}
}

// bounced notes on the message that the server will not take it, and of the address where that is what it said.
func (n *Notifier) bounced(ctx context.Context, l Letter, s *smtp.Error, failure error) (agenda.Handler, error) {
	if s != nil {
		n.breaker.worked()
	}
	n.log.WarnContext(ctx, "a letter will never be taken", "letter", l.ID, "ticket", l.Ticket, "error", failure)
	return func(ctx context.Context, tx store.Tx, _ agenda.Entry) error {
		if l.Message != 0 {
			if err := lockTicketOf(ctx, tx, l.Message); err != nil {
				return err
			}
		}
		done, err := change(ctx, tx, l.ID, func(l *Letter) {
			l.Attempts, l.Error = l.Attempts+1, clip(failure.Error())
			l.end(Bounced, "the mail server will not take it", n.desk.Now())
		})
		if err != nil || done == nil || s == nil || l.Message == 0 || l.email == "" {
			return err
		}
		u := ticket.Undelivered{Recipient: l.email, Status: s.Status, Diagnostic: s.Err.Error(), Permanent: true, At: n.desk.Now()}
		u.Proven = s.Stage == smtp.Recipient && s.Code == 550 // there is no such mailbox: it is not this letter
		err = n.desk.MarkUndelivered(system(ctx), l.Message, u)
		if errors.Is(err, ticket.ErrNotFound) {
			return nil
		}
		return err
	}, nil
}

func errNoChannel(name string) error {
	return fmt.Errorf("%w: this process has no channel %q", ticket.ErrBusy, name)
}

func clip(s string) string {
	const most = 500
	if len(s) > most {
		s = s[:most] + "…"
	}
	return string([]rune(s))
}
