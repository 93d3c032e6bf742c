package letter

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/mail"
	"strings"
	"unicode"

	"github.com/emersion/go-message"
	mailheader "github.com/emersion/go-message/mail"
)

// FileError says which file of a letter could not be read. What was written until then must not be taken for the mail.
type FileError struct {
	Name string
	Err  error
}

// Error says which and why.
func (e *FileError) Error() string { return fmt.Sprintf("attach %q: %v", e.Name, e.Err) }

// Unwrap returns the cause.
func (e *FileError) Unwrap() error { return e.Err }

// Write writes the letter, with lines that end in CRLF. Errors: those of Check; *FileError; those of w.
func (l *Letter) Write(ctx context.Context, w io.Writer) error {
	if err := l.Check(); err != nil {
		return err
	}
	inline, attached := l.files()
	body := l.body()
	if len(inline) > 0 {
		body = l.multipart("related", append([]part{body}, inline...))
	}
	if len(attached) > 0 {
		body = l.multipart("mixed", append([]part{body}, attached...))
	}
	h := l.header()
	for f := body.header.Fields(); f.Next(); {
		h.Set(f.Key(), f.Value())
	}
	to, err := message.CreateWriter(w, h)
	if err != nil {
		return fmt.Errorf("write a mail: %w", err)
	}
	return finish(ctx, to, body)
}

// part is one of the tree that a mail is.
type part struct {
	header message.Header
	parts  []part // of a multipart
	write  func(ctx context.Context, w io.Writer) error
}

// finish writes the content of a part whose header is written.
func finish(ctx context.Context, w *message.Writer, p part) error {
	for _, child := range p.parts {
		to, err := w.CreatePart(child.header)
		if err != nil {
			return fmt.Errorf("write a mail: %w", err)
		}
		if err := finish(ctx, to, child); err != nil {
			return err
		}
	}
	if p.write != nil {
		if err := p.write(ctx, w); err != nil {
			return err
		}
	}
	return w.Close()
}

// multipart is a part of parts. Its boundary comes of the letter's id, which nobody knew when the parts were written.
func (l *Letter) multipart(kind string, parts []part) part {
	sum := sha256.Sum256([]byte(kind + " " + l.MessageID))
	p := part{parts: parts}
	p.header.SetContentType("multipart/"+kind, map[string]string{"boundary": "hd-" + hex.EncodeToString(sum[:12])})
	return p
}

// body is the text in its one or two forms.
func (l *Letter) body() part {
	switch {
	case l.HTML == "":
		return textual("plain", l.Text)
	case l.Text == "":
		return textual("html", l.HTML)
	}
	return l.multipart("alternative", []part{textual("plain", l.Text), textual("html", l.HTML)})
}

func textual(kind, text string) part {
	text = strings.ToValidUTF8(text, "\uFFFD")
	p := part{write: func(_ context.Context, w io.Writer) error {
		b := bufio.NewWriterSize(w, 1024) // w, which encodes, would have a copy of all of it
		_, err := b.WriteString(text)
		return errors.Join(err, b.Flush())
	}}
	p.header.SetContentType("text/"+kind, map[string]string{"charset": "utf-8"})
	p.header.Set("Content-Transfer-Encoding", "quoted-printable")
	if dense(text) {
		p.header.Set("Content-Transfer-Encoding", "base64")
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n") // canonical, RFC 2049, 4
	}
	return p
}

// dense reports whether quoted-printable would make more of a text than base64 does.
func dense(text string) bool {
	high := 0
	for i := range len(text) {
		if text[i] >= 0x80 {
			high++
		}
	}
	return high*6 > len(text)
}

// files are the parts that the HTML shows, and those that stand behind.
func (l *Letter) files() (inline, attached []part) {
	for _, f := range l.Files {
		p := f.part()
		if f.ContentID != "" && l.HTML != "" {
			inline = append(inline, p)
			continue
		}
		attached = append(attached, p)
	}
	return inline, attached
}

