package notify

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// pace counts what goes to each domain in a minute.
type pace struct {
	perMinute int

	mu     sync.Mutex
	minute time.Time
	sent   map[string]int
	put    map[string]int // off, in this minute
}

// farthest is how many minutes a letter is put off at most.
const farthest = 60

// errPace says that enough went to a domain in this minute.
var errPace = errors.New("enough went to this domain for now")

// full says when there is room for a letter, where there is none now: as many are put off to each minute as it has room for,
// so that few come in vain.
func (p *pace) full(to string, now time.Time) error {
	if p.perMinute == 0 || to == "" {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.look(domainOf(to), now)
}

// takes counts one letter, unless it is full.
func (p *pace) takes(to string, now time.Time) error {
	if p.perMinute == 0 {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	domain := domainOf(to)
	if err := p.look(domain, now); err != nil {
		return err
	}
	p.sent[domain]++
	return nil
}

func (p *pace) look(domain string, now time.Time) error {
	if m := now.Truncate(time.Minute); !m.Equal(p.minute) {
		p.minute, p.sent, p.put = m, map[string]int{}, map[string]int{}
	}
	if p.sent[domain] < p.perMinute {
		return nil
	}
	later := min(1+p.put[domain]/p.perMinute, farthest)
	p.put[domain]++
	return &agenda.Again{At: p.minute.Add(time.Duration(later) * time.Minute), Err: errPace}
}

func domainOf(email string) string {
	return strings.ToLower(email[strings.LastIndexByte(email, '@')+1:])
}

// hasRoom asks for room before anything else is read. Where the address is not known so soon it is asked later on.
func (n *Notifier) hasRoom(ctx context.Context, l *Letter) error {
	if n.pace.perMinute == 0 || l.Channel != Mail {
		return nil
	}
	to := cmp.Or(l.Copy, l.To.Email)
	if to == "" && l.Agent != "" {
		a, err := n.desk.Agent(ctx, l.Agent)
		if err != nil && !errors.Is(err, ticket.ErrNotFound) {
			return err
		}
		to = a.Email
	}
	return n.pace.full(to, n.desk.Now())
}

// admit says why nothing is written to an address, or not now: it is asked before a letter is.
func (n *Notifier) admit(ctx context.Context, to string) (why string, err error) {
	if why, err := n.undeliverable(ctx, to); why != "" || err != nil {
		return why, err
	}
	return "", n.pace.takes(to, n.desk.Now())
}

// undeliverable says why an address takes no mail; empty where it may.
func (n *Notifier) undeliverable(ctx context.Context, to string) (why string, err error) {
	if _, err := n.desk.Undeliverable(ctx, to); err == nil {
		return "the address takes no mail, as a server has said", nil
	} else if !errors.Is(err, ticket.ErrNotFound) {
		return "", err
	}
	return "", nil
}

// goesTo is the address that a letter is sent to.
func (l *Letter) goesTo(s ticket.Settings, email string) string {
	return cmp.Or(s.MailSandbox, l.Copy, email)
}
