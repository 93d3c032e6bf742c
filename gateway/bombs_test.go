package gateway_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway"
)

// nested builds a mail of n multiparts within each other.
func nested(n int, closed bool) []byte {
	var b bytes.Buffer
	b.WriteString("From: a@example.com\r\nSubject: nested\r\n")
	for i := range n {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	b.WriteString("\r\ninnermost\r\n")
	for i := n - 1; closed && i >= 0; i-- {
		fmt.Fprintf(&b, "--b%d--\r\n", i)
	}
	return b.Bytes()
}

// flat builds a mail of n text parts.
func flat(n int, end string) []byte {
	return []byte("From: a@example.com\r\nSubject: flat\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
		strings.Repeat("--b\r\n\r\nx\r\n", n) + end)
}

// longest is how long a mail may take on a machine that does other things, too: TestBombsAlone says what it takes by itself.
const longest = time.Minute * slower

// bomb is a mail that is meant to cost a parser dear. One of its problems must begin as said.
type bomb struct {
	name, problem string
	raw           func() []byte
}

func bombs() []bomb {
	return []bomb{
		{"10,000 nested parts", "parts nested deeper", func() []byte { return nested(10_000, true) }},
		{"10,000 nested parts never closed", "", func() []byte { return nested(10_000, false) }},
		{"1,900 nested parts never closed", "", func() []byte { return nested(1_900, false) }},
		{"100,000 parts", "parts over the limit", func() []byte { return flat(100_000, "--b--\r\n") }},
		{"100,000 parts never closed", "", func() []byte { return flat(100_000, "") }},
		{"1 MB header line", "the header is cut", func() []byte {
			return mail("From: a@example.com", "X-Long: "+strings.Repeat("x", 1<<20), "Subject: s", "", "x")
		}},
		{"1 MB of header names", "the header is cut", func() []byte {
			return mail("From: a@example.com", strings.Repeat("X: y\r\n", 400_000)+"Subject: s", "", "x")
		}},
		{"100,000 recipients", "recipients over the limit", func() []byte {
			return mail("From: a@example.com", "To: "+strings.Repeat("someone@example.com,\r\n ", 100_000)+"b@example.com", "Subject: s", "", "x")
		}},
		{"100,000 references", "the header is cut", func() []byte {
			return mail("From: a@example.com", "Subject: s", "References: "+strings.Repeat("<x@y>\r\n <z@y> ", 50_000), "", "x")
		}},
		{"parameters", "the header is cut", func() []byte {
			return mail("From: a@example.com", "Subject: s", "Content-Type: text/plain"+strings.Repeat("; a=b", 100_000), "", "x")
		}},
		{"encoded words", "", func() []byte {
			return mail("From: a@example.com", "Subject: "+strings.Repeat("=?a?b? ", 20_000), "", "x")
		}},
		{"comments", "", func() []byte {
			return mail("From: "+strings.Repeat("(", 100_000)+" a@example.com", "Subject: s", "", "x")
		}},
		{"brackets", "", func() []byte {
			return mail("From: a@example.com", "Subject: s", "In-Reply-To: "+strings.Repeat("<", 100_000), "", "x")
		}},
		{"deep HTML", "the HTML is cut", func() []byte {
			return mail("From: a@example.com", "Subject: s", "Content-Type: text/html", "", strings.Repeat("<div><ol><li>", 200_000)+"x")
		}},
		{"unclosed tags", "", func() []byte {
			return mail("From: a@example.com", "Subject: s", "Content-Type: text/html", "", strings.Repeat("<a <!--", 200_000))
		}},
		{"8 MB of =", "the text is cut", func() []byte {
			return mail("From: a@example.com", "Subject: s", "Content-Transfer-Encoding: quoted-printable", "", strings.Repeat("=", 8<<20))
		}},
		{"20 MB base64", "the text is cut", func() []byte {
			return mail("From: a@example.com", "Subject: s", "Content-Transfer-Encoding: base64", "", strings.Repeat("QUFB", 5<<20))
		}},
		{"200 MB base64", "the mail is over the size limit", func() []byte {
			return mail("From: a@example.com", "Subject: s", "Content-Type: application/pdf; name=a.pdf", "Content-Transfer-Encoding: base64", "", strings.Repeat("QUFB", 50<<20))
		}},
		{"a file as large as a mail may be", "an attachment over the size limit", func() []byte {
			return mail("From: a@example.com", "Subject: s", "Content-Type: application/pdf; name=a.pdf", "Content-Transfer-Encoding: base64", "",
				strings.Repeat(strings.Repeat("QUFB", 19)+"\r\n", 49<<20/78))
		}},
		{"the same, malformed", "an attachment over the size limit", func() []byte {
			return mail("From: a@example.com", "Subject: s", "Content-Type: multipart/mixed; boundary=b", "", "--b", "Content-Type: application/pdf; name=a.pdf",
				"Content-Transfer-Encoding: base64", "", strings.Repeat(strings.Repeat("QUFB", 19)+"\r\n", 49<<20/78))
		}},
		{"winmail.dat full of files", "winmail.dat could not be unpacked", func() []byte {
			file := append(tnefAttribute(2, tnefBegin, ""), tnefAttribute(2, tnefTitle, strings.Repeat("x", 200))...)
			return mail("From: a@example.com", "Subject: s", "Content-Type: application/ms-tnef", "Content-Transfer-Encoding: base64", "",
				base64.StdEncoding.EncodeToString(winmail(bytes.Repeat(file, 100_000))))
		}},
		{"uuencode that never ends", "", func() []byte {
			return mail("From: a@example.com", "Subject: s", "", strings.Repeat("begin 644 a\r\n#0V%T\r\n", 500_000))
		}},
		{"uuencoded files", "files over the limit", func() []byte {
			return mail("From: a@example.com", "Subject: s", "", strings.Repeat("begin 644 a\r\n#0V%T\r\n`\r\nend\r\n", 100_000))
		}},
	}
}

func TestBombs(t *testing.T) {
	t.Parallel()
	for _, c := range bombs() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			raw := c.raw()
			if slower > 1 && len(raw) > 32<<20 {
				t.Skip("the race detector takes a multiple of the memory, and this one is large")
			}
			begin := time.Now()
			m := read(raw)
			took := time.Since(begin)
			checkSound(t, c.name, m)
			if took > longest {
				t.Errorf("took %v", took)
			}
			if m.From.Email != "a@example.com" || m.Subject == "" {
				t.Errorf("from %v, subject %q", m.From, m.Subject)
			}
			if c.problem != "" && !slices.ContainsFunc(m.Problems, func(p string) bool { return strings.HasPrefix(p, c.problem) }) {
				t.Errorf("problems: %v", m.Problems)
			}
			t.Logf("%d bytes, %v, degraded %v, %v", len(raw), took, m.Degraded, m.Problems)
		})
	}
}