func (f File) part() part {
	p := part{write: f.copyTo}
	name := oneLine(f.Name)
	kind, disposition := mediaType(f.MediaType), "attachment"
	if f.ContentID != "" {
		disposition = "inline"
		p.header.Set("Content-Id", "<"+f.ContentID+">")
	}
	p.header.Set("Content-Type", kind)
	p.header.Set("Content-Disposition", disposition)
	if name != "" {
		p.header.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": name})) // RFC 2231
		p.header.Set("Content-Type", kind+`; name="`+older(name)+`"`)
	}
	p.header.Set("Content-Transfer-Encoding", "base64")
	return p
}

// older is a name as mail programs understand it that know nothing of RFC 2231.
func older(name string) string {
	if !ASCII(name) {
		return mime.BEncoding.Encode("utf-8", name)
	}
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name)
}

func (f File) copyTo(ctx context.Context, w io.Writer) error {
	from, err := f.Open(ctx)
	if err != nil {
		return &FileError{f.Name, err}
	}
	defer func() { _ = from.Close() }()
	read := &reading{Reader: from}
	if _, err := io.Copy(w, read); err != nil {
		if read.err != nil {
			return &FileError{f.Name, read.err}
		}
		return err
	}
	return nil
}

// reading tells an error of the file from one of the mail.
type reading struct {
	io.Reader
	err error
}

func (r *reading) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(b)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}

// mediaType is what a file is said to be. Mails and parts of mails may not be encoded (RFC 2046, 5.1 and 5.2), and what
// says its charset in another than ours is nothing that a name does not say as well.
func mediaType(s string) string {
	const bytes = "application/octet-stream"
	kind, params, err := mime.ParseMediaType(s)
	if err != nil || !strings.Contains(kind, "/") || strings.HasPrefix(kind, "multipart/") || strings.HasPrefix(kind, "message/") {
		return bytes
	}
	switch strings.ToLower(params["charset"]) {
	case "":
		return kind
	case "utf-8", "us-ascii":
		return kind + "; charset=" + strings.ToLower(params["charset"])
	}
	return bytes
}

// header is that of the mail, without what its content is.
func (l *Letter) header() message.Header {
	var h mailheader.Header
	h.SetDate(l.Date)
	for _, x := range []struct {
		name string
		list []Address
	}{{"From", []Address{l.From}}, {"Reply-To", l.ReplyTo}, {"To", l.To}, {"Cc", l.Cc}} {
		if len(x.list) > 0 {
			h.Set(x.name, addresses(x.list))
		}
	}
	h.SetMessageID(l.MessageID)
	h.SetMsgIDList("In-Reply-To", ids(l.InReplyTo, 1))
	h.SetMsgIDList("References", ids(l.References, maxReferences))
	if l.Automatic != "" {
		h.Set("Auto-Submitted", l.Automatic)
		h.Set("X-Auto-Response-Suppress", "All")
	}
	for _, f := range l.Header {
		h.Add(f.Name, f.Value)
	}
	h.SetSubject(oneLine(l.Subject))
	return h.Header
}

// maxReferences is how many ids References lists: the first, by which mail programs know the thread, and the last ones.
const maxReferences = 20

func ids(list []string, most int) []string {
	var out []string
	for _, id := range list {
		if proper(id) {
			out = append(out, id)
		}
	}
	if len(out) > most {
		out = append(out[:1], out[len(out)-most+1:]...)
	}
	return out
}

func addresses(list []Address) string {
	var out []string
	for _, a := range list {
		email, err := Envelope(a.Email)
		if err != nil {
			continue // Check has refused it
		}
		text := (&mail.Address{Address: email}).String()
		switch name := oneLine(a.Name); {
		case ASCII(name):
			text = (&mail.Address{Name: name, Address: email}).String()
		default: // in base64, for what else may stand in a name depends on where (RFC 2047, 5)
			text = mime.BEncoding.Encode("utf-8", name) + " " + text
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

// maxLine is how much of a name or a subject is written, in bytes.
const maxLine = 1000

// oneLine is a text as it may stand in a header: one line, without what would not be seen.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return -1 // turns the letters around that follow: a name would end in what it does not end in
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > maxLine {
		s = strings.ToValidUTF8(s[:maxLine], "")
	}
	return s
}
