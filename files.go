package helpdesk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/internal/content"
	"github.com/helpdeskgo/helpdesk/internal/policy"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// gateFiles shows each file to the gates, before its content is read.
func (d *Desk) gateFiles(ctx context.Context, actor ticket.Actor, t *ticket.Ticket, files []ticket.Upload) error {
	g := &d.hooks.TicketAttachmentValidation
	if g.Empty() {
		return nil
	}
	var errs []error
	for _, f := range files {
		if f.Missing != "" {
			continue // nothing of it will be stored
		}
		in := hooks.Attaching{Actor: actor, File: fileOf(f)}
		if t != nil {
			in.Ticket = t.Clone()
		}
		errs = append(errs, g.RunWithin(ctx, d.gateLimit(ctx), in))
	}
	return mergeRefusals(errs...)
}

func fileOf(u ticket.Upload) ticket.File {
	return ticket.File{Name: fileName(u.Name), Type: cmp.Or(u.Type, "application/octet-stream"), Size: u.Size, ContentID: u.ContentID, Inline: u.Inline, Missing: u.Missing}
}

func fileName(name string) string { return cmp.Or(ticket.FileName(name), "file") }

// tooBig stands in File.Missing of what a mail brought and the limits do not take.
const tooBig = "too big to keep: the raw mail has it"

// byMail reports whether nobody waits for an answer who could mend what they send.
func byMail(a ticket.Actor) bool { return a.Channel == ticket.ChannelEmail }

// limit is one bound on what is read.
type limit struct {
	left    int64
	message string
}

// meter counts what is read of a file against the limits.
type meter struct {
	r      io.Reader
	n      int64
	limits []limit
}

// errOver says that a limit was passed; it is a ticket.ValidationError as well.
type errOver struct{ *ticket.ValidationError }

func (e errOver) Unwrap() error { return e.ValidationError }

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.n += int64(n)
	for _, l := range m.limits {
		if m.n > l.left {
			return 0, errOver{ticket.Invalid("files", ticket.FaultTooLarge, "%s", l.message)}
		}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("read the file: %w", err)
	}
	return n, err
}

// meter begins to count a file of the intake.
func (in *intake) meter(u ticket.Upload, name string, total, already int64) *meter {
	l := in.d.cfg.Limits
	return &meter{r: u.Content, limits: []limit{
		{l.File, fileOver(l, name)},
		{l.UploadSize - total, filesOver(l)},
		{l.TicketFiles - already - total, ticketFull(l)},
	}}
}

// takeFiles reads the files of a message, ahead of the message, and has them scanned. t is nil for a new ticket.
func (d *Desk) takeFiles(ctx context.Context, actor ticket.Actor, t *ticket.Ticket, uploads []ticket.Upload) (_ *intake, err error) {
	in := d.newIntake()
	whole := false
	defer func() {
		if !whole { // also after a panic of somebody's reader
			in.drop(ctx)
		}
	}()
	var total, already int64
	if t != nil {
		already = t.FileBytes
	}
	for _, u := range uploads {
		f := fileOf(u)
		if u.Missing != "" {
			f.Size = sizeOf(u, d.cfg.Limits.File)
			in.add(f, nil)
			continue
		}
		m := in.meter(u, f.Name, total, already)
		h, err := in.take(ctx, m)
		var over errOver
		switch {
		case err == nil:
			f.Size, f.Blob = h.size, h.blob
			total += h.size
		case errors.As(err, &over) && byMail(actor):
			f.Size, f.Missing = max(u.Size, m.n), tooBig
		default:
			return nil, err
		}
		in.add(f, h)
	}
	if err := in.scan(ctx, actor, t); err != nil {
		return nil, err
	}
	if err := in.renew(ctx); err != nil {
		return nil, err
	}
	whole = true
	return in, nil
}

func (in *intake) add(f ticket.File, h *taken) {
	in.files, in.held = append(in.files, f), append(in.held, h)
}

