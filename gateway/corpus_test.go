package gateway_test

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/helpdeskgo/helpdesk/gateway"
)

var received = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// corpusDir is the folder of third-party mails; the test is skipped without it.
func corpusDir(tb testing.TB) string {
	tb.Helper()
	dir := os.Getenv("HELPDESK_MAILCORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "mailcorpus")
	}
	if _, err := os.Stat(filepath.Join(dir, "README.md")); err != nil {
		tb.Skip("the mail corpus is not here: set HELPDESK_MAILCORPUS to its folder")
	}
	return dir
}

// corpusFiles lists every mail below dir.
func corpusFiles(tb testing.TB, dir string) []string {
	tb.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if ext := filepath.Ext(path); err == nil && !d.IsDir() && (ext == ".eml" || ext == ".raw") {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return files
}

func readFile(tb testing.TB, path string) []byte {
	tb.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// expectation is what a corpus asserts about one mail; nil fields are not asserted.
type expectation struct {
	Subject     *string `json:"subject"`
	FromEmail   *string `json:"from_email"`
	FromName    *string `json:"from_name"`
	BodyText    *string `json:"body_text"`
	BodyEmpty   *bool   `json:"body_text_empty"`
	Count       *int    `json:"attachments_count"`
	InReplyTo   *string `json:"in_reply_to"`
	Attachments *[]struct {
		MD5 string `json:"md5"`
	} `json:"attachments"`
}

// decided lists the mails that we deliberately read otherwise than the corpus
// asserts. They still count as differences.
var decided = map[string]string{
	"bounced_with_no_from.eml":       "no address, but the comment names the sender: worth showing",
	"mix_caps_content_type.eml":      "an address without brackets: the words before it are the name",
	"welcome_html.eml":               "the expected text ends in the middle; ours is whole",
	"invalid_subject_characters.eml": "raw Windows-1252 is decoded, not replaced",
	"example13.eml":                  "blanks before the colon are legal in old mails (RFC 5322 §4.5.8)",
}

// score counts passed and asserted fields.
type score struct{ passed, asserted int }

type scoreboard struct {
	rows  map[string]map[string]*score // corpus, field
	fails []string
}

func (s *scoreboard) count(corpus, field, file string, ok bool, detail string) {
	for _, row := range []string{corpus, "total"} {
		if s.rows[row] == nil {
			s.rows[row] = map[string]*score{}
		}
		if s.rows[row][field] == nil {
			s.rows[row][field] = &score{}
		}
		s.rows[row][field].asserted++
		if ok {
			s.rows[row][field].passed++
		}
	}
	if !ok {
		s.fails = append(s.fails, fmt.Sprintf("%s/%s %s: %s", corpus, file, field, detail))
	}
}

func (s *scoreboard) check(corpus, file string, want expectation, m *gateway.Mail) {
	equal := func(field string, want *string, got string) {
		if want != nil {
			s.count(corpus, field, file, fold(*want) == fold(got), fmt.Sprintf("got %q, want %q", fold(got), fold(*want)))
		}
	}
	from := m.From.Email
	if m.FromUnknown {
		from = ""
	}
	equal("subject", want.Subject, m.Subject)
	equal("from", want.FromEmail, from)
	equal("from name", want.FromName, m.From.Name)
	if want.InReplyTo != nil {
		s.count(corpus, "threading", file, slices.ContainsFunc(m.InReplyTo, func(id string) bool { return strings.HasPrefix(id, *want.InReplyTo) }), fmt.Sprint(m.InReplyTo))
	}
	if want.BodyText != nil {
		recall, precision := overlap(words(*want.BodyText), words(m.Text))
		s.count(corpus, "body", file, recall >= 0.9 && precision >= 0.9, fmt.Sprintf("recall %.2f, precision %.2f", recall, precision))
	}
	if want.BodyEmpty != nil {
		s.count(corpus, "body", file, (strings.TrimSpace(m.Text) == "") == *want.BodyEmpty, m.Text)
	}
	if want.Count != nil {
		s.count(corpus, "attachments", file, len(m.Attachments) >= *want.Count, fmt.Sprintf("%d, want %d", len(m.Attachments), *want.Count))
	}
	if want.Attachments != nil {
		var wanted, got []string
		for _, a := range *want.Attachments {
			wanted = append(wanted, a.MD5)
		}
		for _, a := range m.Attachments {
			sum := md5.Sum(a.Data)
			got = append(got, hex.EncodeToString(sum[:]))
		}
		slices.Sort(wanted)
		slices.Sort(got)
		s.count(corpus, "attachments", file, slices.Equal(wanted, got), fmt.Sprintf("got %v, want %v", got, wanted))
	}
}

func fold(s string) string { return strings.Join(strings.Fields(s), " ") }

func words(s string) map[string]int {
	count := map[string]int{}
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }) {
		count[w]++
	}
	return count
}

