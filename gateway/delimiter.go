package gateway

import (
	"bytes"
	"regexp"
	"time"
)

// Some senders declare no delimiter for the parts of their mail, or another than they write. Then no part is found, and
// the delimiter is looked for in the body.

// maxDelimiterLines is how many lines of a body are searched for its first delimiter.
const maxDelimiterLines = 200

// maxLead is how many lines programs write above the parts: what is longer is a text, which shows a mail.
const maxLead = 5

// partField is a field as parts begin with.
var partField = regexp.MustCompile(`(?i)^content-[a-z-]{2,40}[ \t]*:`)

// delimiterWithin is what the first delimiter in a body has behind its dashes, empty if there is none: a line right above
// the header of a part. lead is the number of lines above it that say something.
func delimiterWithin(body []byte) (id string, lead int) {
	for range maxDelimiterLines {
		line, rest := cutLine(body)
		if len(line) == 0 {
			break
		}
		body = rest
		line = bytes.TrimRight(line, " \t\r\n")
		name, ok := bytes.CutPrefix(line, []byte("--"))
		if next, _ := cutLine(rest); ok && len(name) > 0 && len(name) <= 200 && partField.Match(next) {
			return string(name), lead
		}
		if len(line) > 0 {
			lead++
		}
	}
	return "", 0
}

// mender reads multiparts in which no part was found once more.
type mender struct {
	strict   strictParser
	deadline time.Time
}

// mendParts does that for a tree, root first.
func (r *reader) mendParts(root *part, deadline time.Time) {
	m := mender{strictParser{limits: r.limits, salvage: true, problems: &r.problems}, deadline}
	if root.lostType() {
		root.media = mediaType{name: "multipart/mixed", params: map[string]string{}}
	}
	m.walk(root, 0)
}

func (m *mender) walk(p *part, depth int) {
	if depth > m.strict.limits.Depth {
		return
	}
	if len(p.children) == 0 && p.multipart() {
		id, lead := delimiterWithin(p.body)
		if lead > maxLead {
			return
		}
		if id == "" { // RFC 2045 §6.4 forbids to encode all of a multipart
			if data, _ := decodeTransfer(p.header.get("content-transfer-encoding"), p.body); len(data) > 0 {
				if id, _ = delimiterWithin(data); id != "" {
					p.body = data
				}
			}
		}
		if id == "" {
			return
		}
		p.media.params["boundary"] = id
		m.strict.problems.add("malformed: the parts are not divided as declared")
		_ = m.strict.children(p, timedReader{bytes.NewReader(p.body), m.deadline}, depth) // a salvaging parser keeps what it read
	}
	for _, c := range p.children {
		m.walk(c, depth+1)
	}
}

// lostType reports whether a mail without a Content-Type is a multipart nevertheless: its body begins with a delimiter, or
// has one line of words above it, and ends with one.
func (p *part) lostType() bool {
	if len(p.children) > 0 || p.header.has("content-type") {
		return false
	}
	id, lead := delimiterWithin(p.body)
	return id != "" && lead <= 1 && bytes.Contains(p.body, []byte("\n--"+id+"--"))
}