// sizeOf finds out how long a file is that is not stored, up to limit where it must be read for that.
func sizeOf(u ticket.Upload, limit int64) int64 {
	if known := declared(u); known > 0 || u.Content == nil {
		return known
	}
	n, _ := io.Copy(io.Discard, io.LimitReader(u.Content, limit)) // what cannot be read is not stored either
	return n
}

// scan shows the contents to the gates. A mail does not get lost over a file that a gate refuses on purpose: the name
// stays, with the reason.
func (in *intake) scan(ctx context.Context, actor ticket.Actor, t *ticket.Ticket) error {
	d := in.d
	g := &d.hooks.TicketAttachmentScan
	if g.Empty() {
		return nil
	}
	var errs []error
	for i, h := range in.held {
		if h == nil {
			continue
		}
		about := hooks.Scanning{Actor: actor, File: in.files[i], Open: func(ctx context.Context) (io.ReadSeekCloser, error) { return h.open(ctx, d) }}
		if t != nil {
			about.Ticket = t.Clone()
		}
		err := g.RunWithin(ctx, d.gateLimit(ctx), about)
		var refusal *hooks.Refusal
		if byMail(actor) && errors.As(err, &refusal) && refusal.Final() {
			in.leaveOut(ctx, i, reasonOf(refusal))
			continue
		}
		errs = append(errs, err)
	}
	return mergeRefusals(errs...)
}

// leaveOut keeps the name of a file without its content.
func (in *intake) leaveOut(ctx context.Context, i int, why string) {
	h := in.held[i]
	in.held[i] = nil
	in.files[i].Blob, in.files[i].Missing = "", clip(why, in.d.cfg.Limits.Text/2)
	in.abandon(ctx, h)
}

// reasonOf is what gates said, on one line.
func reasonOf(r *hooks.Refusal) string {
	var v *ticket.ValidationError
	if !errors.As(r, &v) {
		return "refused"
	}
	var parts []string
	for _, f := range v.Fields {
		parts = append(parts, f.Message)
	}
	return cmp.Or(strings.Join(strings.Fields(strings.Join(parts, "; ")), " "), "refused")
}

// attach has a new message keep what was taken in for it, and its raw mail.
func (w *write) attach(ctx context.Context, m *ticket.Message, in *intake) error {
	m.Files = slices.Clone(in.files)
	for i, h := range in.held {
		if h == nil {
			continue
		}
		why, err := w.notKept(m.Files[i])
		if err != nil {
			return err
		}
		if why == "" {
			w.after.FileBytes += h.size
			err = w.d.keep(ctx, w.tx, h, m.ID)
		} else {
			m.Files[i].Blob, m.Files[i].Missing = "", why
			err = w.d.abandon(ctx, w.tx, h.key, h.place)
		}
		if err != nil {
			return err
		}
	}
	if m.Mail != nil && m.Mail.Raw != "" {
		if err := share(ctx, w.tx, m.Mail.Raw, m.ID); err != nil {
			return fmt.Errorf("raw mail: %w", err)
		}
	}
	if len(blobsOf(m)) == 0 {
		return nil
	}
	return putAge(ctx, w.tx, m.CreatedAt, m.ID, "")
}

// notKept says why the content of a file is not kept, by the settings and the ticket as they are now: others may have
// changed them since it was read. The error is for who can be told.
func (w *write) notKept(f ticket.File) (why string, err error) {
	s, l := w.settings(), w.d.cfg.Limits
	refused, full := policy.Files(s, w.actor), w.after.FileBytes+f.Size > l.TicketFiles
	switch {
	case refused != "" && !byMail(w.actor):
		return "", ticket.Invalid("files", ticket.FaultNotAllowed, "%s: send the message without", refused)
	case full && !byMail(w.actor):
		return "", ticket.Invalid("files", ticket.FaultTooLarge, "%s", ticketFull(l))
	case full:
		return cmp.Or(refused, policy.FileType(s, f.Name), tooBig), nil
	}
	return cmp.Or(refused, policy.FileType(s, f.Name)), nil
}

