package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/helpdeskgo/helpdesk/internal/dovecot"
)

// deposit puts mails into an inbox as another program would.
func deposit(t *testing.T, address, user, password string, mails ...[]byte) {
	t.Helper()
	c, err := imapclient.DialInsecure(address, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login(user, password).Wait(); err != nil {
		t.Fatal(err)
	}
	for _, raw := range mails {
		cmd := c.Append("INBOX", int64(len(raw)), nil)
		if _, err := cmd.Write(raw); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := cmd.Wait(); err != nil {
			t.Fatal(err)
		}
	}
}

const lateMail = "From: Hal Example <hal@example.com>\r\nSubject: One more lamp\r\nMessage-ID: <late-1@example.com>\r\n\r\nAnother foot, another break.\r\n"

// running is the command while it watches a mailbox.
type running struct {
	out  *listener
	stop func() result
}

// start runs the command until it watches.
func start(t *testing.T, args ...string) running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	watching, done := make(chan struct{}), make(chan int, 1)
	out, errs := &listener{want: "watching", heard: func() { close(watching) }}, &listener{}
	go func() {
		done <- command(ctx, append(args, "-once=false"), func(string) string { return dovecot.Password }, out, errs)
	}()
	stop := func() result { cancel(); return result{<-done, out.String(), errs.String()} }
	select {
	case <-watching:
	case status := <-done:
		cancel()
		t.Fatalf("it ended with status %d: %s\n%s", status, errs.String(), out.String())
	}
	return running{out, stop}
}

// hear waits until the command has written want.
func (r running) hear(t *testing.T, want string) {
	t.Helper()
	heard := make(chan struct{})
	r.out.listen(want, func() { close(heard) })
	select {
	case <-heard:
	case <-t.Context().Done():
		t.Fatalf("%q was not written: %s", want, r.out)
	}
}

func TestMailThatComesInLater(t *testing.T) {
	t.Parallel()
	db := filepath.Join(t.TempDir(), "helpdesk.db")
	r := start(t, "-db", db, "-every", "50ms")
	_, address, _ := strings.Cut(r.out.String(), "of our own at ")
	address, _, _ = strings.Cut(address, ",")
	deposit(t, address, userName, userPassword, []byte(lateMail))
	r.hear(t, "hal@example.com: One more lamp (message 1)")
	r.stop().closed(t, db)
}

func TestDovecot(t *testing.T) {
	t.Parallel()
	server := dovecot.Start(t)
	mails, err := ownMails()
	if err != nil {
		t.Fatal(err)
	}
	deposit(t, server.Addr, dovecot.Username, dovecot.Password, mails...)
	db := filepath.Join(t.TempDir(), "helpdesk.db")
	args := []string{"-db", db, "-imap", "imap+insecure://" + dovecot.Username + "@" + server.Addr + "/INBOX"}
	once := func(want string) {
		t.Helper()
		var out, errs bytes.Buffer
		status := command(t.Context(), args, func(string) string { return dovecot.Password }, &out, &errs)
		if got := (result{status, out.String(), errs.String()}).good(t); !strings.Contains(got, want) || strings.Contains(got, "bob") {
			t.Errorf("want %q, and nothing worked:\n%s", want, got)
		}
	}
	once("fetched  12 new: 9 opened a ticket, 2 answered one, 1 kept as a note\n")
	once("fetched  nothing new\n")

	r := start(t, append(args, "-every", "50ms")...)
	deposit(t, server.Addr, dovecot.Username, dovecot.Password, []byte(lateMail))
	r.hear(t, "hal@example.com: One more lamp (message 1)")
	r.stop().closed(t, db)
}
