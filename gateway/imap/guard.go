package imap

import (
	"errors"
	"strconv"
	"strings"
)

// guard looks at what a server says before go-imap does, and stops what go-imap cannot stand: a bracket in a list of
// capabilities, over which it turns in a circle for ever, and brackets within brackets without end, which take stack
// until the process dies. Closing the connection helps against neither, nor does recover.
//
// It must know where literals are, for what mails contain is nobody's protocol: a FETCH is the only answer here that has
// some (RFC 3501, section 7.4.2).
type guard struct {
	mode   mode
	plain  bool   // the line has no letter yet
	word   []byte // the present one, in upper case, as far as it is looked at
	lead   byte   // what stands before it
	first  bool   // nothing but a star and a number stands before it
	caps   bool   // within a list of capabilities
	depth  int    // of brackets
	digits []byte // of the size of a literal
	skip   int64  // bytes of a literal that are to come
}

// mode is what the present byte belongs to.
type mode int

const (
	atLineBegin mode = iota
	inText           // a line that is not known to be a FETCH
	inFetch
	inQuotes
	inEscape
	inSize
	afterSize
)

// deepest is how deep brackets may be: in what is asked for they are two deep.
const deepest = 20

// errGuard says that a server was stopped.
var errGuard = errors.New("the server says what no client can read")

// check takes the next bytes that the server has said.
func (g *guard) check(said []byte) error {
	for len(said) > 0 {
		if g.skip > 0 {
			n := min(g.skip, int64(len(said)))
			g.skip, said = g.skip-n, said[n:]
			continue
		}
		if err := g.take(said[0]); err != nil {
			return err
		}
		said = said[1:]
	}
	return nil
}

func (g *guard) take(c byte) error {
	switch g.mode {
	case atLineBegin:
		*g = guard{mode: inText, plain: true, word: g.word[:0], digits: g.digits[:0]}
		return g.text(c)
	case inText:
		return g.text(c)
	case inFetch:
		return g.fetch(c)
	case inQuotes:
		switch c {
		case '\\':
			g.mode = inEscape
		case '"':
			g.mode = inFetch
		case '\r', '\n':
			return errGuard
		}
	case inEscape:
		g.mode = inQuotes
	case inSize:
		return g.sizing(c)
	case afterSize:
		return g.literal(c)
	}
	return nil
}

func (g *guard) text(c byte) error {
	if c > ' ' && !strings.ContainsRune(`()[]{}"`, rune(c)) {
		if len(g.word) == 0 {
			g.first = g.plain
		}
		if len(g.word) < 16 {
			g.word = append(g.word, upper(c))
		}
		g.plain = g.plain && strings.ContainsRune("*0123456789", rune(c))
		return nil
	}
	switch word := string(g.word); {
	case word == "CAPABILITY" && (g.first || g.lead == '['):
		g.caps = true
	case word == "FETCH" && g.first:
		g.mode = inFetch
		return g.fetch(c)
	}
	g.lead, g.word = c, g.word[:0]
	switch {
	case c == '\n':
		g.mode = atLineBegin
	case c == ']':
		g.caps = false
	case c == '(' && g.caps:
		return errGuard
	}
	return nil
}

func (g *guard) fetch(c byte) error {
	switch c {
	case '(':
		if g.depth++; g.depth > deepest {
			return errGuard
		}
	case ')':
		g.depth--
	case '"':
		g.mode = inQuotes
	case '{':
		g.mode, g.digits = inSize, g.digits[:0]
	case '\n':
		g.mode = atLineBegin
	}
	return nil
}

// sizing reads the size of a literal.
func (g *guard) sizing(c byte) error {
	switch {
	case '0' <= c && c <= '9' && len(g.digits) < 20:
		g.digits = append(g.digits, c)
	case c == '+':
	case c == '}':
		g.mode = afterSize
	default:
		return errGuard
	}
	return nil
}

// literal expects the line to end behind a size.
func (g *guard) literal(c byte) (err error) {
	switch c {
	case '\r':
	case '\n':
		g.mode = inFetch
		if g.skip, err = strconv.ParseInt(string(g.digits), 10, 64); err != nil {
			return errGuard
		}
	default:
		return errGuard
	}
	return nil
}

func upper(c byte) byte {
	if 'a' <= c && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}
