package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var now = time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC)

// mailcheck runs the command.
func mailcheck(in string, args ...string) (status int, out, errs string) {
	var o, e bytes.Buffer
	status = command(args, now, strings.NewReader(in), &o, &e)
	return status, o.String(), e.String()
}

// objects reads what -json printed: one object a line.
func objects(t *testing.T, out string) []map[string]any {
	t.Helper()
	var list []map[string]any
	for line := range strings.Lines(out) {
		var o map[string]any
		if err := json.Unmarshal([]byte(line), &o); err != nil || !strings.HasSuffix(line, "\n") {
			t.Fatalf("%q: %v", line, err)
		}
		list = append(list, o)
	}
	return list
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const outOfOffice = "From: =?utf-8?Q?J=C3=BCrgen?= <jo@example.com>\r\nTo: Desk <desk@example.org>, b@example.org\r\nCc: c@example.org\r\nReply-To: back@example.com\r\n" +
	"Subject: Re: [#VEP-728-96190] ISO-9001 <lamp>\r\nDate: Mon, 2 Mar 2026 10:00:00 +0100\r\nMessage-ID: <2@example.com>\r\nIn-Reply-To: <1@example.org>\r\nReferences: <0@example.org> <1@example.org>\r\n" +
	"Auto-Submitted: auto-replied\r\nX-Spam-Flag: YES\r\nAuthentication-Results: mx.example.org; dmarc=pass\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nAway. See also [#LMP-7].\r\n--b\r\nContent-Type: image/png; name=a.png\r\nContent-ID: <p1>\r\nContent-Disposition: inline\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8=\r\n--b--\r\n"

func TestJSON(t *testing.T) {
	t.Parallel()
	t.Run("a mail with everything", func(t *testing.T) {
		t.Parallel()
		status, out, errs := mailcheck(outOfOffice, "-json", "-")
		want := map[string]any{
			"file": "-", "degraded": false, "from_email": "jo@example.com", "from_name": "Jürgen", "subject": "Re: [#VEP-728-96190] ISO-9001 <lamp>",
			"message_id": "2@example.com", "date": "2026-03-02T09:00:00Z", "to": []any{"desk@example.org", "b@example.org"}, "cc": []any{"c@example.org"},
			"reply_to": []any{"back@example.com"}, "in_reply_to": []any{"1@example.org"}, "references": []any{"0@example.org", "1@example.org"},
			"body_text": "Away. See also [#LMP-7].", "reply": "Away. See also [#LMP-7].",
			"attachments": []any{map[string]any{"filename": "a.png", "mime_type": "image/png", "size": 5.0, "md5": "5d41402abc4b2a76b9719d911017c592", "content_id": "p1", "inline": true}},
			"kind":        "auto_reply", "may_auto_respond": false, "may_reopen": false, "dmarc": "pass", "spam": true,
			"ticket_codes": []any{"VEP-728-96190", "LMP-7"}, "evidence": []any{"Auto-Submitted: auto-replied", "X-Spam-Flag: YES"},
		}
		list := objects(t, out)
		if status != 0 || errs != "" || len(list) != 1 || fmt.Sprint(list[0]) != fmt.Sprint(want) {
			t.Errorf("status %d, %s\ngot  %v\nwant %v", status, errs, list, want)
		}
		if !strings.Contains(out, "<lamp>") {
			t.Error("angle brackets are escaped")
		}
	})
	t.Run("absent means none", func(t *testing.T) {
		t.Parallel()
		_, out, _ := mailcheck("", "-json", "-")
		if want := `{"file":"-","degraded":false,"kind":"human","may_auto_respond":false,"may_reopen":true,"dmarc":"none","spam":false,"evidence":["the sender is unknown"]}` + "\n"; out != want {
			t.Errorf("got %s", out)
		}
	})
	t.Run("a bounce and a forwarded mail", func(t *testing.T) {
		t.Parallel()
		_, out, _ := mailcheck("From: MAILER-DAEMON@example.net\nTo: desk@example.org\nSubject: failure notice\n\n<ann@example.com>:\n550 5.1.1 no such user\n\nMessage-ID: <9@example.org>\n", "-json", "-")
		want := map[string]any{"recipient": "ann@example.com", "action": "failed", "status": "5.1.1", "diagnostic": "550 5.1.1 no such user", "original_message_id": "9@example.org"}
		if o := objects(t, out)[0]; fmt.Sprint(o["bounce"]) != fmt.Sprint(want) || o["kind"] != "bounce" {
			t.Errorf("got %s", out)
		}
		_, out, _ = mailcheck("From: bob@example.org\nSubject: Fwd: lamp\n\nFrom: Ann <ann@example.com>\nSubject: lamp\n\nx\n", "-json", "-")
		want = map[string]any{"from_email": "ann@example.com", "from_name": "Ann", "subject": "lamp"}
		if o := objects(t, out)[0]; fmt.Sprint(o["forwarded"]) != fmt.Sprint(want) {
			t.Errorf("got %s", out)
		}
	})
	t.Run("every file in order, also what cannot be read", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		var files []string
		for i := range 300 {
			files = append(files, write(t, dir, fmt.Sprintf("%d.eml", i), "From: a@example.com\n\nmail "+fmt.Sprint(i)))
		}
		files = slices.Insert(files, 7, filepath.Join(dir, "none.eml"), dir)
		status, out, errs := mailcheck("", append([]string{"-json"}, files...)...)
		list := objects(t, out)
		if status != 1 || errs != "" || len(list) != len(files) {
			t.Fatalf("status %d, %d lines, %s", status, len(list), errs)
		}
		for i, o := range list {
			if o["file"] != files[i] || (o["error"] != nil) != (i == 7 || i == 8) || o["error"] != nil && len(o) != 2 {
				t.Errorf("line %d: %v", i, o)
			}
		}
	})
	t.Run("bodies without a mail", func(t *testing.T) {
		t.Parallel()
		for flag, in := range map[string]string{"-text": "Grüße\r\n\r\n> it flickers\r\n\r\n-- \r\nAnn", "-html": "<p>Grüße</p><div class=gmail_quote><blockquote type=cite>it flickers</blockquote></div><script>x</script>"} {
			status, out, _ := mailcheck(in, "-json", flag, "-")
			want := map[string]any{"file": "-", "body_text": "Grüße\n\n> it flickers\n\n-- \nAnn", "reply": "Grüße", "quoted": "> it flickers", "signature": "-- \nAnn"}
			if flag == "-html" {
				want = map[string]any{"file": "-", "body_text": "Grüße\n\nit flickers", "reply": "Grüße", "quoted": "it flickers"}
			}
			if o := objects(t, out)[0]; status != 0 || fmt.Sprint(o) != fmt.Sprint(want) {
				t.Errorf("%s: status %d\ngot  %v\nwant %v", flag, status, o, want)
			}
		}
	})
}

