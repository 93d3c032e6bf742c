package gateway

import (
	"regexp"
	"strings"
)

var uuBegin = regexp.MustCompile(`^begin [0-7]{3,4} (\S.{0,254})$`)

// unpackUU takes files that old programs wrote into the text with uuencode out of it. What only looks like one stays.
func (g *gatherer) unpackUU(text string) string {
	if !strings.HasPrefix(text, "begin ") && !strings.Contains(text, "\nbegin ") {
		return text
	}
	var kept strings.Builder
	for text != "" {
		line, rest, _ := strings.Cut(text, "\n")
		if m := uuBegin.FindStringSubmatch(line); m != nil {
			if size := uuBlock(rest); size > 0 {
				data, _ := decodeUU([]byte(line + "\n" + rest[:size]))
				g.attach(&part{header: header{{"content-disposition", "attachment"}}, media: mediaType{"application/octet-stream", map[string]string{"name": m[1]}}, body: data})
				text = rest[size:]
				continue
			}
		}
		kept.WriteString(text[:len(text)-len(rest)])
		text = rest
	}
	return kept.String()
}

// uuBlock is the length of the encoded lines at the start of s up to and with the line "end"; 0 if they are none.
func uuBlock(s string) int {
	size, lines := 0, 0
	for line := range strings.Lines(s) {
		size += len(line)
		bare := strings.TrimRight(line, "\n")
		if bare == "end" {
			return size * min(lines, 1)
		}
		lines++
		if bare == "" { // the blank that stands for no bytes, lost on the way
			continue
		}
		want := 1 + (int((bare[0]-' ')&0x3F)+2)/3*4
		if len(bare) > want+2 || strings.ContainsFunc(bare, func(r rune) bool { return r < ' ' || r > '`' }) {
			return 0
		}
	}
	return 0
}
