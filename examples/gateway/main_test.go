package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/dovecot"
)

const mail = "From: Ann <ann@example.com>\r\nMessage-ID: <1@example.com>\r\nSubject: Lamp\r\n\r\nIt is broken.\r\n"

// key is one for secrets.
var key = strings.Repeat("0f", 32)

// run runs the command and returns what it printed.
func run(t *testing.T, password string, args ...string) (status int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	env := func(name string) string { return map[string]string{"MAIL_PASSWORD": password, "DESK_KEY": key}[name] }
	status = command(t.Context(), args, env, &o, &e)
	return status, o.String(), e.String()
}

// server is a Dovecot with a mail in it, and the flags that lead there.
func server(t *testing.T) (flags []string, pop string) {
	t.Helper()
	d := dovecot.Start(t)
	d.Deliver(t, []byte(mail))
	authority := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(authority, d.CertPEM, 0o600); err != nil {
		t.Fatal(err)
	}
	store := "sqlite:" + filepath.Join(t.TempDir(), "desk.db")
	return []string{"-mailbox", "imaps://" + dovecot.Username + "@" + d.AddrTLS, "-store", store, "-ca", authority}, "pop3s://" + dovecot.Username + "@" + d.POP3TLS
}

func TestOnce(t *testing.T) {
	t.Parallel()
	flags, pop := server(t)
	once := append(flags, "-once", "-done", "move:Done")
	status, out, errs := run(t, dovecot.Password, once...)
	if status != 0 || !strings.Contains(out, "is opened in ticket 1:") || !strings.Contains(out, "the mailbox is well") {
		t.Fatalf("%d\n%s\n%s", status, out, errs)
	}
	if status, out, errs := run(t, dovecot.Password, once...); status != 0 || strings.Contains(out, "ticket") {
		t.Errorf("again: %d\n%s\n%s", status, out, errs)
	}
	status, out, errs = run(t, dovecot.Password, append(flags, "-mailbox", pop, "-once", "-name", "pop")...)
	if status != 0 || strings.Contains(out, "opened") {
		t.Errorf("it was moved away: %d\n%s\n%s", status, out, errs)
	}
}

func TestDiagnose(t *testing.T) {
	t.Parallel()
	flags, _ := server(t)
	if status, out, errs := run(t, dovecot.Password, append(flags, "-diagnose")...); status != 0 || !strings.Contains(out, "1 mails") {
		t.Errorf("%d\n%s\n%s", status, out, errs)
	}
	if status, _, errs := run(t, "wrong", append(flags, "-diagnose")...); status != 1 || !strings.Contains(errs, "check the user name and the password") {
		t.Errorf("%d\n%s", status, errs)
	}
}

func TestStored(t *testing.T) {
	t.Parallel()
	flags, pop := server(t)
	store := flags[2:4:4]
	for _, args := range [][]string{{"-done", "move:Done", "-address", "imap@desk.example", "-save"}, {"-name", "pop", "-mailbox", pop, "-address", "pop@desk.example", "-save"}} {
		if status, out, errs := run(t, dovecot.Password, append(flags, args...)...); status != 0 || !strings.Contains(out, "stored, version 1") {
			t.Fatalf("%d\n%s\n%s", status, out, errs)
		}
	}
	status, out, errs := run(t, "", append(store, "-all", "-once")...)
	if status != 0 || strings.Count(out, "opened in ticket 1:") != 1 || strings.Count(out, "the mailbox is well") != 2 {
		t.Errorf("%d\n%s\n%s", status, out, errs)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	shows, ended := new(shown), make(chan int, 1)
	go func() {
		ended <- command(ctx, append(store, "-all", "-every", "10ms"), func(string) string { return key }, shows, new(shown))
	}()
	for strings.Count(shows.String(), "the mailbox is well") < 2 && ctx.Err() == nil {
		<-time.After(10 * time.Millisecond)
	}
	cancel()
	if status := <-ended; status != 0 {
		t.Errorf("%d\n%s", status, shows.String())
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	db := "sqlite:" + filepath.Join(t.TempDir(), "desk.db")
	for _, c := range []struct {
		want string
		args []string
	}{
		{"name a mailbox", nil},
		{"name a mailbox", []string{"-all", "-mailbox", "imaps://u@h"}},
		{"addresses", []string{"-mailbox", "imaps://u@h", "-store", db, "-save"}},
		{"names no store", []string{"-mailbox", "imaps://u@h", "-store", "nothing"}},
		{"user or host is missing", []string{"-mailbox", "imaps://h", "-store", db}},
		{"is none of keep", []string{"-mailbox", "imaps://u@h", "-store", db, "-done", "burn"}},
		{"POP3 can keep or delete", []string{"-mailbox", "pop3s://u@h", "-store", db, "-done", "flag"}},
		{"no such file", []string{"-mailbox", "imaps://u@h", "-store", db, "-ca", "/nowhere.pem"}},
		{"client_id", []string{"-mailbox", "imaps://u@h", "-store", db, "-token-url", "google"}},
	} {
		if status, _, errs := run(t, "secret", c.args...); status == 0 || !strings.Contains(errs, c.want) {
			t.Errorf("%q: %d\n%s", c.args, status, errs)
		}
	}
}

// shown is what a running command prints.
type shown struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *shown) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *shown) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func TestWatch(t *testing.T) {
	t.Parallel()
	flags, _ := server(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, ended := new(shown), make(chan int, 1)
	go func() {
		ended <- command(ctx, append(flags, "-every", "10ms"), func(string) string { return dovecot.Password }, out, new(shown))
	}()
	for !strings.Contains(out.String(), "the mailbox is well") && ctx.Err() == nil {
		<-time.After(10 * time.Millisecond)
	}
	cancel()
	if status := <-ended; status != 0 || !strings.Contains(out.String(), "the mailbox is well") {
		t.Errorf("%d\n%s", status, out.String())
	}
}
