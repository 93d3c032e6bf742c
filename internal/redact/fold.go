package redact

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// replaceFold replaces every occurrence of old, in any case of letters and however its lines are broken. As words: only
// where no letter or digit stands beside it.
func replaceFold(s, old, with string, words bool) string {
	old = strings.Join(strings.Fields(old), " ")
	if old == "" {
		return s
	}
	var b strings.Builder
	rest := 0
	for i := 0; i < len(s); {
		n := prefixFold(s[i:], old)
		if words && !strings.Contains(old, " ") && !strings.HasPrefix(s[i:], old) {
			n = 0 // "will" is not Will
		}
		if n > 0 && (!words || (!letterBefore(s[:i]) && !letterAfter(s[i+n:]))) {
			b.WriteString(s[rest:i])
			b.WriteString(with)
			i += n
			rest = i
			continue
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
	}
	if rest == 0 {
		return s
	}
	b.WriteString(s[rest:])
	return b.String()
}

// prefixFold returns how long the part of s is that equals old without regard to case, or 0. A blank of old stands for
// any number of them.
func prefixFold(s, old string) int {
	n := 0
	for _, want := range old {
		got, size := utf8.DecodeRuneInString(s[n:])
		if want == ' ' {
			if size = blanks(s[n:]); size == 0 {
				return 0
			}
		} else if size == 0 || (got != want && unicode.ToLower(unicode.ToUpper(got)) != unicode.ToLower(unicode.ToUpper(want))) {
			return 0
		}
		n += size
	}
	return n
}

// blanks returns how many bytes of white space s begins with. The marks of quoted lines are some, too.
func blanks(s string) int {
	line := false
	for i, r := range s {
		line = line || r == '\n'
		if !unicode.IsSpace(r) && (!line || r != '>') {
			return i
		}
	}
	return len(s)
}

func letterBefore(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return len(s) > 0 && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

func letterAfter(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return len(s) > 0 && (unicode.IsLetter(r) || unicode.IsDigit(r))
}
