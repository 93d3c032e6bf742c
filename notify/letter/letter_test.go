package letter_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jhillyerd/enmime/v2"

	"github.com/helpdeskgo/helpdesk/notify/letter"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func file(name, kind, id, content string) letter.File {
	return letter.File{Name: name, MediaType: kind, ContentID: id, Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }}
}

func lamp() *letter.Letter {
	return &letter.Letter{
		From: letter.Address{Name: "The Lamp Shop", Email: "support@shop.example"}, To: []letter.Address{{Name: "Ann", Email: "ann@example.com"}},
		Subject: "[#12] Your lamp", Date: time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC), MessageID: "hd.abc@shop.example", Text: "It is on its way.\n", HTML: "<p>It is on its way.</p>",
	}
}

func write(t testing.TB, l *letter.Letter) string {
	t.Helper()
	var b bytes.Buffer
	if err := l.Write(context.Background(), &b); err != nil {
		t.Fatalf("write: %v", err)
	}
	wellFormed(t, b.String(), l.NeedsUTF8())
	return b.String()
}

// wellFormed holds a mail to what RFC 5321 and 5322 ask of its lines.
func wellFormed(t testing.TB, raw string, utf8 bool) {
	t.Helper()
	if rest := strings.ReplaceAll(raw, "\r\n", ""); strings.ContainsAny(rest, "\r\n\x00") {
		t.Errorf("a line ends in something else than CRLF: %q", raw)
	}
	for line := range strings.SplitSeq(raw, "\r\n") {
		if len(line) > 998 {
			t.Errorf("a line of %d bytes: %.100q", len(line), line)
		}
		if !utf8 && !letter.ASCII(line) {
			t.Errorf("not ASCII: %q", line)
		}
	}
}

func envelope(t testing.TB, raw string) *enmime.Envelope {
	t.Helper()
	e, err := enmime.ReadEnvelope(strings.NewReader(raw))
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	for _, x := range e.Errors {
		t.Errorf("read: %v", x)
	}
	return e
}

