package gateway

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/emersion/go-message/textproto"
)

// errSlow says that parsing took longer than Limits.Time.
var errSlow = errors.New("parsing took longer than the time limit")

// timedReader fails after a deadline. Both parsers read through it in small steps,
// so neither can run on for long, however its input is nested.
type timedReader struct {
	r        io.Reader
	deadline time.Time
}

func (t timedReader) Read(p []byte) (int, error) {
	if time.Now().After(t.deadline) {
		return 0, errSlow
	}
	return t.r.Read(p[:min(len(p), 32<<10)])
}

// strictParser reads a mail with go-message. Its textproto layer is used, not the
// one above it: that one converts charsets through a global hook, which belongs to
// the host program.
type strictParser struct {
	limits   Limits
	parts    int
	problems *problems
}

// parse returns the tree, or an error where the mail departs from the standards
// or the deadline passes.
func (s *strictParser) parse(mail []byte, deadline time.Time) (*part, error) {
	br := bufio.NewReader(timedReader{bytes.NewReader(mail), deadline})
	h, err := textproto.ReadHeader(br)
	if err != nil {
		return nil, fmt.Errorf("reading the mail's header: %w", err)
	}
	return s.part(h, br, "", 0)
}

func (s *strictParser) part(h textproto.Header, body io.Reader, within string, depth int) (*part, error) {
	p := newPart(fieldsOf(h), within)
	if !p.multipart() || depth >= s.limits.Depth {
		if p.multipart() {
			s.problems.add("parts nested deeper than the limit are kept as one file")
			p.media.name = "application/octet-stream"
		}
		s.parts++
		var err error
		if p.body, err = io.ReadAll(body); err != nil {
			return nil, fmt.Errorf("reading a part's body: %w", err)
		}
		return p, nil
	}
	if p.boundary() == "" {
		return nil, errors.New("multipart without a boundary")
	}
	mr := textproto.NewMultipartReader(body, p.boundary())
	for {
		child, err := mr.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("reading the next part: %w", err)
		}
		if s.parts >= s.limits.Parts {
			s.problems.add("parts over the limit are left out")
			return p, nil
		}
		c, err := s.part(child.Header, child, p.media.name, depth+1)
		if err != nil {
			return nil, err
		}
		p.children = append(p.children, c)
	}
	if len(p.children) == 0 {
		return nil, errors.New("multipart without a part")
	}
	return p, nil
}

// fieldsOf copies a go-message header.
func fieldsOf(h textproto.Header) header {
	fields := make(header, 0, h.Len())
	for f := h.Fields(); f.Next(); {
		fields = append(fields, field{f.Key(), f.Value()})
	}
	return fields
}
