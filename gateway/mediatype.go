package gateway

import (
	"sort"
	"strconv"
	"strings"
)

// mediaType is a parsed Content-Type or Content-Disposition: the lower-case value
// before the first semicolon and the parameters under lower-case names, decoded.
type mediaType struct {
	name   string
	params map[string]string
}

// maxMediaType bounds what is read of one such field, in bytes.
const maxMediaType = 16 << 10

// parseMediaType reads RFC 2045 §5.1 with the extensions of RFC 2231, and
// anything that senders write instead: it never fails. The first of two
// parameters with the same name counts.
func parseMediaType(value string) mediaType {
	value = value[:min(len(value), maxMediaType)]
	end := strings.IndexAny(value, "; \t\r\n,")
	if eq := strings.IndexByte(value, '='); eq >= 0 && (end < 0 || eq < end) {
		end = 0 // the type is missing, parameters follow at once
	}
	if end < 0 {
		end = len(value)
	}
	m := mediaType{name: strings.ToLower(strings.Trim(value[:end], " \t\"'")), params: map[string]string{}}
	pieces := map[string]map[int]paramPiece{}
	for rest := value[end:]; rest != ""; {
		var key, val string
		key, val, rest = nextParam(rest)
		if key == "" {
			continue
		}
		name, index, coded := splitParamName(key)
		if index < 0 && !coded {
			if _, dup := m.params[name]; !dup {
				m.params[name] = val
			}
			continue
		}
		if pieces[name] == nil {
			pieces[name] = map[int]paramPiece{}
		}
		if _, dup := pieces[name][max(index, 0)]; !dup {
			pieces[name][max(index, 0)] = paramPiece{val, coded}
		}
	}
	for name, list := range pieces { // RFC 2231 wins over the plain spelling
		m.params[name] = joinParam(list)
	}
	return m
}

// nextParam cuts one key=value from s; key is empty where there is none.
func nextParam(s string) (key, value, rest string) {
	s = strings.TrimLeft(s, "; \t\r\n,")
	eq := strings.IndexByte(s, '=')
	semi := strings.IndexByte(s, ';')
	if eq < 0 || semi >= 0 && semi < eq {
		if semi < 0 {
			return "", "", ""
		}
		return "", "", s[semi+1:]
	}
	key = strings.ToLower(strings.TrimSpace(s[:eq]))
	s = strings.TrimLeft(s[eq+1:], " \t\r\n")
	if s == "" || s[0] != '"' {
		value, rest, _ = strings.Cut(s, ";")
		return key, strings.TrimSpace(value), rest
	}
	value, rest = quoted(s[1:])
	return key, value, rest
}

// quoted reads a quoted string after its opening quote. A missing closing quote
// ends it at the next semicolon.
func quoted(s string) (value, rest string) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			return b.String(), s[i+1:]
		case '\\':
			// Windows paths are written unescaped; only real escapes are undone.
			if i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\') {
				i++
			}
			b.WriteByte(s[i])
		default:
			b.WriteByte(s[i])
		}
	}
	value, rest, _ = strings.Cut(s, ";")
	return strings.TrimSpace(value), rest
}

// splitParamName splits title*1* into title, 1 and true; the index is -1 if there
// is none.
func splitParamName(key string) (name string, index int, coded bool) {
	key, coded = strings.CutSuffix(key, "*")
	name, number, ok := strings.Cut(key, "*")
	if !ok {
		return key, -1, coded
	}
	index, err := strconv.Atoi(number)
	if err != nil || index < 0 || index > 999 {
		return name, -1, coded
	}
	return name, index, coded
}

// paramPiece is one piece of a continued or percent-encoded parameter.
type paramPiece struct {
	value string
	coded bool
}

// joinParam puts the pieces of one parameter together (RFC 2231 §3 and §4).
func joinParam(pieces map[int]paramPiece) string {
	indexes := make([]int, 0, len(pieces))
	for i := range pieces {
		indexes = append(indexes, i)
	}
	sort.Ints(indexes)
	charset, data := "", []byte(nil)
	for n, i := range indexes {
		p := pieces[i]
		if !p.coded {
			data = append(data, p.value...)
			continue
		}
		if n == 0 {
			if parts := strings.SplitN(p.value, "'", 3); len(parts) == 3 {
				charset, p.value = parts[0], parts[2]
			}
		}
		data = append(data, percentDecode(p.value)...)
	}
	return decodeCharset(charset, data)
}

func percentDecode(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			out = append(out, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
			continue
		}
		out = append(out, s[i])
	}
	return out
}
