package gateway

import "strings"

// uuFile is a file that stood in a text (POSIX uuencode).
type uuFile struct {
	name string
	data []byte
}

// cutUU takes uuencoded files out of a text. Only what is complete and sound is taken:
// a begin line with permissions and a name, lines that are as long as they say, an
// empty one, and an end line. Anything else is text, for people write about "begin",
// too.
func cutUU(text string) (rest string, files []uuFile) {
	if lineStarting(text, "begin ") < 0 {
		return text, nil
	}
	var kept strings.Builder
	for text != "" {
		if strings.HasPrefix(text, "begin ") {
			if f, after, ok := uuAt(text); ok {
				files = append(files, f)
				text = after
				continue
			}
		}
		line, after, found := strings.Cut(text, "\n")
		kept.WriteString(line)
		if found {
			kept.WriteByte('\n')
		}
		text = after
	}
	return kept.String(), files
}

// uuAt reads the file that begins at the start of text.
func uuAt(text string) (f uuFile, after string, ok bool) {
	line, text, _ := strings.Cut(text, "\n")
	mode, name, _ := strings.Cut(strings.TrimPrefix(line, "begin "), " ")
	if len(mode) < 3 || len(mode) > 4 || strings.Trim(mode, "01234567") != "" || strings.TrimSpace(name) == "" {
		return f, "", false
	}
	f.name = strings.TrimSpace(name)
	for text != "" {
		line, text, _ = strings.Cut(text, "\n")
		if line == "end" {
			return f, text, len(f.data) > 0
		}
		if !uuLine(line) {
			return f, "", false
		}
		if line != "" {
			f.data = appendUULine(f.data, []byte(line))
		}
	}
	return f, "", false
}

// uuLine reports whether a line is as long as its first character says. A few spaces at
// the end may be gone, and one character more may be a checksum.
func uuLine(line string) bool {
	if line == "" {
		return true // a space was taken for white space
	}
	for i := range len(line) {
		if line[i] < ' ' || line[i] > '`' {
			return false
		}
	}
	want := (int(line[0]-' ')&0x3F + 2) / 3 * 4
	return len(line)-1 >= want-4 && len(line)-1 <= want+1
}
