package imap

import (
	"fmt"
	"strings"
	"testing"
)

// heard is what the guard says of bytes that come some at a time.
func heard(said string, step int) error {
	var g guard
	for len(said) > 0 {
		n := min(step, len(said))
		if err := g.check([]byte(said[:n])); err != nil {
			return err
		}
		said = said[n:]
	}
	return nil
}

func TestGuard(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("(", 100)
	for said, stopped := range map[string]bool{
		"* OK [CAPABILITY IMAP4rev1 IDLE] Dovecot (Debian) ready.\r\n":                     false,
		"* CAPABILITY IMAP4rev1  AUTH=PLAIN\r\nT1 OK (done)\r\n":                           false,
		"T1 OK [CAPABILITY IMAP4rev1] Logged in (x)\r\n":                                   false,
		"* NO capability (IDLE) is off today\r\n":                                          false,
		"* FLAGS (\\Seen \\Deleted)\r\n* OK [PERMANENTFLAGS (\\*)] x\r\n":                  false,
		"* 1 FETCH (UID 1 FLAGS (\\Seen) INTERNALDATE \"a (b\\\" {3}\" RFC822.SIZE 3)\r\n": false,
		"* 1 FETCH (BODY[HEADER.FIELDS (A)] {" + "14}\r\n[CAPABILITY ((" + ")\r\n* OK x":   false,
		"* 1 FETCH (UID 1 BODY[] {100}\r\n" + deep + ")\r\nT1 OK x\r\n":                    false,
		"* OK {100}\r\n* 1 FETCH (" + deep:                                                 true,
		"* OK [CAPABILITY (":                                                               true,
		"* OK [CAPABILITY(":                                                                true,
		"* CAPABILITY A (":                                                                 true,
		"* 5 capability A (":                                                               true,
		"T1 NO [CAPABILITY A B(":                                                           true,
		"* 1 FETCH (UID 1 BODY[] {3}\r\nabc)\r\n* OK [CAPABILITY (":                        true,
		"* 1 FETCH (UID 1 BODY[] \"x{9}\r\n* OK [CAPABILITY (":                             true,
		"* 1 FETCH (UID 1 BODYSTRUCTURE " + deep:                                           true,
		"* 1 fetch" + deep:                                                                 true,
		"* 1 FETCH (BODY[] {99999999999999999999}\r\n":                                     true,
		"* 1 FETCH (BODY[] {1x}\r\n":                                                       true,
	} {
		t.Run(fmt.Sprintf("M39 %.60q", said), func(t *testing.T) {
			t.Parallel()
			for _, step := range []int{1, 7, len(said)} {
				if err := heard(said, step); (err != nil) != stopped {
					t.Errorf("%d bytes at a time: %v", step, err)
				}
			}
		})
	}
}

// FuzzGuard: what a mail holds is never looked at, whatever it is, and what comes behind it always is.
func FuzzGuard(f *testing.F) {
	f.Add("[CAPABILITY (", "* OK x\r\n", uint8(3))
	f.Add("{5}\r\n)\r\n* 1 FETCH (BODY[] {9}\r\n", "* 2 FETCH (UID 2 FLAGS (\\Seen) RFC822.SIZE 7)\r\n", uint8(1))
	f.Add("\"", "T1 OK [COPYUID 1 2:3 4] (x)\r\n", uint8(200))
	f.Fuzz(func(t *testing.T, mail, other string, step uint8) {
		n := int(step) + 1
		sound := fmt.Sprintf("* 1 FETCH (UID 1 BODY[] {%d}\r\n%s FLAGS (\\Seen))\r\n", len(mail), mail)
		if err := heard(sound, n); err != nil {
			t.Errorf("%q is stopped", sound)
		}
		if err := heard(sound+sound+"* OK [CAPABILITY A (", n); err == nil {
			t.Errorf("behind %q a bracket passes", sound)
		}
		if a, b := heard(other, n), heard(other, len(other)+1); (a == nil) != (b == nil) {
			t.Errorf("%q: %v, or %v", other, a, b)
		}
	})
}
