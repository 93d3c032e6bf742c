package smtp_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/notify/letter"
	"github.com/helpdeskgo/helpdesk/notify/smtp"
)

// scripted is a server that does with each line that comes in what the test says: it answers, and goes on or not.
func scripted(t testing.TB, greeting string, answer func(line string) (text string, goOn bool)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			talk(c, greeting, answer)
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return l.Addr().String()
}

func talk(c net.Conn, greeting string, answer func(string) (string, bool)) {
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(30 * time.Second))
	_, _ = io.WriteString(c, greeting)
	for r := bufio.NewReader(c); ; {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		text, goOn := answer(strings.TrimSpace(line))
		_, _ = io.WriteString(c, text)
		if !goOn {
			return
		}
	}
}

// polite answers as a server does, but where instead says otherwise.
func polite(instead func(line string) (text string, goOn, known bool)) func(string) (string, bool) {
	inside := false
	return func(line string) (string, bool) {
		if text, goOn, known := instead(line); known {
			return text, goOn
		}
		word, _, _ := strings.Cut(line, " ")
		switch {
		case inside && line == ".":
			inside = false
			return "250 taken\r\n", true
		case inside:
			return "", true
		case word == "DATA":
			inside = true
			return "354 go on\r\n", true
		case word == "QUIT":
			return "221 bye\r\n", false
		}
		return "250 ok\r\n", true
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	const hello = "220 here\r\n"
	on := func(prefix, text string, goOn bool) func(string) (string, bool, bool) {
		return func(line string) (string, bool, bool) { return text, goOn, strings.HasPrefix(line, prefix) }
	}
	for what, c := range map[string]struct {
		greeting string
		instead  func(string) (string, bool, bool)
		want     smtp.Error // its Err is not compared
	}{
		"is gone before it greets":             {"", on("EHLO", "", false), smtp.Error{Stage: smtp.Connecting, Server: true}},
		"wants nobody":                         {"554 not you\r\n", on("EHLO", "", false), smtp.Error{Stage: smtp.Connecting, Server: true, Code: 554}},
		"greets with noise":                    {"\x00\xff\r\n", on("EHLO", "", false), smtp.Error{Stage: smtp.Connecting, Server: true}},
		"is gone at the sender":                {hello, on("MAIL", "", false), smtp.Error{Stage: smtp.Sender, Server: true}},
		"is gone at the recipient":             {hello, on("RCPT", "", false), smtp.Error{Stage: smtp.Recipient, Server: true}},
		"is gone before the letter":            {hello, on("DATA", "", false), smtp.Error{Stage: smtp.Content, Server: true}},
		"wants no letter now":                  {hello, on("DATA", "451 4.3.0 later\r\n", true), smtp.Error{Stage: smtp.Content, Code: 451, Status: "4.3.0"}},
		"is gone after the letter":             {hello, on(".", "", false), smtp.Error{Stage: smtp.Content, Server: true, Unclear: true}},
		"answers the letter with noise":        {hello, on(".", "what?\r\n", false), smtp.Error{Stage: smtp.Content, Server: true, Unclear: true}},
		"says nothing to the sender":           {hello, on("MAIL", "", true), smtp.Error{Stage: smtp.Sender, Server: true}},
		"says nothing to the letter":           {hello, on(".", "", true), smtp.Error{Stage: smtp.Content, Server: true, Unclear: true}},
		"never ends a line":                    {hello, on("MAIL", "250 "+strings.Repeat("x", 1<<20), true), smtp.Error{Stage: smtp.Sender, Server: true}},
		"has forgotten who logged in":          {hello, on("MAIL", "530 5.7.0 log in first\r\n", true), smtp.Error{Stage: smtp.Sender, Server: true, Code: 530, Status: "5.7.0"}},
		"cannot tell who logged in now":        {hello, on("MAIL", "454 4.7.0 later\r\n", true), smtp.Error{Stage: smtp.Sender, Server: true, Code: 454, Status: "4.7.0"}},
		"wants a login for a recipient":        {hello, on("RCPT", "530 5.7.1 log in first\r\n", true), smtp.Error{Stage: smtp.Recipient, Permanent: true, Code: 530, Status: "5.7.1"}},
		"cannot check the signature":           {hello, on(".", "550 5.7.20 no passing signature\r\n", true), smtp.Error{Stage: smtp.Content, Code: 550, Status: "5.7.20"}},
		"closes for the night with the letter": {hello, on(".", "421 4.3.2 good night\r\n", false), smtp.Error{Stage: smtp.Content, Server: true, Code: 421, Status: "4.3.2"}},
	} {
		t.Run("M24 a server that "+what, func(t *testing.T) {
			t.Parallel()
			limit := 300 * time.Millisecond
			s := server(t, smtp.Options{Address: scripted(t, c.greeting, polite(c.instead)), Security: smtp.Plain, Timeout: limit})
			start := time.Now()
			e := failed(t, s.Send(t.Context(), lamp(), shop, ann))
			if e.Err = nil; *e != c.want {
				t.Errorf("%+v, want %+v", *e, c.want)
			}
			if took := time.Since(start); took > 30*limit {
				t.Errorf("took %v", took)
			}
		})
	}
	t.Run("M24 a server that takes no more of a long letter is left", func(t *testing.T) {
		t.Parallel()
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		stop, done := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(done)
			c, err := l.Accept()
			if err != nil {
				return
			}
			defer c.Close()
			_, _ = io.WriteString(c, hello+"250 a\r\n250 b\r\n250 c\r\n354 d\r\n")
			<-stop // and reads nothing
		}()
		s := server(t, smtp.Options{Address: l.Addr().String(), Security: smtp.Plain, Timeout: 300 * time.Millisecond})
		long := lamp()
		long.Files = []letter.File{{Name: "film", Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(io.LimitReader(zeros{}, 1<<30)), nil }}}
		e := failed(t, s.Send(t.Context(), long, shop, ann))
		if e.Stage != smtp.Content || !e.Server || e.Unclear {
			t.Errorf("%+v", e)
		}
		close(stop)
		<-done
	})
	t.Run("M24 who gives up waiting does so at once, and the reason is theirs", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancelCause(t.Context())
		tired := errors.New("tired")
		s := server(t, smtp.Options{Security: smtp.Plain, Address: scripted(t, hello, polite(func(line string) (string, bool, bool) {
			if strings.HasPrefix(line, "RCPT") {
				cancel(tired)
				return "", true, true
			}
			return "", false, false
		}))})
		if err := s.Send(ctx, lamp(), shop, ann); !errors.Is(err, tired) || failed(t, err).Stage != smtp.Recipient {
			t.Errorf("%v", err)
		}
		if err := s.Send(ctx, lamp(), shop, ann); !errors.Is(err, tired) {
			t.Errorf("%v", err)
		}
	})
	t.Run("M24 nobody there", func(t *testing.T) {
		t.Parallel()
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		_ = l.Close()
		e := failed(t, server(t, smtp.Options{Address: l.Addr().String(), Security: smtp.Plain}).Send(t.Context(), lamp(), shop, ann))
		if e.Stage != smtp.Connecting || !e.Server || e.Permanent {
			t.Errorf("%+v", e)
		}
	})
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }

// FuzzAnswers gives a client what no server should say. A letter is sent or it is not; nothing panics, nothing hangs.
func FuzzAnswers(f *testing.F) {
	f.Add([]byte("220 a\r\n250-b\r\n250 AUTH PLAIN\r\n250 c\r\n250 d\r\n354 e\r\n250 f\r\n221 g\r\n"))
	f.Add([]byte("220-a\r\n220 b\r\n500 no\r\n250 c\r\n550 5.1.1 d\r\n"))
	f.Add([]byte("999 \r\n\r\n-1 x\r\n"))
	f.Fuzz(func(t *testing.T, answers []byte) {
		client, host := net.Pipe()
		done := make(chan struct{})
		go func() {
			defer close(done)
			go func() { _, _ = io.Copy(io.Discard, host) }()
			_, _ = host.Write(answers)
			_ = host.Close()
		}()
		s, err := smtp.New(smtp.Options{Address: "localhost:25", Security: smtp.Plain, Timeout: 5 * time.Second, Username: "shop", Password: "secret",
			Dial: func(context.Context, string, string) (net.Conn, error) { return client, nil }})
		if err != nil {
			t.Fatal(err)
		}
		err = s.Send(context.Background(), lamp(), shop, ann)
		var e *smtp.Error
		if err != nil && !errors.As(err, &e) {
			t.Errorf("%v", err)
		}
		if err == nil && strings.Count(string(answers), "250") < 3 {
			t.Errorf("sent, by %q", answers)
		}
		_ = s.Close()
		_ = client.Close()
		<-done
	})
}