func TestWrongUse(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"-json"}, {"-text", "-html", "-"}, {"-lamp", "-"}} {
		if status, out, errs := mailcheck("", args...); status != 2 || out != "" || errs == "" {
			t.Errorf("%v: status %d, %q %q", args, status, out, errs)
		}
	}
	if status, out, errs := mailcheck("", "-h"); status != 0 || out != "" || !strings.Contains(errs, "usage:") {
		t.Errorf("-h: status %d, %q %q", status, out, errs)
	}
	if status := command([]string{"-json", "-"}, now, strings.NewReader(""), broken{}, io.Discard); status != 1 {
		t.Errorf("a full disk: status %d", status)
	}
}

// broken is an output that takes nothing.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestForPeople(t *testing.T) {
	t.Parallel()
	status, out, errs := mailcheck(outOfOffice, "-", filepath.Join(t.TempDir(), "none.eml"))
	for _, want := range []string{
		"from         Jürgen <jo@example.com>", "kind         the answer of a robot", "because      Auto-Submitted: auto-replied", "codes        VEP-728-96190, LMP-7",
		"would        join the ticket it cites", "in the spam folder; no automatic answer; a closed ticket stays closed", "file         a.png (image/png, 5 bytes, within the text)", "none.eml\n  error",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
	if status != 1 || errs != "" {
		t.Errorf("status %d, %s", status, errs)
	}
	if _, out, _ := mailcheck("From: a@example.com\n\n\x1b[2Jgone", "-"); strings.Contains(out, "\x1b") {
		t.Errorf("the terminal obeys: %q", out)
	}
	_, out, _ = mailcheck("From: MAILER-DAEMON@example.net\nSubject: failure notice\n\n<ann@example.com>:\n550 5.1.1 no such user\n", "-")
	if !strings.Contains(out, "recipient    ann@example.com failed 5.1.1") || !strings.Contains(out, "would        become a system note") {
		t.Errorf("a bounce:\n%s", out)
	}
}
