package ticket_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestFileName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"":                                "",
		"report.pdf":                      "report.pdf",
		"../../etc/passwd":                "passwd",
		`C:\Users\ann\scan.jpg`:           "scan.jpg",
		"folder/":                         "",
		"a\x00b\r\nc.txt":                 "abc.txt",
		"tab\there.txt":                   "tabhere.txt",
		"invoice\u202Efdp.exe":            "invoicefdp.exe",
		"in\u2066voice\u2069.exe\u200b":   "invoice.exe",
		"\ufeffsoft\u00adhyphen.txt":      "softhyphen.txt",
		"tag\U000E0041.txt":               "tag.txt",
		"private\ue000.txt":               "private.txt",
		"line\u2028break.txt":             "line break.txt",
		"CON":                             "_CON",
		"nul.txt":                         "_nul.txt",
		"com1.tar.gz":                     "_com1.tar.gz",
		"LPT².x":                          "_LPT².x",
		"conin$":                          "_conin$",
		"COM":                             "COM",
		"COM10":                           "COM10",
		"console.txt":                     "console.txt",
		"aux .txt":                        "_aux .txt",
		" . .hidden. ":                    "hidden",
		"x.exe.":                          "x.exe",
		"x.exe . .":                       "x.exe",
		"..":                              "",
		"/":                               "",
		"a:b*c?.txt":                      "a_b_c_.txt",
		"x.exe::$DATA":                    "x.exe__$DATA",
		"Rechnung März\u00A02026.pdf":     "Rechnung März 2026.pdf",
		"日本.txt":                          "日本.txt",
		"bad\xffbytes\xc3.txt":            "badbytes.txt",
		strings.Repeat("ä", 200) + ".pdf": strings.Repeat("ä", 125) + ".pdf",
		strings.Repeat("a", 253) + " . " + strings.Repeat("b", 30): strings.Repeat("a", 253),
		strings.Repeat("a.", 200) + "x.tar.gz":                     strings.Repeat("a.", 125) + "a.gz",
	} {
		if got := ticket.FileName(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestExtension(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"": "", "a": "", "a.TXT": "txt", "a.tar.gz": "gz", "a.": "", ".profile": "profile", "a.Ünï": "ünï"} {
		if got := ticket.Extension(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

// FuzzFileName: whatever the name, what is left is safe, and cleaning it again changes nothing.
func FuzzFileName(f *testing.F) {
	for _, s := range []string{"", "a.txt", "../../etc/passwd", `..\..\boot.ini`, "con.txt", "\u202Egpj.exe", "\xff.\xfe", strings.Repeat("é", 300) + ".pdf", "a. ", "COM¹", " .CON. "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got := ticket.FileName(name)
		if again := ticket.FileName(got); again != got {
			t.Errorf("%q: %q, and again %q", name, got, again)
		}
		if len(got) > ticket.MaxFileName || !utf8.ValidString(got) || strings.Trim(got, " .") != got || strings.ContainsAny(got, "/\\<>:\"|?*") {
			t.Errorf("%q: %q", name, got)
		}
		if strings.ContainsFunc(got, func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) }) {
			t.Errorf("%q: %q has an invisible character", name, got)
		}
	})
}
