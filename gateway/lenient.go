package gateway

import (
	"errors"
	"fmt"
	"maps"
	"net/textproto"
	"regexp"
	"slices"
	"time"

	"github.com/jhillyerd/enmime/v2"
)

// enmime's time doubles with each multipart that is never closed (measured: 20 of
// them take a second, 30 would take twenty minutes). None can be opened without a
// boundary parameter, so a bound on these bounds the nesting.
const maxLenientBoundaries = 12

var boundaryParam = regexp.MustCompile(`(?i)boundary[*0-9]*\s*=`)

// boundaries counts the parameters in b, up to one more than there may be.
func boundaries(b []byte) int {
	return len(boundaryParam.FindAllIndex(b, maxLenientBoundaries+1))
}

// parseLenient reads with enmime what go-message refused. The transfer encodings
// and charsets stay undone and the media types are read by our own code, so that
// what follows is the same for both parsers.
func parseLenient(mail cleaned, limits Limits, deadline time.Time, found *problems) (*part, error) {
	if boundaries(mail.header)+boundaries(mail.body) > maxLenientBoundaries {
		return nil, errors.New("too many multiparts for a malformed mail")
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
		enmime.SetReadPartErrorPolicy(func(*enmime.Part, error) bool { return true }),
	)
	root, err := parser.ReadParts(timedReader{mail.reader(), deadline})
	if err != nil {
		return nil, fmt.Errorf("reading leniently: %w", err)
	}
	l := lenientTree{limits: limits, problems: found}
	p := l.convert(root, "", 0)
	if len(p.children) == 0 && p.multipart() {
		p.body = mail.body // no part was found: all of it is shown
	}
	return p, nil
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
