package gateway

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// Caps say how many mails a gateway's desk takes before it becomes quiet: above one, a mail still becomes a message, but
// nobody is told of it and nothing is answered. They end loops that nothing else has stopped, as with a robot that bears no
// mark of one. People and robots are counted apart. Mails of agents, forged ones, spam, notes, and those of senders in
// Options.Allow do not count. Refusals have the same caps: above one, a mail is refused without an answer, whoever it claims
// to be from. 0 means the default, and less than 0 no cap.
type Caps struct {
	SenderHour int `json:"sender_hour,omitempty"` // from one address within an hour; default 30
	SenderDay  int `json:"sender_day,omitempty"`  // from one address within a day; default 100
	DomainHour int `json:"domain_hour,omitempty"` // from one domain within an hour; default 1,000
	Hour       int `json:"hour,omitempty"`        // from everybody within an hour; default 5,000
	// Repeats is how often the same sender may write the same subject, text and files within ten minutes; default 3. Whatever
	// comes above that goes into the ticket of those before.
	Repeats int `json:"repeats,omitempty"`
}

func (c Caps) withDefaults() Caps {
	return Caps{cmp.Or(c.SenderHour, 30), cmp.Or(c.SenderDay, 100), cmp.Or(c.DomainHour, 1000), cmp.Or(c.Hour, 5000), cmp.Or(c.Repeats, 3)}
}

const (
	hourly        = time.Hour
	daily         = 24 * time.Hour
	repeatsWithin = 10 * time.Minute
)

// counter is what counts towards one cap.
type counter struct {
	key string // see counterKey
	cap int
	why string // what is said of a mail above it
}

// counterKey begins with the time at which the counter ends, so that old ones are found by their order.
func counterKey(window time.Duration, at time.Time, scope, name string) string {
	sum := sha256.Sum256([]byte(scope + "\x00" + name))
	return fmt.Sprintf("%010d/%s", at.Truncate(window).Add(window).Unix(), hex.EncodeToString(sum[:12]))
}

// subject is what is counted of a mail. Robots are counted apart from people, and what is refused from what is not: neither
// silences the other.
type subject struct {
	sender, domain, content string
	robot, refused          bool
}

// mostHashed is how much of each file is looked at: two that begin the same, and are of one length, are taken for the same.
const mostHashed = 64 << 10

func subjectOf(m *Mail, robot bool) subject {
	_, domain, _ := strings.Cut(m.From.Email, "@")
	sum := sha256.New()
	fmt.Fprintf(sum, "%q %q %q", strings.ToLower(m.Subject), strings.Join(strings.Fields(m.Text), " "), m.HTML)
	for _, a := range m.Attachments {
		fmt.Fprintf(sum, " %q %d ", a.Filename, a.Size)
		sum.Write(a.Data[:min(len(a.Data), mostHashed)])
	}
	return subject{m.From.Email, domain, string(sum.Sum(nil)), robot, false}
}

// counters are those to which a mail counts.
func (c Caps) counters(s subject, now time.Time) []counter {
	of := ""
	if s.robot {
		of = " robots"
	}
	if s.refused {
		of += " refused"
	}
	all := []counter{
		{counterKey(hourly, now, "sender"+of, s.sender), c.SenderHour, "its sender has written more than %d mails within an hour"},
		{counterKey(daily, now, "sender"+of, s.sender), c.SenderDay, "its sender has written more than %d mails within a day"},
		{counterKey(hourly, now, "domain"+of, s.domain), c.DomainHour, "more than %d mails have come from its domain within an hour"},
		{counterKey(hourly, now, "all"+of, ""), c.Hour, "more than %d mails have come within an hour"},
	}
	list := all[:0]
	for _, k := range all {
		if k.cap > 0 {
			k.why = fmt.Sprintf(k.why, k.cap)
			list = append(list, k)
		}
	}
	return list
}

// repeated are the keys, of now and of the ten minutes before, under which the same mail is counted.
func (s subject) repeated(now time.Time) (current, before string) {
	name, scope := s.sender+"\x00"+s.content, "same"
	if s.refused {
		scope += " refused"
	}
	return counterKey(repeatsWithin, now, scope, name), counterKey(repeatsWithin, now.Add(-repeatsWithin), scope, name)
}
