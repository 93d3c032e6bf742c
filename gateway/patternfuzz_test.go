package gateway

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// FuzzPatternCost: any two expressions are a pattern that takes little time, or are refused with what is wrong with which field.
func FuzzPatternCost(f *testing.F) {
	for _, s := range []string{"pills", "/cheap.*pills/i", `/user.*@(?!shop\.example)/`, `(a)\1`, "a++", "#x#imsUu", "((((a*)*)*)*)*z", strings.Repeat(".{0,99}", 20) + "z", "(a|a|a){900}", `\p{Greek}+`, `[^\x00-\x{10FFFF}]`, "(?i)ß", "/", "//", "~~x", "\xff"} {
		f.Add(s, "")
		f.Add("pills", s)
	}
	long := strings.Repeat("words of a mail, aaaaaaaaaaaaaaaa bbbb ", 25)
	m := Read([]byte("From: ann@example.com\r\nSubject: Cheap pills\r\n\r\n"+long), noon, nil)
	f.Fuzz(func(t *testing.T, match, unless string) {
		for _, scope := range []Scope{InHeaders, InBody} {
			p := Pattern{Name: "a", Scope: scope, Match: match, Unless: unless}
			filter, err := p.compile()
			if err != nil {
				faults(t, err)
				continue
			}
			begun := time.Now()
			caught := filter.catches(m)
			if took := time.Since(begun); took > 10*time.Second {
				t.Errorf("it takes %v for %d bytes", took, len(long))
			}
			if again, err := p.compile(); err != nil || again.catches(m) != caught {
				t.Errorf("a second time: %v, %v", again, err)
			}
			p.Unless = match // what it matches is excluded
			if filter, err := p.compile(); err != nil || filter.catches(m) {
				t.Errorf("it is caught although the exception matches, %v", err)
			}
		}
	})
}

// faults expects an error that names the fields at fault.
func faults(t *testing.T, err error) {
	t.Helper()
	var invalid *ticket.ValidationError
	if !errors.As(err, &invalid) || len(invalid.Fields) == 0 {
		t.Fatalf("%v", err)
	}
	for _, f := range invalid.Fields {
		if f.Field != "match" && f.Field != "unless" || f.Message == "" {
			t.Errorf("%+v", f)
		}
	}
}
