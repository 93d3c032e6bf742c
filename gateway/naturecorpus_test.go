package gateway_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
)

// TestCorpusNature prints what kind each third-party mail is, and holds the flags that the corpora assert.
func TestCorpusNature(t *testing.T) {
	t.Parallel()
	dir := corpusDir(t)
	counts := map[gateway.Kind]int{}
	for _, corpus := range []string{"chatwoot", "enmime", "mail"} {
		for _, file := range corpusFiles(t, filepath.Join(dir, corpus)) {
			m := read(readFile(t, file))
			n := gateway.Classify(m, gateway.NaturePolicy{})
			counts[n.Kind]++
			inner, forwarded := gateway.Forwarded(m)
			spam, why := gateway.SpamVerdict(m)
			if n.Kind == gateway.KindHuman && !forwarded && !spam {
				continue
			}
			t.Logf("%-55s %-30s %q", filepath.Base(file), natureLine(n), n.Evidence)
			if n.Bounce != nil {
				t.Logf("%-55s %+v %s", "", n.Bounce.Delivery, n.Bounce.OriginalMessageID)
			}
			if forwarded {
				t.Logf("%-55s forwards %s: %q", "", inner.From.Email, inner.Subject)
			}
			if spam {
				t.Logf("%-55s spam: %s", "", why)
			}
		}
	}
	t.Log(counts)
	checkFlags(t, dir)
}

// checkFlags holds what expected.json says of automatic mail.
func checkFlags(t *testing.T, dir string) {
	t.Helper()
	for _, corpus := range []string{"chatwoot", "enmime", "mail"} {
		var cases []struct {
			File   string
			Expect struct{ Auto string }
		}
		raw, err := os.ReadFile(filepath.Join(dir, corpus, "expected.json"))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		} else if err == nil {
			err = json.Unmarshal(raw, &cases)
		}
		if err != nil {
			t.Fatal(err)
		}
		kinds := map[string]gateway.Kind{"auto-replied": gateway.KindAutoReply, "bounce": gateway.KindBounce}
		for _, c := range cases {
			if c.Expect.Auto == "" {
				continue
			}
			n := gateway.Classify(read(readFile(t, filepath.Join(dir, corpus, filepath.FromSlash(c.File)))), gateway.NaturePolicy{})
			if n.Kind != kinds[c.Expect.Auto] || n.MayAutoRespond || n.MayReopen {
				t.Errorf("%s: %s, want %s", c.File, natureLine(n), c.Expect.Auto)
			}
		}
	}
}
