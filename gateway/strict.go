package gateway

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/emersion/go-message/textproto"
)

// errSlow says that parsing took longer than Limits.Time.
var errSlow = errors.New("parsing took longer than the time limit")

// timedReader panics after a deadline. Both parsers read through it in small steps,
// and even enmime, whose time doubles with each multipart that is never closed,
// comes back to it all the time. An error would not do: enmime goes on reading
// after one.
type timedReader struct {
	r        io.Reader
	deadline time.Time
}

func (t timedReader) Read(p []byte) (int, error) {
	if time.Now().After(t.deadline) {
		panic(errSlow) // recovered in attempt
	}
	return t.r.Read(p[:min(len(p), 32<<10)])
}

// strictParser reads a mail with go-message. Its textproto layer is used, not the
// one above it: that one converts charsets through a global hook, which belongs to
// the host program.
type strictParser struct {
	limits   Limits
	salvage  bool // keep what was read before an error, instead of refusing
	parts    int
	problems *problems
}

// parse returns the tree, or an error where the mail departs from the standards.
func (s *strictParser) parse(mail cleaned, deadline time.Time) (*part, error) {
	br := bufio.NewReader(timedReader{mail.reader(), deadline})
	h, err := textproto.ReadHeader(br)
	if err != nil && !s.salvage {
		return nil, fmt.Errorf("reading the mail's header: %w", err)
	}
	root, err := s.part(h, br, "", 0)
	if err == nil && root.multipart() && len(root.children) == 0 {
		root.body = mail.body // no part was found: all of it is shown
	}
	return root, err
}

func (s *strictParser) part(h textproto.Header, body io.Reader, within string, depth int) (*part, error) {
	p := newPart(fieldsOf(h), within)
	if p.multipart() && depth >= s.limits.Depth {
		s.problems.add("parts nested deeper than the limit are kept as one file")
		p.media.name = "application/octet-stream"
	}
	if p.multipart() && p.boundary() == "" && !s.salvage {
		return nil, errors.New("multipart without a boundary")
	}
	if p.multipart() && p.boundary() != "" {
		return p, s.children(p, body, depth)
	}
	s.parts++
	var err error
	if p.body, err = io.ReadAll(body); err != nil && !s.salvage {
		return nil, fmt.Errorf("reading a part's body: %w", err)
	}
	return p, nil
}

// children reads the parts of a multipart.
func (s *strictParser) children(p *part, body io.Reader, depth int) error {
	mr := textproto.NewMultipartReader(body, p.boundary())
	for {
		child, err := mr.NextPart()
		switch {
		case errors.Is(err, io.EOF) && len(p.children) == 0 && !s.salvage:
			return errors.New("multipart without a part")
		case errors.Is(err, io.EOF), err != nil && s.salvage:
			return nil
		case err != nil:
			return fmt.Errorf("reading the next part: %w", err)
		}
		if s.parts >= s.limits.Parts {
			s.problems.add("parts over the limit are left out")
			return nil
		}
		c, err := s.part(child.Header, child, p.media.name, depth+1)
		if err != nil {
			return err
		}
		p.children = append(p.children, c)
	}
}

// fieldsOf copies a go-message header.
func fieldsOf(h textproto.Header) header {
	fields := make(header, 0, h.Len())
	for f := h.Fields(); f.Next(); {
		fields = append(fields, field{f.Key(), f.Value()})
	}
	return fields
}
