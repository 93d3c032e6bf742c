package gateway_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// killVariable makes this test binary a process that fetches a mailbox into the file that it names, until somebody
// kills it or there is nothing left.
const killVariable = "HELPDESK_GATEWAY_CHILD"

// killBox is the mailbox of that test: threads of three mails.
func killBox(threads int) *box {
	b := &box{validity: 1}
	for n := range threads {
		id := fmt.Sprintf("%d.%%d@example.com", n)
		first := fmt.Sprintf(id, 1)
		b.add(letter(ann, first, fmt.Sprintf("Lamp %d", n), "", "one"),
			letter(ann, fmt.Sprintf(id, 2), "Re: Lamp", "In-Reply-To: <"+first+">\n", "two"),
			letter(ann, fmt.Sprintf(id, 3), "Re: Lamp", "References: <"+first+"> <"+fmt.Sprintf(id, 2)+">\n", "three"))
	}
	return b
}

const killThreads = 100

// ingest opens the file and fetches and processes until nothing is left. It says a line for every mail.
func ingest(ctx context.Context, path string, say func()) error {
	s, err := sqlite.Open(ctx, path, nil)
	if err != nil {
		return err
	}
	defer s.Close()
	d, err := helpdesk.New(ctx, s, &helpdesk.Config{Dispatch: helpdesk.Manual})
	if err != nil {
		return err
	}
	g, err := gateway.New("support", d.Mail(), s, &gateway.Options{Lease: 100 * time.Millisecond, Progress: func(gateway.Progress) { say() }})
	if err != nil {
		return err
	}
	for {
		if _, err := g.Poll(ctx, killBox(killThreads)); err != nil {
			return err
		}
		status, err := g.Status(ctx)
		if err != nil || status.Waiting == 0 && status.Cursor.UID == 3*killThreads {
			return err
		}
		<-time.After(20 * time.Millisecond) // for the leases of those who were killed
	}
}

func killChild(path string) {
	if err := ingest(context.Background(), path, func() { fmt.Println("mail") }); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func TestKilledIngest(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector hears nothing of a process that is killed: run it without -short, or make kills")
	}
	t.Run("X05 whenever a fetching process is killed, each mail is one message in its ticket in the end", func(t *testing.T) {
		kills := 10
		if n, err := strconv.Atoi(os.Getenv("HELPDESK_KILLS")); err == nil && n > 0 {
			kills = n
		}
		exe, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "desk.db")
		hits, rounds := 0, 1
		for range kills {
			cmd := exec.Command(exe)
			cmd.Env = append(os.Environ(), killVariable+"="+path)
			cmd.Stderr = os.Stderr
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(out)
			for range 1 + rand.N(6*killThreads/max(kills/2, 1)) {
				if !lines.Scan() {
					break
				}
			}
			_ = cmd.Process.Kill()
			if cmd.Wait() != nil {
				hits++ // it did not come to its end
				continue
			}
			checkThreads(t, path)
			path, rounds = filepath.Join(t.TempDir(), "desk.db"), rounds+1
		}
		if err := ingest(context.Background(), path, func() {}); err != nil {
			t.Fatal(err)
		}
		checkThreads(t, path)
		t.Logf("%d kills, %d of them in the middle of the work, over %d mailboxes of %d mails: each is one message", kills, hits, rounds, 3*killThreads)
		if hits < kills/2 {
			t.Errorf("only %d of %d kills hit", hits, kills)
		}
	})
}

// checkThreads expects every thread as one ticket of three messages.
func checkThreads(t *testing.T, path string) {
	t.Helper()
	s, err := sqlite.Open(context.Background(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	d, err := helpdesk.New(context.Background(), s, &helpdesk.Config{Dispatch: helpdesk.Manual})
	if err != nil {
		t.Fatal(err)
	}
	tickets := 0
	for tk, err := range d.AllTickets(staff(), ticket.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		if tickets++; tk.Seq != 3 {
			t.Errorf("ticket %q has %d messages", tk.Subject, tk.Seq)
		}
	}
	if tickets != killThreads {
		t.Errorf("%d tickets of %d", tickets, killThreads)
	}
}
