package gateway

import "strings"

// unflow joins the lines that a sender's program broke for the way only (RFC 3676 §4.2): one that ends with a blank
// goes on in the next, if both are quoted equally deep. delsp takes that blank off (§4.1). An empty line ends a
// paragraph, and the mark of a signature is never joined.
func unflow(text string, delsp bool) string {
	var out strings.Builder
	out.Grow(len(text))
	open, openDepth := false, 0
	for line := range strings.Lines(text) {
		bare := strings.TrimSuffix(line, "\n")
		depth := len(bare) - len(strings.TrimLeft(bare, ">"))
		content := strings.TrimPrefix(bare[depth:], " ") // stuffing (§4.4)
		signature := content == "-- "
		if open && (depth != openDepth || signature || content == "") {
			out.WriteByte('\n')
			open = false
		}
		if !open && depth > 0 {
			out.WriteString(strings.Repeat(">", depth))
			if content != "" {
				out.WriteByte(' ')
			}
		}
		open, openDepth = strings.HasSuffix(content, " ") && !signature, depth
		if open && delsp {
			content = content[:len(content)-1]
		}
		out.WriteString(content)
		if !open && strings.HasSuffix(line, "\n") {
			out.WriteByte('\n')
		}
	}
	return out.String()
}
