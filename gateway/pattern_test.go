package gateway_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestM50Patterns(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pattern gateway.Pattern
		fault   string // the field and words of what is wrong; empty if it is taken
	}{
		"M50 a plain one":                {gateway.Pattern{Name: "a", Scope: gateway.InSubject, Match: "cheap pills"}, ""},
		"M50 with delimiters and a flag": {gateway.Pattern{Name: "a", Scope: gateway.InSubject, Match: "/cheap.*pills/i"}, ""},
		"M50 with other delimiters":      {gateway.Pattern{Name: "a", Scope: gateway.InBody, Match: "#https?://x#iu"}, ""},
		"M50 the seed's look-ahead names the field to use": {
			gateway.Pattern{Name: "a", Scope: gateway.InHeaders, Match: `/.*user.*[@](?!domain\.com).*$/`}, "match: excludes something by a look-around unless"},
		"M50 a look-behind":              {gateway.Pattern{Name: "a", Scope: gateway.InBody, Match: `(?<=a)b`}, "match: look-around"},
		"M50 a back reference":           {gateway.Pattern{Name: "a", Scope: gateway.InBody, Match: `(a)\1`}, "match: refers back"},
		"M50 a possessive group":         {gateway.Pattern{Name: "a", Scope: gateway.InBody, Match: `a++b`}, "match: possessive"},
		"M50 one that is broken":         {gateway.Pattern{Name: "a", Scope: gateway.InBody, Match: `(a`}, "match: missing closing )"},
		"M50 a broken exception":         {gateway.Pattern{Name: "a", Scope: gateway.InBody, Match: `a`, Unless: "[b"}, "unless: is no regular expression"},
		"M50 an unknown flag":            {gateway.Pattern{Name: "a", Scope: gateway.InBody, Match: `/a/ix`}, "match: flag"},
		"M50 one without a name":         {gateway.Pattern{Scope: gateway.InBody, Match: `a`}, "name: is empty"},
		"M50 an unknown scope":           {gateway.Pattern{Name: "a", Scope: "all", Match: `a`}, "scope: none of"},
		"M50 one that has all":           {gateway.Pattern{Name: "a", Scope: gateway.InBody, Match: " "}, "match: every mail"},
		"M50 one that is endless":        {gateway.Pattern{Name: "a", Scope: gateway.InBody, Match: strings.Repeat("a", 5000)}, "match: 5000 bytes"},
		"M50 one that would take hours":  {gateway.Pattern{Name: "a", Scope: gateway.InBody, Match: strings.Repeat(".{0,999}", 200) + "z"}, "match: steps"},
		"M50 a long list of words":       {gateway.Pattern{Name: "a", Scope: gateway.InBody, Match: "(?i)" + strings.Repeat("pills|", 300) + "x"}, ""},
		"M50 one that repeats too often": {gateway.Pattern{Name: "a", Scope: gateway.InBody, Match: "(a{1000}){1000}"}, "match: is no regular expression"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := c.pattern.Check()
			if (err == nil) != (c.fault == "") {
				t.Fatal(err)
			}
			if err == nil {
				return
			}
			var invalid *ticket.ValidationError
			field, words, _ := strings.Cut(c.fault, ": ")
			if !errors.As(err, &invalid) || len(invalid.Fields) != 1 || invalid.Fields[0].Field != field {
				t.Fatalf("%v", err)
			}
			for _, w := range strings.Fields(words) {
				if !strings.Contains(invalid.Fields[0].Message, w) {
					t.Errorf("%q does not say %q", invalid.Fields[0].Message, w)
				}
			}
		})
	}
}

