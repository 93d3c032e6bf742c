package template

import (
	"fmt"
	"maps"
	"strings"
)

// words are what the layout and the blocks say in a language: lines of the form "key: words" in the file <locale>/words.
type words map[string]string

// parseWords reads a file of words over those of another language.
func parseWords(file, text string, under words) (words, error) {
	w := maps.Clone(under)
	if w == nil {
		w = words{}
	}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, value, ok := strings.Cut(line, ":")
		if value = strings.TrimSpace(value); !ok || value == "" {
			return nil, fmt.Errorf("%s: line %d: is no word: write a key, a colon and the words", file, i+1)
		}
		if under != nil && under[key] == "" && !strings.HasPrefix(key, "grade_") {
			return nil, fmt.Errorf("%s: line %d: %q is no key: those of builtin/en/words are", file, i+1, key)
		}
		w[key] = value
	}
	return w, nil
}

// direction is that in which a language is written.
func direction(locale string) string {
	switch language(locale) {
	case "ar", "fa", "he", "ur", "yi", "ps", "sd", "dv", "ckb":
		return "rtl"
	}
	return "ltr"
}

// language is that of a locale: "de" for "de-AT".
func language(locale string) string {
	if i := strings.IndexAny(locale, "-_"); i >= 0 {
		return locale[:i]
	}
	return locale
}