// detach ends that a message keeps contents.
func (w *write) detach(ctx context.Context, m *ticket.Message) error {
	blobs := blobsOf(m)
	if len(blobs) == 0 {
		return nil
	}
	for _, blob := range blobs {
		if err := w.d.release(ctx, w.tx, blob, m.ID); err != nil {
			return err
		}
	}
	return w.tx.DeleteRecord(ctx, kindAge, ageKey(m.CreatedAt, m.ID))
}

// blobsOf lists every content that a message keeps, each once.
func blobsOf(m *ticket.Message) []string {
	var out []string
	add := func(b string) {
		if b != "" && !slices.Contains(out, b) {
			out = append(out, b)
		}
	}
	for _, f := range m.Files {
		add(f.Blob)
	}
	if m.Mail != nil {
		add(m.Mail.Raw)
	}
	return out
}

// bytesOf is what the files of a message count of its ticket's.
func bytesOf(m *ticket.Message) (n int64) {
	for _, f := range m.Files {
		if f.Blob != "" {
			n += f.Size
		}
	}
	return n
}

// Files are what messages have attached, and the mails that they came in as.
type Files struct{ d *Desk }

// Files returns the group of verbs for files.
func (d *Desk) Files() Files { return Files{d} }

// Open returns the content of an attachment, given the message and the file's place in Message.Files. It is read
// from where it is, as far as somebody reads; ctx must last until then. Errors: ticket.ErrNoActor; ticket.ErrNotFound,
// ticket.ErrRemoved for a file whose content is not kept. Reading fails with that where the content is removed
// meanwhile, and with an error instead of the last bytes where they are not those that were stored.
func (g Files) Open(ctx context.Context, messageID int64, n int) (io.ReadSeekCloser, ticket.File, error) {
	c, _, f, err := g.d.openFile(ctx, messageID, n)
	if err != nil {
		return nil, f, err
	}
	return c, f, nil
}

func (d *Desk) openFile(ctx context.Context, messageID int64, n int) (*content.Reader, *ticket.Message, ticket.File, error) {
	m, err := d.Message(ctx, messageID)
	if err != nil && !errors.Is(err, ticket.ErrSealed) { // files are not encrypted
		return nil, nil, ticket.File{}, err
	}
	if n < 0 || n >= len(m.Files) {
		return nil, m, ticket.File{}, fmt.Errorf("helpdesk: open file %d of message %d: %w", n, messageID, ticket.ErrNotFound)
	}
	f := m.Files[n]
	if f.Blob == "" {
		return nil, m, f, fmt.Errorf("helpdesk: open file %q: %w: %s", f.Name, ticket.ErrRemoved, f.Missing)
	}
	c, err := d.openBlob(ctx, f.Blob)
	return c, m, f, failed(fmt.Sprintf("open file %q", f.Name), err)
}

// OpenRaw returns the mail that a message came in as, byte for byte. Errors: as Open; ticket.ErrForbidden for
// customers.
func (g Files) OpenRaw(ctx context.Context, messageID int64) (io.ReadSeekCloser, error) {
	c, err := g.d.openRaw(ctx, messageID)
	if err != nil {
		return nil, failed(fmt.Sprintf("open raw mail of message %d", messageID), err)
	}
	return c, nil
}

func (d *Desk) openRaw(ctx context.Context, messageID int64) (*content.Reader, error) {
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return nil, err
	}
	m, t, err := d.readMessage(ctx, actor, messageID)
	if err == nil {
		err = d.may(ctx, actor, t, ActHistory)
	}
	if err == nil && (m.Mail == nil || m.Mail.Raw == "") {
		err = ticket.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return d.openBlob(ctx, m.Mail.Raw)
}