func TestWrite(t *testing.T) {
	t.Parallel()
	t.Run("M24 a letter is read as it was written", func(t *testing.T) {
		t.Parallel()
		l := lamp()
		l.Subject = "Ваша лампа, der Größe nach: 灯 «12» " + strings.Repeat("и очень длинная тема ", 20)
		l.From.Name, l.To[0].Name = `Müller & "Söhne", GmbH`, "Анна Петровна Длиннофамильная-Оченьдлиннофамильная из Санкт-Петербурга"
		l.Cc = []letter.Address{{Email: "bob@bücher.example"}}
		l.ReplyTo = []letter.Address{{Email: "support+hdxyz@shop.example"}}
		l.Text = "Grüße\n.\n..\nFrom here\n" + strings.Repeat("слово ", 400) + "\n"
		l.HTML = `<p>Grüße <img src="cid:logo@shop"></p>`
		l.InReplyTo, l.References = []string{"c@d"}, []string{"a@b", "c@d"}
		l.Files = []letter.File{file("logo.png", "image/png", "logo@shop", "\x89PNG"), file("Rechnung für März – длинное имя файла, которое не помещается в строку.pdf", "application/pdf", "", "%PDF"), file("note.txt", "text/plain; charset=utf-8", "", "tschüß")}
		e := envelope(t, write(t, l))
		for name, want := range map[string]string{"Subject": strings.TrimSpace(l.Subject), "Message-Id": "<hd.abc@shop.example>", "In-Reply-To": "<c@d>", "References": "<a@b> <c@d>", "Reply-To": "<support+hdxyz@shop.example>"} {
			if got := e.GetHeader(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		for name, want := range map[string]string{"From": l.From.Name + " support@shop.example", "To": l.To[0].Name + " ann@example.com", "Cc": " bob@xn--bcher-kva.example"} {
			list, err := e.AddressList(name)
			if err != nil || len(list) != 1 || list[0].Name+" "+list[0].Address != want {
				t.Errorf("%s: %v, %v", name, list, err)
			}
		}
		if got := strings.ReplaceAll(e.Text, "\r\n", "\n"); got != l.Text {
			t.Errorf("text %q", got)
		}
		if e.HTML != l.HTML || len(e.Inlines) != 1 || e.Inlines[0].ContentID != "logo@shop" || string(e.Inlines[0].Content) != "\x89PNG" {
			t.Errorf("html %q, shown in it %v", e.HTML, e.Inlines)
		}
		var names []string
		for _, a := range e.Attachments {
			names = append(names, a.FileName+"="+a.ContentType+"="+string(a.Content))
		}
		if want := []string{l.Files[1].Name + "=application/pdf=%PDF", "note.txt=text/plain=tschüß"}; !slices.Equal(names, want) {
			t.Errorf("files %q", names)
		}
	})
	t.Run("M24 the same letter is the same bytes, at every attempt", func(t *testing.T) {
		t.Parallel()
		l := lamp()
		l.Files = []letter.File{file("a.png", "image/png", "a@b", "x"), file("b", "", "", "y")}
		if first, again := write(t, l), write(t, l); first != again {
			t.Errorf("%q, and then %q", first, again)
		}
	})
	t.Run("X21 what nobody wrote says so", func(t *testing.T) {
		t.Parallel()
		l := lamp()
		if e := envelope(t, write(t, l)); e.GetHeader("Auto-Submitted") != "" || e.GetHeader("X-Auto-Response-Suppress") != "" {
			t.Error("a person's mail says that it is automatic")
		}
		l.Automatic = letter.Replied
		l.Header = []letter.Field{{Name: ticket.LoopHeader, Value: "desk"}, {Name: "List-Unsubscribe", Value: "<https://shop.example/u/1>"}}
		e := envelope(t, write(t, l))
		for name, want := range map[string]string{"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All", ticket.LoopHeader: "desk", "List-Unsubscribe": "<https://shop.example/u/1>"} {
			if got := e.GetHeader(name); got != want {
				t.Errorf("%s: %q", name, got)
			}
		}
	})
	t.Run("M24 only as many parts as are needed", func(t *testing.T) {
		t.Parallel()
		for want, change := range map[string]func(*letter.Letter){
			"text/plain":            func(l *letter.Letter) { l.HTML = "" },
			"text/html":             func(l *letter.Letter) { l.Text = "" },
			"multipart/alternative": func(*letter.Letter) {},
			"multipart/related":     func(l *letter.Letter) { l.Files = []letter.File{file("a", "image/png", "a@b", "x")} },
			"multipart/mixed":       func(l *letter.Letter) { l.Files = []letter.File{file("a", "image/png", "", "x")} },
		} {
			l := lamp()
			change(l)
			m, err := mail.ReadMessage(strings.NewReader(write(t, l)))
			if err != nil {
				t.Fatal(err)
			}
			if got, _, _ := mime.ParseMediaType(m.Header.Get("Content-Type")); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
	})
	t.Run("M24 a picture without HTML that shows it is a file like others, and mails are files too", func(t *testing.T) {
		t.Parallel()
		l := lamp()
		l.HTML = ""
		l.Files = []letter.File{file("a.png", "image/png", "a@b", "x"), file("m.eml", "message/rfc822", "", "Subject: x\n\nlong"), file("w.csv", "text/csv; charset=windows-1252", "", "\xe9"), file("o", "what?", "", "z")}
		m, err := mail.ReadMessage(strings.NewReader(write(t, l)))
		if err != nil {
			t.Fatal(err)
		}
		_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for r := multipart.NewReader(m.Body, params["boundary"]); ; {
			p, err := r.NextPart()
			if err != nil {
				break
			}
			kind, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type"))
			got = append(got, kind+" "+p.Header.Get("Content-Transfer-Encoding"))
		}
		if want := []string{"text/plain ", "image/png base64", "application/octet-stream base64", "application/octet-stream base64", "application/octet-stream base64"}; !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
	})
}

func TestHostileLetters(t *testing.T) {
	t.Parallel()
	t.Run("M24 no text becomes a header", func(t *testing.T) {
		t.Parallel()
		l := lamp()
		attack := "x\r\nBcc: eve@example.com\r\n\r\n<script>\x00\u2028\u202efdp.exe"
		l.Subject, l.From.Name, l.To[0].Name = attack, attack, attack
		l.Files = []letter.File{file(attack, "image/png\r\nX-Evil: 1", "", "x"), file(`a"; x="b`, "", "", "y")}
		l.InReplyTo, l.References = []string{"a@b>\r\nBcc: e@e"}, []string{"ok@b", "not ok@b", "<x@y>", "ü@y"}
		m, err := mail.ReadMessage(strings.NewReader(write(t, l)))
		if err != nil {
			t.Fatal(err)
		}
		for name := range m.Header {
			if !slices.Contains([]string{"Date", "From", "To", "Subject", "Message-Id", "References", "Mime-Version", "Content-Type"}, name) {
				t.Errorf("a header %s: %q", name, m.Header[name])
			}
		}
		if got := m.Header.Get("References"); got != "<ok@b>" {
			t.Errorf("References %q", got)
		}
		from, err := m.Header.AddressList("From")
		if err != nil || len(from) != 1 || from[0].Name != "x Bcc: eve@example.com <script> fdp.exe" {
			t.Errorf("from %v, %v", from, err)
		}
		if e := envelope(t, write(t, l)); e.Attachments[1].FileName != `a"; x="b` {
			t.Errorf("file %q", e.Attachments[1].FileName)
		}
	})
	t.Run("M24 what is no letter is refused, each fault by its field", func(t *testing.T) {
		t.Parallel()
		err := (&letter.Letter{MessageID: "a b@c", Automatic: "yes", Header: []letter.Field{{"Subject", "x"}, {"X y", "z"}, {"X-Y", "ü"}, {"X-Z", "a\r\nb"}}, Files: []letter.File{{ContentID: "<x@y>"}}}).Check()
		var e *ticket.ValidationError
		if !errors.Is(err, ticket.ErrInvalid) || !errors.As(err, &e) {
			t.Fatalf("%v", err)
		}
		fields := map[string]bool{}
		for _, f := range e.Fields {
			fields[f.Field] = true
		}
		for _, want := range []string{"from", "to", "date", "message_id", "automatic", "text", "header[0].name", "header[1].name", "header[2].value", "header[3].value", "files[0].open", "files[0].content_id"} {
			if !fields[want] {
				t.Errorf("nothing against %s: %v", want, err)
			}
		}
	})
	t.Run("M24 addresses that are none are refused, and those of all the world are taken", func(t *testing.T) {
		t.Parallel()
		for _, email := range []string{"", "a", "@b.c", "a@", "a b@c.d", "a\r\nb@c.d", "a@b@c.d", "<a@b.c>", "a,b@c.d", ".a@b.c", "a..b@c.d", "a@b..c", "a@b c.d", "a@-b.c", "a@localdomain", "a\u200b@b.c", strings.Repeat("a", 65) + "@b.c",
			"a@" + strings.Repeat("b.", 200) + "c", "a\xff@b.c", `"a"@b.c`, "a@b.c>", "a@[127.0.0.1]"} {
			if got, err := letter.Envelope(email); err == nil {
				t.Errorf("%q was taken, as %q", email, got)
			}
		}
		for email, want := range map[string]string{"a@b.c": "a@b.c", "Ann.O'Neil+x=1_%@Mail.Example.com": "Ann.O'Neil+x=1_%@mail.example.com", "иван@пример.рф": "иван@xn--e1afmkfd.xn--p1ai", "a@localhost": "a@localhost"} {
			if got, err := letter.Envelope(email); got != want || err != nil {
				t.Errorf("%q: %q, %v", email, got, err)
			}
		}
		l := lamp()
		if l.NeedsUTF8() {
			t.Error("an ASCII letter needs SMTPUTF8")
		}
		l.To[0].Email = "иван@пример.рф"
		if !l.NeedsUTF8() || !strings.Contains(write(t, l), "иван@xn--e1afmkfd.xn--p1ai") {
			t.Error("an address of all the world is lost")
		}
	})
	t.Run("X24 a file that cannot be read ends the writing, and the error names it", func(t *testing.T) {
		t.Parallel()
		broken := errors.New("the disk is gone")
		for what, open := range map[string]func(context.Context) (io.ReadCloser, error){
			"opening": func(context.Context) (io.ReadCloser, error) { return nil, broken },
			"reading": func(context.Context) (io.ReadCloser, error) {
				return io.NopCloser(io.MultiReader(strings.NewReader(strings.Repeat("x", 100_000)), failing{broken})), nil
			},
		} {
			l := lamp()
			l.Files = []letter.File{{Name: "invoice.pdf", Open: open}}
			var b bytes.Buffer
			err := l.Write(t.Context(), &b)
			var f *letter.FileError
			if !errors.As(err, &f) || f.Name != "invoice.pdf" || !errors.Is(err, broken) {
				t.Errorf("%s: %v", what, err)
			}
			if strings.HasSuffix(b.String(), "--\r\n") {
				t.Errorf("%s: the mail looks finished", what)
			}
		}
		l := lamp()
		l.Files = []letter.File{file("a", "", "", strings.Repeat("x", 10_000))}
		var f *letter.FileError
		if err := l.Write(t.Context(), &full{500}); err == nil || errors.As(err, &f) {
			t.Errorf("a mail that cannot be written: %v", err)
		}
	})
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// full takes so many bytes.
type full struct{ left int }

func (f *full) Write(b []byte) (int, error) {
	if f.left -= len(b); f.left < 0 {
		return 0, errors.New("no room")
	}
	return len(b), nil
}

// FuzzLetter writes letters of whatever people write, and reads them again.
func FuzzLetter(f *testing.F) {
	f.Add("Subject", "Name", "name.txt", "text/plain", "Text", "<p>HTML</p>", "a@b")
	f.Add("0", "\xe7\\", "0", "0", "0", "0", "0")
	f.Add("=?utf-8?q?x?=", `"`, "\xff", "image/png; name=x", "\r\n.\r\n", "", "<>")
	f.Add(strings.Repeat("ü", 600), strings.Repeat("a", 1200), strings.Repeat("ы", 300), "a/b;c=\"d\"", "a\rb\nc", "\x00", strings.Repeat("x", 990)+"@y")
	f.Fuzz(func(t *testing.T, subject, name, filename, kind, text, html, id string) {
		l := lamp()
		l.Subject, l.From.Name, l.Text, l.HTML, l.References = subject, name, text, html, []string{id, "a@b"}
		l.Files = []letter.File{file(filename, kind, "", "content"), file(filename, kind, "x@y", "shown")}
		if l.Text+l.HTML == "" {
			l.Text = "x"
		}
		m, err := mail.ReadMessage(strings.NewReader(write(t, l)))
		if err != nil {
			t.Fatal(err)
		}
		for name, values := range m.Header {
			if len(values) != 1 || !slices.Contains([]string{"Date", "From", "To", "Subject", "Message-Id", "References", "Mime-Version", "Content-Type"}, name) {
				t.Errorf("header %s: %q", name, values)
			}
		}
		if list, err := m.Header.AddressList("From"); err != nil || len(list) != 1 || list[0].Address != "support@shop.example" {
			t.Errorf("from %v, %v", list, err)
		}
		contents := fmt.Sprint(leaves(t, m.Header.Get("Content-Type"), m.Body))
		if !strings.Contains(contents, "base64 Y29udGVudA==") || !strings.Contains(contents, "base64 c2hvd24=") {
			t.Errorf("files are lost: %s", contents)
		}
	})
}

// leaves are the parts of a mail that are no multipart, with their encodings, as they stand in it.
func leaves(t testing.TB, kind string, body io.Reader) (out []string) {
	kind, params, err := mime.ParseMediaType(kind)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(kind, "multipart/") {
		t.Fatalf("%s", kind)
	}
	for r := multipart.NewReader(body, params["boundary"]); ; {
		p, err := r.NextRawPart()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		if of := p.Header.Get("Content-Type"); strings.HasPrefix(of, "multipart/") {
			out = append(out, leaves(t, of, p)...)
			continue
		}
		b, err := io.ReadAll(p)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p.Header.Get("Content-Transfer-Encoding")+" "+strings.TrimSpace(string(b)))
	}
}