func overlap(want, got map[string]int) (recall, precision float64) {
	both, wanted, have := 0, 0, 0
	for w, n := range want {
		wanted += n
		both += min(n, got[w])
	}
	for _, n := range got {
		have += n
	}
	return share(both, wanted), share(both, have)
}

func share(n, of int) float64 {
	if of == 0 {
		return 1
	}
	return float64(n) / float64(of)
}

// TestCorpus reads the third-party mails and prints a table corpus × field. The
// floors are what the acceptance asks for.
func TestCorpus(t *testing.T) {
	t.Parallel()
	dir := corpusDir(t)
	board := scoreboard{rows: map[string]map[string]*score{}}
	for _, corpus := range []string{"chatwoot", "enmime", "mail"} {
		for _, list := range []string{"expected.json", "consensus.json"} {
			file := filepath.Join(dir, corpus, list)
			if _, err := os.Stat(file); err != nil {
				continue
			}
			var cases []struct {
				File   string
				Expect expectation
			}
			if err := json.Unmarshal(readFile(t, file), &cases); err != nil {
				t.Fatal(err)
			}
			for _, c := range cases {
				raw, err := os.ReadFile(filepath.Join(dir, corpus, filepath.FromSlash(c.File)))
				if errors.Is(err, fs.ErrNotExist) {
					t.Logf("%s names a file that the corpus does not bring: %s", list, c.File)
					continue
				} else if err != nil {
					t.Fatal(err)
				}
				board.check(corpus, c.File, c.Expect, gateway.Read(raw, received, nil))
			}
		}
	}
	fields := []string{"subject", "from", "from name", "body", "attachments", "threading"}
	t.Logf("%-10s %s", "", strings.Join(fields, "  "))
	for _, corpus := range []string{"chatwoot", "enmime", "mail", "total"} {
		line := fmt.Sprintf("%-10s", corpus)
		for _, f := range fields {
			if s := board.rows[corpus][f]; s != nil {
				line += fmt.Sprintf("  %s %d/%d", f, s.passed, s.asserted)
			}
		}
		t.Log(line)
	}
	for _, fail := range board.fails {
		reason := "not decided"
		for file, why := range decided {
			if strings.Contains(fail, "/"+file+" ") {
				reason = why
			}
		}
		t.Logf("differs (%s): %s", reason, fail)
	}
	for field, floor := range map[string]float64{"subject": 0.99, "from": 0.99, "body": 0.97, "attachments": 0.97} {
		if s := board.rows["total"][field]; s == nil || share(s.passed, s.asserted) < floor {
			t.Errorf("%s: %+v is below %.0f %%", field, s, 100*floor)
		}
	}
}

// TestEveryCorpusFileIsAMail reads all files, whole mails and fragments alike.
func TestEveryCorpusFileIsAMail(t *testing.T) {
	t.Parallel()
	dir := corpusDir(t)
	files := corpusFiles(t, dir)
	identities := map[string]int{}
	degraded := 0
	for _, file := range files {
		m := gateway.Read(readFile(t, file), received, nil)
		checkSound(t, file, m)
		identities[m.Identity]++
		if m.Degraded {
			degraded++
			t.Logf("degraded: %s: %v", file, m.Problems)
		}
	}
	t.Logf("%d files, %d identities, %d degraded", len(files), len(identities), degraded)
	if len(files) == 243 && len(identities) != 238 {
		t.Errorf("%d identities, want 238: five files are exact duplicates", len(identities))
	}
}

// checkSound checks what every Mail promises.
func checkSound(t testing.TB, file string, m *gateway.Mail) {
	t.Helper()
	texts := map[string]string{
		"from name": m.From.Name, "from": m.From.Email, "subject": m.Subject, "message id": m.MessageID,
		"text": m.Text, "html": m.HTML, "identity": m.Identity,
	}
	for i, id := range append(append([]string{}, m.InReplyTo...), m.References...) {
		texts[fmt.Sprintf("reference %d", i)] = id
		if id == "" {
			t.Errorf("%s: an empty reference", file)
		}
	}
	for i, a := range m.Attachments {
		texts[fmt.Sprintf("file name %d", i)] = a.Filename
		texts[fmt.Sprintf("content id %d", i)] = a.ContentID
		if a.Filename == "" || strings.ContainsAny(a.Filename, "/\\") || len(a.Filename) > 255 {
			t.Errorf("%s: unsafe file name %q", file, a.Filename)
		}
		if !a.Omitted && a.Size != len(a.Data) {
			t.Errorf("%s: size %d of %d bytes", file, a.Size, len(a.Data))
		}
	}
	for what, s := range texts {
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			t.Errorf("%s: %s is not clean UTF-8: %q", file, what, s)
		}
	}
	if m.From.Email == "" || m.MessageID == "" || m.Identity == "" || m.Date.IsZero() || m.Date.After(received) {
		t.Errorf("%s: incomplete: from %q, id %q, date %v", file, m.From.Email, m.MessageID, m.Date)
	}
}
