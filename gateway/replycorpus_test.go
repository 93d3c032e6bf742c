package gateway_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/internal/htmltext"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// decidedReplies lists the cases that we deliberately read otherwise than a corpus asserts, with the reason. They still
// count as differences.
var decidedReplies = map[string]string{
	"talon text_quotations_test.test_too_many_lines":                               "the case lowers the corpus' own limit of lines",
	"talon html_quotations_test.test_blockquote_disclaimer":                        "a plain block quote between two texts is the writer's own",
	"talon html_quotations_test.test_reply_separated_by_hr":                        "the name above the rule is the writer's",
	"talon html_quotations_test.test_from_block_and_quotations_in_separate_divs":   "the rule above the header fields belongs to them",
	"talon signature.bruteforce_test.test_signature_words":                         "a closing formula is the writer's own words",
	"talon signature.bruteforce_test.test_signature_cant_start_from_first_line":    "a closing formula is the writer's own words",
	"talon signature.bruteforce_test.test_signature_max_lines_ignores_empty_lines": "a closing formula is the writer's own words",
	"talon signature.bruteforce_test.test_crash_in_extract_signature":              "the case breaks the corpus' parser; another asserts the opposite of the same text",
	"zapier email_1_8.txt":                        "the answers stand between the quotes, and mean nothing without; email_reply_parser agrees",
	"zapier email_sent_from_my_not_signature.txt": "it is a sentence; email_reply_parser agrees",
	"email_reply_parser email_1_2.txt":            "one quote, answered as a whole, below: what is quoted after it is but a signature; zapier agrees",
	"crisp email_2.txt":                           "the same mail: the first fragment is less than the reply",
	"crisp email_3.txt":                           "a name behind a dash is a signature; email_reply_parser and zapier agree",
}

// replyCase is one assertion of a corpus about a text.
type replyCase struct {
	name        string
	text        string
	html        bool
	want        string
	withoutSign bool // the corpus looks for signatures in a step of its own
	signature   *string
	most        time.Duration
}

func TestCorpusReplies(t *testing.T) {
	t.Parallel()
	dir := corpusDir(t)
	for corpus, cases := range map[string][]replyCase{
		"talon": talonCases(t, dir), "email_reply_parser": parserCases(t, dir, "email_reply_parser"), "zapier": parserCases(t, dir, "zapier"), "crisp": crispCases(t, dir),
	} {
		t.Run(corpus, func(t *testing.T) {
			t.Parallel()
			passed := 0
			for _, c := range cases {
				got, ok := c.check()
				why := decidedReplies[corpus+" "+c.name]
				switch {
				case ok:
					passed++
				case why != "":
					t.Logf("differs (%s): %s", why, c.name)
				default:
					t.Errorf("differs, which nobody decided: %s\n%s", c.name, difference(got, c.want))
				}
			}
			t.Logf("%s: %d/%d", corpus, passed, len(cases))
			if share(passed, len(cases)) < 0.9 {
				t.Errorf("%s: %d of %d is below 90 %%", corpus, passed, len(cases))
			}
		})
	}
}

// difference shows where two texts part.
func difference(got, want string) string {
	got, want = fold(got), fold(want)
	n := 0
	for n < min(len(got), len(want)) && got[n] == want[n] {
		n++
	}
	n = max(n-40, 0)
	return fmt.Sprintf("got  …%.200q\nwant …%.200q", got[n:], want[n:])
}

// check splits the text and compares.
func (c replyCase) check() (got string, ok bool) {
	start := time.Now()
	text, folds := c.text, []ticket.Fold(nil)
	if c.html {
		text, folds = gateway.SplitHTML(c.text)
	} else {
		folds = gateway.SplitText(c.text)
	}
	if c.most > 0 && time.Since(start) > c.most {
		return "too slow: " + time.Since(start).String(), false
	}
	if c.withoutSign {
		folds = slices.DeleteFunc(folds, func(f ticket.Fold) bool { return f.Kind == ticket.FoldSignature })
	}
	got = ticket.Unfolded(text, folds)
	if c.signature != nil {
		return got + " | " + ticket.Folded(text, folds, ticket.FoldSignature), fold(got) == fold(c.want) && fold(ticket.Folded(text, folds, ticket.FoldSignature)) == fold(*c.signature)
	}
	return got, same(got, c.want)
}

// same compares texts without regard to white space. Some corpora took it out altogether.
func same(got, want string) bool {
	return fold(got) == fold(want) || strings.Join(strings.Fields(got), "") == strings.Join(strings.Fields(want), "")
}

func talonCases(t *testing.T, dir string) (out []replyCase) {
	var list []struct {
		Test, Kind, Input string
		Expected          json.RawMessage
	}
	decode(t, filepath.Join(dir, "talon", "expected.json"), &list)
	for _, e := range list {
		c := replyCase{name: e.Test, text: e.Input, withoutSign: true}
		if e.Kind == "signature" {
			var pair [2]*string
			decodeRaw(t, e.Expected, &pair)
			c.want, c.signature, c.withoutSign = *pair[0], new(""), false
			if pair[1] != nil {
				c.signature = pair[1]
			}
		} else {
			decodeRaw(t, e.Expected, &c.want)
			c.html = e.Kind == "reply_html"
		}
		if c.html {
			c.want = htmltext.Convert(c.want)
		}
		out = append(out, c)
	}
	return out
}

func parserCases(t *testing.T, dir, corpus string) (out []replyCase) {
	var list []struct {
		File   string
		Expect struct{ Reply string }
		MaxMS  int `json:"max_ms"`
	}
	decode(t, filepath.Join(dir, corpus, "expected.json"), &list)
	for _, e := range list {
		text := string(readFile(t, filepath.Join(dir, corpus, filepath.FromSlash(e.File))))
		out = append(out, replyCase{name: filepath.Base(e.File), text: text, want: e.Expect.Reply, most: time.Duration(e.MaxMS) * time.Millisecond})
	}
	return out
}

func crispCases(t *testing.T, dir string) (out []replyCase) {
	var list []struct {
		Test, File, Fragment, What string
		Expected                   json.RawMessage
	}
	decode(t, filepath.Join(dir, "crisp", "expected.json"), &list)
	for _, e := range list {
		if e.What != "text" || e.Fragment != "0" {
			continue // how a parser numbers its fragments
		}
		c := replyCase{name: filepath.Base(e.File), text: string(readFile(t, filepath.Join(dir, "crisp", filepath.FromSlash(e.File))))}
		decodeRaw(t, e.Expected, &c.want)
		out = append(out, c)
	}
	return out
}

func decode(t *testing.T, file string, into any) {
	t.Helper()
	decodeRaw(t, readFile(t, file), into)
}

func decodeRaw(t *testing.T, raw []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatal(err)
	}
}