func TestM50SpamFolder(t *testing.T) {
	t.Parallel()
	i := newPolicy(t, gateway.Options{})
	put := func(p gateway.Pattern) {
		t.Helper()
		if err := i.g.PutPattern(staff(), p); err != nil {
			t.Fatal(err)
		}
	}
	folder := func(subject, body, more string) ticket.Folder {
		t.Helper()
		i.box.add(letter(ann, time.Now().Format(time.RFC3339Nano)+"@example.com", subject, more, body))
		return i.ticket(t, i.only(t, gateway.Opened).TicketID).Folder
	}
	t.Run("M50 a match goes to the Spam folder, and nothing else does", func(t *testing.T) {
		put(gateway.Pattern{Name: "pills", Scope: gateway.InSubject, Match: "/cheap.*pills/i"})
		if got := folder("CHEAP blue pills", "text", ""); got != ticket.Spam {
			t.Error(got)
		}
		if got := folder("Help", "cheap pills in the body are no matter", ""); got != ticket.Inbox {
			t.Error(got)
		}
	})
	t.Run("M50 what the seed's example means", func(t *testing.T) {
		put(gateway.Pattern{Name: "users", Scope: gateway.InHeaders, Match: `(?i)^x-from: .*user.*@`, Unless: `@domain\.com`})
		if got := folder("Help", "text", "X-From: user7@evil.example\n"); got != ticket.Spam {
			t.Error(got)
		}
		if got := folder("Help", "text 2", "X-From: user7@domain.com\n"); got != ticket.Inbox {
			t.Error(got)
		}
	})
	t.Run("M50 a trial shows what it would have caught, and changes nothing", func(t *testing.T) {
		trial := gateway.Pattern{Name: "trial", Scope: gateway.InBody, Match: `text`, Inactive: true}
		out, looked, err := i.g.TryPattern(t.Context(), trial, 100)
		if err != nil || looked != 4 || len(out) != 3 || out[0].Subject != "Help" || out[0].From != "ann@example.com" || out[0].TicketID == 0 {
			t.Errorf("%d of %d, %v: %+v", len(out), looked, err, out)
		}
		if got := folder("Help", "text 3", ""); got != ticket.Inbox {
			t.Error(got)
		}
	})
	t.Run("M50 one that is switched off or deleted catches nothing", func(t *testing.T) {
		put(gateway.Pattern{Name: "pills", Scope: gateway.InSubject, Match: "/cheap.*pills/i", Inactive: true})
		if got := folder("cheap pills", "text 4", ""); got != ticket.Inbox {
			t.Error(got)
		}
		put(gateway.Pattern{Name: "pills", Scope: gateway.InSubject, Match: "/cheap.*pills/i"})
		if err := i.g.DeletePattern(staff(), "pills"); err != nil {
			t.Fatal(err)
		}
		if got := folder("cheap pills", "text 5", ""); got != ticket.Inbox {
			t.Error(got)
		}
		if err := i.g.DeletePattern(staff(), "pills"); !errors.Is(err, ticket.ErrNotFound) {
			t.Error(err)
		}
		if list, err := i.g.Patterns(t.Context()); err != nil || len(list) != 1 || list[0].Name != "users" {
			t.Errorf("%v, %v", list, err)
		}
	})
	t.Run("M50 a bad one is refused and stored nowhere", func(t *testing.T) {
		if err := i.g.PutPattern(staff(), gateway.Pattern{Name: "bad", Scope: gateway.InBody, Match: "(a"}); !errors.Is(err, ticket.ErrInvalid) {
			t.Error(err)
		}
	})
}

func FuzzPattern(f *testing.F) {
	for _, s := range []string{"/a/i", "(a", `(?!b)`, "#a\\#b#imsU", "a{1,1000}", "//", "/", "/[/]/", `\Q`, "(?i:a)|b*"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, match string) {
		p := gateway.Pattern{Name: "x", Scope: gateway.InSubject, Match: match, Unless: match}
		if err := p.Check(); err != nil && !errors.Is(err, ticket.ErrInvalid) {
			t.Errorf("%v", err)
		}
	})
}

func TestPatternRights(t *testing.T) {
	t.Parallel()
	t.Run("M50 patterns are changed by who may change the configuration", func(t *testing.T) {
		t.Parallel()
		i := newInbox(t, nil)
		p := gateway.Pattern{Name: "pills", Scope: gateway.InBody, Match: "pills"}
		if err := i.g.PutPattern(t.Context(), p); !errors.Is(err, ticket.ErrNoActor) {
			t.Errorf("nobody: %v", err)
		}
		customer := ticket.WithActor(t.Context(), ticket.Client("42", "Ann", "ann@example.com"))
		if err := i.g.PutPattern(customer, p); !errors.Is(err, ticket.ErrForbidden) {
			t.Errorf("a customer: %v", err)
		}
		if err := i.g.DeletePattern(customer, "pills"); !errors.Is(err, ticket.ErrForbidden) {
			t.Errorf("a customer: %v", err)
		}
	})
}
