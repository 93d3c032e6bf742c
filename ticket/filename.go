package ticket

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxFileName is the longest name that FileName returns, in bytes: what common file systems take.
const MaxFileName = 255

// FileName makes the name that somebody gave a file safe for every file system and for the eye: no path of whichever
// system, no control or invisible character (with those of text direction a name pretends to end in another extension),
// no character or device name that Windows reserves, no dot or space at either end, valid UTF-8, at most MaxFileName
// bytes with the extension kept. It is empty if nothing of the name remains. FileName(FileName(s)) is FileName(s).
func FileName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(plainRune, strings.ToValidUTF8(name, ""))
	name = strings.Trim(name, " .")
	stem, _, _ := strings.Cut(name, ".")
	if isDevice(stem) {
		name = "_" + name
	}
	return shortName(name)
}

func plainRune(r rune) rune {
	switch {
	case unicode.IsSpace(r):
		if unicode.IsControl(r) {
			return -1
		}
		return ' '
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co), r == utf8.RuneError:
		return -1
	case strings.ContainsRune(`<>:"|?*`, r):
		return '_'
	}
	return r
}

// isDevice reports the device names of Windows, which it sees before any extension.
func isDevice(stem string) bool {
	stem = strings.ToUpper(strings.TrimSpace(stem))
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	port, isCom := strings.CutPrefix(stem, "COM")
	if !isCom {
		port, isCom = strings.CutPrefix(stem, "LPT")
	}
	return isCom && utf8.RuneCountInString(port) == 1 && strings.Contains("0123456789¹²³", port)
}

// longestExtension is what counts as an extension that is worth keeping, dot included.
const longestExtension = 20

// shortName cuts the stem and keeps the extension.
func shortName(name string) string {
	if len(name) <= MaxFileName {
		return name
	}
	ext := ""
	if dot := strings.LastIndexByte(name, '.'); len(name)-dot <= longestExtension {
		ext = name[dot:]
	}
	end := MaxFileName - len(ext)
	for !utf8.RuneStart(name[end]) {
		end--
	}
	return strings.TrimRight(name[:end], " .") + ext
}

// Extension returns what follows the last dot of a file name, in lower case and without the dot; empty if there is
// none.
func Extension(name string) string {
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		return ""
	}
	return strings.ToLower(name[dot+1:])
}
