package gateway

import (
	"bytes"
	"errors"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/cms"
)

// maxUnwraps bounds how many envelopes of one mail are opened, within each other or
// side by side.
const maxUnwraps = 20

// unwrapper opens the envelopes in a tree of parts: what was signed or compressed, and
// what the host can decrypt, takes the place of the part that held it.
type unwrapper struct {
	r           *reader
	deadline    time.Time
	protections []Protection
	opened      int
	budget      int    // bytes that may still come out of envelopes
	subject     string // of the first mail that was decrypted
}

func (u *unwrapper) walk(p *part) *part {
	switch {
	case p.media.name == "multipart/signed":
		u.protect(signatureOf(p))
	case pgpCiphertext(p) != nil:
		return u.pgp(p)
	case p.media.name == "multipart/encrypted" && len(p.children) > 0:
		u.protect(EncryptedPGP)
	}
	if len(p.children) == 0 {
		return u.leaf(p)
	}
	for i, c := range p.children {
		p.children[i] = u.walk(c)
	}
	return p
}

func (u *unwrapper) pgp(p *part) *part {
	u.protect(EncryptedPGP)
	data, _ := pgpCiphertext(p).content()
	inner, ok := u.decrypt(Encrypted{Protection: EncryptedPGP, Data: data})
	if !ok {
		return p
	}
	return u.replace(p, inner, true)
}

func (u *unwrapper) leaf(p *part) *part {
	if p.media.name == "text/plain" {
		return u.inline(p)
	}
	kind, data := cmsOf(p)
	switch kind {
	case cms.Signed, cms.Compressed:
		if kind == cms.Signed {
			u.protect(SignedSMIME)
		}
		content, err := cms.Content(data, u.budget)
		if err != nil {
			u.r.problems.add("a signed or compressed part could not be opened and is kept as a file")
		}
		if len(content) == 0 || err != nil {
			return p
		}
		return u.replace(p, content, false)
	case cms.Encrypted:
		u.protect(EncryptedSMIME)
		if inner, ok := u.decrypt(Encrypted{Protection: EncryptedSMIME, Data: data}); ok {
			return u.replace(p, inner, true)
		}
	}
	return p
}

// inline looks for OpenPGP within a text.
func (u *unwrapper) inline(p *part) *part {
	if p.disposition().name == "attachment" {
		return p
	}
	encoding := strings.ToLower(p.header.get("content-transfer-encoding"))
	if !strings.Contains(encoding, "base64") && !bytes.Contains(p.body, []byte("-BEGIN PGP ")) {
		return p // which is cheaper than to decode every text twice
	}
	text, _ := p.text()
	if lineStarting(text, pgpSigned) >= 0 {
		u.protect(SignedPGP)
	}
	begin := lineStarting(text, pgpMessage)
	if begin < 0 {
		return p
	}
	u.protect(EncryptedPGP)
	end := strings.Index(text[begin:], pgpMessageEnd)
	if end < 0 {
		return p
	}
	end += begin + len(pgpMessageEnd)
	inner, ok := u.decrypt(Encrypted{Protection: EncryptedPGP, Data: []byte(text[begin:end]), Inline: true})
	if !ok {
		return p
	}
	plain := &part{media: mediaType{name: "text/plain", params: map[string]string{"charset": "utf-8"}}}
	plain.body = []byte(text[:begin] + validText(lineEnds(string(inner))) + text[end:])
	return plain
}

// open counts one more envelope, unless there were too many.
func (u *unwrapper) open() bool {
	if u.opened >= maxUnwraps {
		u.r.problems.add("envelopes over the limit are kept as files")
		return false
	}
	u.opened++
	return true
}

// errPanicked stands for whatever a hook of the host panicked with.
var errPanicked = errors.New("the hook panicked")

// decrypt asks the host. The time that it takes is not the parser's.
func (u *unwrapper) decrypt(e Encrypted) (inner []byte, ok bool) {
	if u.r.decrypt == nil || !u.open() {
		return nil, false
	}
	begin := time.Now()
	inner, err := func() (inner []byte, err error) {
		defer func() {
			if recover() != nil {
				err = errPanicked
			}
		}()
		return u.r.decrypt(e)
	}()
	u.deadline = u.deadline.Add(time.Since(begin))
	if err != nil || len(inner) > u.budget {
		u.r.problems.add("an encrypted part could not be decrypted and is kept as it is")
		return nil, false
	}
	u.budget -= len(inner)
	return inner, true
}

// replace reads content as a MIME part, which may hold further envelopes. The part is
// kept where that fails.
func (u *unwrapper) replace(p *part, content []byte, decrypted bool) *part {
	if !decrypted {
		if !u.open() {
			return p
		}
		u.budget -= len(content)
	}
	inner := u.r.entity(content, u.deadline)
	if inner == nil {
		u.r.problems.add("what an envelope held could not be read; the envelope is kept as a file")
		return p
	}
	if decrypted && u.subject == "" {
		u.subject = inner.header.get("subject")
	}
	return u.walk(inner)
}

// entity reads bytes as a MIME part (RFC 2045 §2.4); nil where no parser can.
func (r *reader) entity(content []byte, deadline time.Time) *part {
	if len(content) > 0 && (content[0] == '\r' || content[0] == '\n') { // no header at all
		content = append([]byte("Content-Type: text/plain\r\n"), content...)
	}
	c := clean(content, r.limits)
	for _, parse := range parsers {
		if root := r.parseEntity(parse, c, deadline); root != nil {
			return root
		}
	}
	return nil
}

func (r *reader) parseEntity(parse parser, c cleaned, deadline time.Time) (root *part) {
	defer func() {
		if recover() != nil {
			root = nil
		}
	}()
	root, err := parse(r, c, deadline)
	if err != nil {
		return nil
	}
	return root
}

// innerSubject is the subject for a mail whose outer one was blanked out (RFC 9788 §3).
func (u *unwrapper) innerSubject(outer string) string {
	switch strings.ToLower(strings.Trim(outer, " []()")) {
	case "...", "…", "", "encrypted message", "encrypted":
		return u.subject
	}
	return ""
}
