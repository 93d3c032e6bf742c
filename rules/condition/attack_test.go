package condition_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules/condition"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestRefused(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"reduce":                     `reduce(1..30, #acc + #acc, "xxxx") == ""`,
		"map":                        `len(map(ticket.tags, # )) > 0`,
		"filter":                     `len(filter(ticket.tags, true)) > 0`,
		"find":                       `find(ticket.tags, true) == ""`,
		"sortBy":                     `len(sortBy(ticket.tags, #)) > 0`,
		"groupBy":                    `len(groupBy(ticket.tags, #)) > 0`,
		"sum":                        `sum(1..1000) > 1`,
		"flatten":                    `len(flatten([["a"]])) > 0`,
		"a range":                    `5 in 1..1000000000`,
		"repeat":                     `repeat("x", 1000000000) == ""`,
		"a pipe to repeat":           `"x" | repeat(1000000000) == ""`,
		"a pipe to map":              `ticket.tags | map(#) | len() > 0`,
		"text added to text":         `"x" + "y" == "xy"`,
		"join":                       `join(ticket.tags, ",") == ""`,
		"split":                      `len(split(message.body, "")) > 1`,
		"replace":                    `replace(message.body, "", "xxxxxxxxxxxxxxx") == ""`,
		"toJSON":                     `toJSON(ticket) == ""`,
		"let":                        `let x = message.body; x == x`,
		"statements":                 `true; true`,
		"a method":                   `ticket.created_at.Unix() > 1`,
		"a method of a number":       `now.Add(1) == now`,
		"a method of Vars":           `$env.Match()`,
		"the environment":            `$env["ticket"]["status"] == "x"`,
		"the environment by name":    `$env[ticket.subject] == 1`,
		"a computed name":            `ticket[ticket.subject] == ""`,
		"a computed custom field":    `field[ticket.subject] == ""`,
		"an entry by number":         `ticket.tags[0] == "x"`,
		"a slice":                    `message.body[0:2] == "x"`,
		"a map":                      `{"a": 1}.a == 1`,
		"nil":                        `ticket.subject == nil`,
		"an optional name":           `ticket?.status == "x"`,
		"a fallback":                 `(ticket.status ?? "x") == "x"`,
		"a power":                    `2 ** 1000000 > 1`,
		"a remainder":                `5 % 0 == 1`,
		"a number without end":       `1e999 > 1`,
		"bytes":                      `b"x" == b"x"`,
		"an inner function":          `_matches(ticket.subject, 9)`,
		"an inner function of $env":  `_text($env, "x", true) == ""`,
		"a built-in by colons":       `::repeat("x", 1000) == ""`,
		"the structure":              `ticket == before`,
		"the fields":                 `len(field) > 0`,
		"a Go name":                  `Ticket.Status == "open"`,
		"an unexported name":         `custom["telephone"] == "1"`,
		"an if":                      `if true { let x = 1; x == 1 } else { false }`,
		"a list in a list":           `["a"] in [["a"]]`,
		"an empty list":              `"a" in []`,
		"mixed lists":                `"a" in ["a", 1]`,
		"a nested look at a list":    `any(ticket.tags, any(ticket.watchers, # == "a"))`,
		"an entry outside a list":    `# == "a"`,
		"an index":                   `any(ticket.tags, #index == 1)`,
		"a list that stands there":   `any(["a"], # == "a")`,
		"a pattern of a field":       `message.body matches ticket.subject`,
		"a pattern that repeats":     `message.body matches "(x{1,100}){1,10}y"`,
		"a pattern too deep":         `message.body matches "` + strings.Repeat("(", 1001) + strings.Repeat(")", 1001) + `"`,
		"a pattern of many patterns": strings.Repeat(`message.body matches "(a|b|c)+x" or `, 40) + "true",
		"a pattern of entries":       `any(ticket.tags, # matches "(a{0,60}){0,5}b")`,
		"case of bodies":             strings.Repeat(`lower(message.body) == "x" or `, 60) + "true",
		"look-behind":                `message.body matches "(?<=a)b"`,
		"a long text":                `ticket.subject == "` + strings.Repeat("x", condition.MaxSource) + `"`,
		"many parts":                 strings.Repeat("true or ", 500) + "true",
		"more parts than are taken":  strings.Repeat("true or ", condition.MaxParts/2) + "true",
		"many values":                `ticket.status in [` + strings.Repeat(`"a",`, 300) + `"b"]`,
		"deep nesting":               strings.Repeat("not (", 60) + "true" + strings.Repeat(")", 60),
		"deep brackets":              strings.Repeat("(", 4000) + "true" + strings.Repeat(")", 4000),
		"deep lists":                 `"a" in ` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000),
		"deep minus":                 "1 == " + strings.Repeat("-", 200) + "1",
		"deep choices":               strings.Repeat("true ? ", 200) + "true" + strings.Repeat(" : false", 200),
		"a letter that looks alike":  "ticket.ѕtatus == \"open\"",
		"an unseen character":        "ticket.sta\u200btus == \"open\"",
		"a mark of direction":        "ticket.status\u202e == \"open\"",
		"what is no UTF-8":           "ticket.subject == \"\xff\"",
		"a NUL":                      "ticket.subject == \"\x00\"",
		"a text without end":         `ticket.subject == "x`,
		"a comment without end":      `true /* `,
		"only an operator":           `or`,
		"a bracket":                  `(`,
	} {
		t.Run("X04 "+name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			c, err := condition.Compile(text, schema())
			var e *condition.Error
			if !errors.As(err, &e) || e.Message == "" {
				t.Fatalf("got %v, %v", c, err)
			}
			if e.Line == 0 && name != "a long text" && name != "what is no UTF-8" && name != "a NUL" {
				t.Errorf("has no place: %v", e)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// huge is a ticket with as much text as goes in, and more.
func huge(letter string) *condition.Vars {
	long := strings.Repeat(letter, (4<<20)/len(letter))
	tk := &ticket.Ticket{Subject: long, Requester: ticket.Person{Name: long, Email: long}, Fields: map[string]string{"telephone": long, "extras": strings.Repeat(letter+"\n", 1<<20)}}
	for range 5000 {
		tk.Tags = append(tk.Tags, long[:4000])
		tk.Participants = append(tk.Participants, ticket.Person{Email: long[:4000]})
	}
	m := &ticket.Message{Kind: ticket.KindReply, Body: long, Format: ticket.HTML, Files: make([]ticket.File, 10000)}
	for i := range m.Files {
		m.Files[i].Name = long[:4000]
	}
	return condition.NewVars(condition.Source{Ticket: tk, Message: m, Now: noon})
}

// bombs are the dearest conditions that are taken.
func bombs() map[string]string {
	or := func(part string, n int) string { return strings.Repeat(part+" or ", n) + "false" }
	return map[string]string{
		"lower, again and again":     or(`lower(message.body) == "x"`, 23),
		"upper of letters that grow": or(`upper(message.body) == lower(ticket.last_message)`, 11),
		"nested case":                or(`upper(lower(upper(lower(upper(lower(message.body)))))) == "x"`, 3),
		"contains itself":            or(`message.body contains ticket.subject`, 60),
		"contains what is nearly it": or(`message.body contains "`+strings.Repeat("a", 100)+`b"`, 50),
		"entries":                    or(`any(ticket.tags, upper(lower(#)) contains "aaaaaaaab")`, 15),
		"lists of custom fields":     or(`any(field.extras, lower(#) == "b")`, 35),
		"a pattern":                  `message.body matches "(a|aa)+(a|aa)+(a?){20}b$"`,
		"a pattern of entries":       `any(ticket.tags, # matches "(a|aa)+(a?){10}b$")`,
		"several patterns":           or(`message.body matches "(a+a+)+b"`, 10),
		"any character":              or(`message.body matches "(?i)(.*)(.*)(.*)[a-z]$x"`, 3),
	}
}

func TestBounded(t *testing.T) {
	inputs := map[string]*condition.Vars{"a": huge("a"), "letters that grow in upper case": huge("ɐ"), "<": huge("<")}
	for name, text := range bombs() {
		c, err := condition.Compile(text, schema())
		if err != nil {
			t.Errorf("%s is not taken: %v", name, err)
			continue
		}
		for letter, v := range inputs {
			t.Run(fmt.Sprintf("X04 %s over %s", name, letter), func(t *testing.T) {
				if _, err := c.Match(v); err != nil { // reads the texts
					t.Fatal(err)
				}
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				least := time.Hour
				runs := uint64(0)
				for runs < 2 || (runs < 20 && least > 50*time.Millisecond) { // the machine may be busy
					runs++
					began := time.Now()
					if _, err := c.Match(v); err != nil {
						t.Fatal(err)
					}
					least = min(least, time.Since(began))
				}
				runtime.ReadMemStats(&after)
				bytes := (after.TotalAlloc - before.TotalAlloc) / runs
				t.Logf("%v, %d KiB", least, bytes>>10)
				if bytes > 64<<20 || (least > 50*time.Millisecond && !testing.Short() && !raceEnabled) {
					t.Errorf("took %v and %d KiB", least, bytes>>10)
				}
			})
		}
	}
}
