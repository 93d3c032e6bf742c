package gateway

import (
	"time"
)

// ReadOptions tune Read; nil and the zero value are good.
type ReadOptions struct {
	// Limits bound the cost of reading.
	Limits Limits
	// NoSubject is the placeholder for a missing or blank subject, in the desk's
	// language. Default none: Subject stays empty.
	NoSubject string
	// Decrypt opens encrypted parts with keys that the host has; nil opens none. What it
	// returns is read as a MIME part in the place of the encrypted one, and may be
	// [Limits.Mail] bytes long. An error leaves the part among the attachments. It may be
	// called several times for a mail, is not stopped by [Limits.Time], and is no place
	// to verify who signed: that takes the raw mail.
	Decrypt func(Encrypted) ([]byte, error)
}

// Read understands one mail (RFC 5322, MIME) as a server handed it over. received
// is when the mail arrived; it bounds and replaces the Date header. opts may be
// nil.
//
// Read never fails and never panics: a mail that no parser understands, or that
// passes the limits of size and time, comes back as a degraded Mail. Attachments
// may share memory with raw, which must not change while the Mail is in use.
func Read(raw []byte, received time.Time, opts *ReadOptions) *Mail {
	if opts == nil {
		opts = &ReadOptions{}
	}
	r := reader{
		raw:       raw,
		received:  received,
		noSubject: opts.NoSubject,
		decrypt:   opts.Decrypt,
		limits:    opts.Limits.withDefaults(),
	}
	return r.read()
}

type reader struct {
	raw       []byte
	received  time.Time
	noSubject string
	decrypt   func(Encrypted) ([]byte, error)
	limits    Limits
	problems  problems
}

func (r *reader) read() *Mail {
	c := clean(r.raw, r.limits)
	if c.cut {
		r.problems.add("the header is cut at the size limit")
	}
	var m *Mail
	if len(r.raw) > r.limits.Mail {
		r.problems.add("the mail is over the size limit and was not parsed")
	} else {
		m = r.parsed(c, parsers)
	}
	if m == nil {
		m = r.degraded(c)
	}
	m.Identity = identity(m.MessageID, c)
	m.Problems = r.problems.list
	return m
}

// parser yields a mail's part tree or an error.
type parser func(r *reader, mail cleaned, deadline time.Time) (*part, error)

// parsers are tried in turn.
var parsers = []parser{readStrict, readLenient, readSalvage}

func readStrict(r *reader, mail cleaned, deadline time.Time) (*part, error) {
	found := problems{}
	s := strictParser{limits: r.limits, problems: &found}
	root, err := s.parse(mail, deadline)
	if err == nil {
		r.problems.list = append(r.problems.list, found.list...)
	}
	return root, err
}

// readSalvage is for malformed mails that enmime must not see.
func readSalvage(r *reader, mail cleaned, deadline time.Time) (*part, error) {
	r.problems.add("malformed: what follows the damage may be missing")
	s := strictParser{limits: r.limits, salvage: true, problems: &r.problems}
	return s.parse(mail, deadline)
}

func readLenient(r *reader, mail cleaned, deadline time.Time) (*part, error) {
	found := problems{}
	found.add("malformed: read leniently")
	root, err := parseLenient(mail, r.limits, deadline, &found)
	if err == nil {
		r.problems.list = append(r.problems.list, found.list...)
	}
	return root, err
}

// parsed tries the parsers and returns nil where all fail. Their errors quote the
// mail, so no text of theirs is passed on.
func (r *reader) parsed(mail cleaned, parsers []parser) *Mail {
	deadline := time.Now().Add(r.limits.Time)
	for _, parse := range parsers {
		if m := r.attempt(parse, mail, deadline); m != nil {
			return m
		}
	}
	return nil
}

// attempt runs one parser and gathers its tree; nil if either fails or panics.
func (r *reader) attempt(parse parser, mail cleaned, deadline time.Time) (m *Mail) {
	defer func() {
		switch recover() {
		case nil:
		case errSlow:
			r.problems.add("parsing took longer than the time limit")
			m = nil
		default:
			r.problems.add("a parser failed on the mail")
			m = nil
		}
	}()
	root, err := parse(r, mail, deadline)
	if err != nil {
		return nil
	}
	r.mendParts(root, deadline)
	root.declareHeader()
	m = r.headed(root.header)
	u := unwrapper{r: r, deadline: deadline, budget: r.limits.Mail}
	root = u.walk(root)
	m.Protections = u.protections
	if inner := u.innerSubject(m.Subject); inner != "" {
		m.Subject = r.subject(header{{"subject", inner}})
	}
	g := gatherer{limits: r.limits, problems: &r.problems}
	g.gather(root, m)
	return m
}

// headed makes a Mail of what the header says.
func (r *reader) headed(h header) *Mail {
	m := &Mail{header: h}
	m.From, m.FromUnknown = sender(h)
	m.To = r.addresses(h, "to")
	m.Cc = r.addresses(h, "cc")
	m.ReplyTo = r.addresses(h, "reply-to")
	m.Subject = r.subject(h)
	m.MessageID, m.MessageIDDerived = messageID(h, r.raw)
	m.InReplyTo = r.references(h, "in-reply-to")
	m.References = r.references(h, "references")
	m.Date, m.DateClamped = mailDate(h, r.received)
	return m
}

func (r *reader) addresses(h header, name string) []Address {
	var all []Address
	for _, value := range h.values(name) {
		list, cut := parseAddresses(value, r.limits.Recipients-len(all))
		all = append(all, list...)
		if cut {
			r.problems.add("recipients over the limit are left out")
			break
		}
	}
	return all
}

// references keeps the newest ids, which stand last.
func (r *reader) references(h header, name string) []string {
	ids := messageIDs(h.values(name))
	if over := len(ids) - r.limits.References; over > 0 {
		r.problems.add("references over the limit are left out")
		ids = ids[over:]
	}
	return ids
}

func (r *reader) subject(h header) string {
	subject, cut := cutRunes(oneLine(decodeWords(h.get("subject"))), r.limits.Subject)
	if cut {
		r.problems.add("the subject is cut at the size limit")
	}
	return firstOf(subject, r.noSubject)
}
