package mailboxes

import (
	"encoding/base64"
	"strings"
	"testing"
)

func TestMask(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ said, secret, want string }{
		"M42 a password that the server repeats": {"NO hunter22 is wrong", "hunter22", "NO [secret] is wrong"},
		"M42 a login in base64":                  {"unknown command AUTH PLAIN " + base64.StdEncoding.EncodeToString([]byte("\x00ann\x00hunter22")), "hunter22", "unknown command AUTH PLAIN [secret]"},
		"M42 a token in base64":                  {"what is " + base64.StdEncoding.EncodeToString([]byte("user=ann\x01auth=Bearer abc\x01\x01")), "", "what is [secret]"},
		"M42 nothing else is hidden":             {"LOGIN failed: AUTHENTICATIONFAILED for mailbox ann", "hunter22", "LOGIN failed: AUTHENTICATIONFAILED for mailbox ann"},
		"M42 too short a secret hides no words":  {"a server said a word", "a", "a server said a word"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := mask(c.said, c.secret)
			if got != c.want || c.secret != "" && len(c.secret) >= leastMask && strings.Contains(got, c.secret) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
