// Package cms looks into the structures of S/MIME (RFC 5652): what kind they are of,
// and what is in those that are only signed or compressed. It verifies and decrypts
// nothing. It reads BER, for mail programs write strings in pieces of which nobody
// knew the length beforehand, and encoding/asn1 reads DER alone.
package cms

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
)

// ErrFormat says that the bytes are no CMS, or damaged.
var ErrFormat = errors.New("not a CMS structure: keep it as a file")

// Kind is what a structure does with its content.
type Kind int

// The kinds of structures that mails have.
const (
	Other      Kind = iota
	Signed          // RFC 5652 §5
	Encrypted       // enveloped, encrypted, or enveloped with authentication (RFC 5083)
	Compressed      // RFC 3274
)

// The kinds by their object identifiers.
var kinds = map[string]Kind{
	"\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02":         Signed,
	"\x2A\x86\x48\x86\xF7\x0D\x01\x07\x03":         Encrypted,
	"\x2A\x86\x48\x86\xF7\x0D\x01\x07\x06":         Encrypted,
	"\x2A\x86\x48\x86\xF7\x0D\x01\x09\x10\x01\x17": Encrypted,
	"\x2A\x86\x48\x86\xF7\x0D\x01\x09\x10\x01\x09": Compressed,
}

// Tags (X.690 §8.1.2), with the bit that says "made of others".
const (
	tagOID      = 0x06
	tagOctets   = 0x04
	tagSequence = 0x30
	tagContext0 = 0xA0
	constructed = 0x20
)

// maxDepth is how deep elements nest; structures need a dozen.
const maxDepth = 24

// KindOf tells the kind of a structure; Other where it is none.
func KindOf(data []byte) Kind {
	kind, _, err := contentInfo(data)
	if err != nil {
		return Other
	}
	return kind
}

// Content returns what was signed or compressed, at most limit bytes of it; nil where
// the structure holds none, as with certificates that are sent alone. It may share
// memory with data.
func Content(data []byte, limit int) ([]byte, error) {
	kind, inner, err := contentInfo(data)
	if err != nil || kind != Signed && kind != Compressed {
		return nil, ErrFormat
	}
	// SignedData: version, digest algorithms, content, …
	// CompressedData: version, algorithm, content
	for range 2 {
		if _, inner, err = next(inner, 0); err != nil {
			return nil, err
		}
	}
	encapsulated, _, err := next(inner, 0)
	if err != nil || encapsulated.tag != tagSequence {
		return nil, ErrFormat
	}
	_, inner, err = next(encapsulated.content, 0) // the type of the content
	if err != nil {
		return nil, err
	}
	if len(inner) == 0 {
		return nil, nil
	}
	wrapped, _, err := next(inner, 0)
	if err != nil || wrapped.tag != tagContext0 {
		return nil, ErrFormat
	}
	octets, _, err := next(wrapped.content, 0)
	if err != nil || octets.tag&^constructed != tagOctets {
		return nil, ErrFormat
	}
	content, err := octets.octets(0)
	if err != nil {
		return nil, err
	}
	if kind == Compressed {
		return inflate(content, limit)
	}
	if len(content) > limit {
		return nil, ErrFormat
	}
	return content, nil
}

func inflate(data []byte, limit int) ([]byte, error) {
	r, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, ErrFormat
	}
	out, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if err != nil || len(out) > limit {
		return nil, ErrFormat
	}
	return out, nil
}

// contentInfo reads the outermost structure: its kind, and what stands within.
func contentInfo(data []byte) (Kind, []byte, error) {
	outer, _, err := next(data, 0)
	if err != nil || outer.tag != tagSequence {
		return Other, nil, ErrFormat
	}
	oid, rest, err := next(outer.content, 0)
	if err != nil || oid.tag != tagOID {
		return Other, nil, ErrFormat
	}
	wrapped, _, err := next(rest, 0)
	if err != nil || wrapped.tag != tagContext0 {
		return Other, nil, ErrFormat
	}
	inner, _, err := next(wrapped.content, 0)
	if err != nil || inner.tag != tagSequence {
		return Other, nil, ErrFormat
	}
	return kinds[string(oid.content)], inner.content, nil
}

// element is one tag with its content.
type element struct {
	tag     byte
	content []byte
}

// octets joins the pieces of a string.
func (e element) octets(depth int) ([]byte, error) {
	if e.tag&constructed == 0 {
		return e.content, nil
	}
	if depth > maxDepth {
		return nil, ErrFormat
	}
	var all []byte
	for rest := e.content; len(rest) > 0; {
		var piece element
		var err error
		if piece, rest, err = next(rest, depth); err != nil {
			return nil, err
		}
		if piece.tag&^constructed != tagOctets {
			return nil, ErrFormat
		}
		bytes, err := piece.octets(depth + 1)
		if err != nil {
			return nil, err
		}
		all = append(all, bytes...)
	}
	return all, nil
}

// next reads one element (X.690 §8.1) and returns what follows it.
func next(b []byte, depth int) (e element, rest []byte, err error) {
	if len(b) < 2 || depth > maxDepth || b[0]&0x1F == 0x1F { // no tag here is that large
		return e, nil, ErrFormat
	}
	e.tag = b[0]
	size, b := int(b[1]), b[2:]
	if size == 0x80 {
		return e.indefinite(b, depth)
	}
	if size > 0x80 {
		n := size & 0x7F
		if n > 4 || len(b) < n {
			return e, nil, ErrFormat
		}
		size = 0
		for _, c := range b[:n] {
			size = size<<8 | int(c)
		}
		b = b[n:]
	}
	if size > len(b) {
		return e, nil, ErrFormat
	}
	e.content = b[:size:size]
	return e, b[size:], nil
}

// indefinite finds the end of an element that does not say its length.
func (e element) indefinite(b []byte, depth int) (element, []byte, error) {
	if e.tag&constructed == 0 {
		return e, nil, ErrFormat
	}
	for rest := b; len(rest) >= 2; {
		if rest[0] == 0 && rest[1] == 0 {
			e.content = b[: len(b)-len(rest) : len(b)-len(rest)]
			return e, rest[2:], nil
		}
		var err error
		if _, rest, err = next(rest, depth+1); err != nil {
			return e, nil, err
		}
	}
	return e, nil, ErrFormat
}