// bombVariable makes this test binary a process that reads one bomb and says how much memory it had at most.
const bombVariable = "HELPDESK_GATEWAY_BOMB"

// mostMemory is what reading one mail may take at most, in MB, the mail itself and the program included.
const mostMemory = 300

// mostWork is what it may take of a processor.
const mostWork = 10 * time.Second

// bombChild reads the bomb in a process of its own. What making it took does not count.
func bombChild(name string) {
	for _, b := range bombs() {
		if b.name != name {
			continue
		}
		raw := b.raw()
		debug.FreeOSMemory()
		if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o600); err != nil { // begins to measure anew
			fmt.Println(err)
			os.Exit(1)
		}
		m := read(raw)
		status, _ := os.ReadFile("/proc/self/status")
		runtime.KeepAlive(m)
		runtime.KeepAlive(raw)
		for line := range strings.Lines(string(status)) {
			if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
				fmt.Println(strings.Fields(rest)[0])
			}
		}
	}
}

// TestBombsAlone measures each bomb alone, as the system sees it: what else the machine does plays no part.
func TestBombsAlone(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/clear_refs"); err != nil {
		t.Skip("only Linux says how much memory a process had at most")
	}
	if slower > 1 {
		t.Skip("the race detector takes a multiple of the memory")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range bombs() {
		t.Run(b.name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), self)
			cmd.Env = append(os.Environ(), bombVariable+"="+b.name)
			out, err := cmd.CombinedOutput()
			worked := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
			kilobytes, convErr := strconv.Atoi(strings.TrimSpace(string(out)))
			if err != nil || convErr != nil {
				t.Fatalf("%v: %.200s", err, out)
			}
			if kilobytes>>10 > mostMemory {
				t.Errorf("%d MB", kilobytes>>10)
			}
			if worked > mostWork {
				t.Errorf("%v of work", worked)
			}
			t.Logf("%d MB, %v of work", kilobytes>>10, worked)
		})
	}
}

// TestBombsAmongMails: each bomb stands between two ordinary mails, and each of these becomes a ticket.
func TestBombsAmongMails(t *testing.T) {
	t.Parallel()
	i := newInbox(t, nil)
	n := 0
	sentinel := func() {
		n++
		i.box.add(letter(ann, fmt.Sprintf("sentinel-%d@example.com", n), fmt.Sprintf("Sentinel %d", n), "", fmt.Sprintf("words of %d", n)))
	}
	sentinel()
	for _, b := range bombs() {
		raw := b.raw()
		if len(raw) > 32<<20 { // the database in memory would keep them all
			continue
		}
		i.box.mails = append(i.box.mails, raw)
		sentinel()
	}
	results := map[gateway.Result]int{}
	sentinels := 0
	for _, o := range i.poll(t) {
		results[o.Result]++
		if strings.HasPrefix(o.Subject, "Sentinel ") && o.Result == gateway.Opened {
			sentinels++
		}
	}
	if sentinels != n || results[gateway.Opened]+results[gateway.Answered] != len(i.box.mails) {
		t.Errorf("%d of %d ordinary mails; %v of %d", sentinels, n, results, len(i.box.mails))
	}
}
