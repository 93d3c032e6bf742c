package gateway

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net/textproto"
	"slices"
	"time"

	"github.com/jhillyerd/enmime/v2"
)

// enmime recurses once per nested multipart, in memory and on the stack. Each
// level needs a line that begins with two hyphens, so a bound on these lines
// bounds both.
func (l Limits) maxBoundaryLines() int { return 4 * l.Parts }

// parseLenient reads with enmime what go-message refused. The transfer encodings
// and charsets stay undone and the media types are read by our own code, so that
// what follows is the same for both parsers.
func parseLenient(mail []byte, limits Limits, deadline time.Time, found *problems) (*part, error) {
	if bytes.Count(mail, []byte("\n--")) > limits.maxBoundaryLines() {
		return nil, errors.New("too many boundary lines for a malformed mail")
	}
	parser := enmime.NewParser(
		enmime.SkipMalformedParts(true),
		enmime.MultipartWOBoundaryAsSinglePart(true),
		enmime.StripMediaTypeInvalidCharacters(true),
		enmime.DisableTextConversion(true),
		enmime.DisableCharacterDetection(true),
		enmime.RawContent(true),
		enmime.MaxStoredPartErrors(10),
		enmime.SetCustomParseMediaType(enmimeMediaType),
		enmime.SetReadPartErrorPolicy(func(_ *enmime.Part, err error) bool { return !errors.Is(err, errSlow) }),
	)
	root, err := parser.ReadParts(timedReader{bytes.NewReader(mail), deadline})
	if err != nil {
		return nil, fmt.Errorf("reading leniently: %w", err)
	}
	if time.Now().After(deadline) {
		return nil, errSlow
	}
	l := lenientTree{limits: limits, problems: found}
	return l.convert(root, "", 0), nil
}

// enmimeMediaType lets enmime see a media type as newPart does.
func enmimeMediaType(value string) (string, map[string]string, []string, error) {
	m := parseMediaType(value)
	if value == "" {
		return "", m.params, nil, nil
	}
	name := repairType(m.name)
	switch {
	case name != "":
	case m.params["boundary"] != "":
		name = "multipart/mixed"
	default:
		name = m.name // a disposition
	}
	return name, m.params, nil, nil
}

type lenientTree struct {
	limits   Limits
	problems *problems
	parts    int
}

func (l *lenientTree) convert(e *enmime.Part, within string, depth int) *part {
	p := newPart(fieldsOfMap(e.Header), within)
	p.body = e.Content
	for _, err := range e.Errors {
		if err.Name == enmime.ErrorMalformedChildPart {
			l.problems.add("a part that could not be read is left out")
		}
	}
	for c := e.FirstChild; c != nil; c = c.NextSibling {
		if l.parts >= l.limits.Parts || depth >= l.limits.Depth {
			l.problems.add("parts over the limit are left out")
			break
		}
		p.children = append(p.children, l.convert(c, p.media.name, depth+1))
	}
	if len(p.children) == 0 {
		l.parts++
		if p.multipart() && len(p.body) == 0 {
			p.body = e.Epilogue
		}
	}
	return p
}

func fieldsOfMap(h textproto.MIMEHeader) header {
	fields := make(header, 0, len(h))
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, v := range h[name] {
			fields = append(fields, field{name, v})
		}
	}
	return fields
}
