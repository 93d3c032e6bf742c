package helpdesk

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store"
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
		in := hooks.Attaching{Actor: actor, File: fileOf(f)}
		if t != nil {
			in.Ticket = t.Clone()
		}
		errs = append(errs, g.RunWithin(ctx, d.gateLimit(ctx), in))
	}
	return mergeRefusals(errs...)
}

func fileOf(u ticket.Upload) ticket.File {
	return ticket.File{Name: baseName(u.Name), Type: or(u.Type, "application/octet-stream"), ContentID: u.ContentID, Inline: u.Inline}
}

// baseName leaves no path in a name, whichever system wrote it.
func baseName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	if name == "." || name == "/" || name == ".." {
		return "file"
	}
	return name
}

// attached are the files of a message that is to be, and what was stored for them: a purge may remove the same content
// before the message is there.
type attached struct {
	files    []ticket.File
	contents map[string][]byte // by blob
}

// storeFiles reads and stores the files of a message, ahead of the message: the same content once, under its hash.
func (d *Desk) storeFiles(ctx context.Context, uploads []ticket.Upload) (*attached, error) {
	out := &attached{contents: map[string][]byte{}}
	var total int64
	for _, u := range uploads {
		f := fileOf(u)
		if u.Missing != "" {
			f.Size, f.Missing = u.Size, u.Missing
			out.files = append(out.files, f)
			continue
		}
		data, err := d.readUpload(u)
		if err != nil {
			return nil, err
		}
		if total += int64(len(data)); total > d.cfg.Limits.UploadSize {
			return nil, ticket.Invalid("files", fmt.Sprintf("are more than %d bytes together: send fewer or smaller ones", d.cfg.Limits.UploadSize))
		}
		f.Size = int64(len(data))
		if f.Blob, err = d.StoreBlob(ctx, data); err != nil {
			return nil, err
		}
		out.files, out.contents[f.Blob] = append(out.files, f), data
	}
	return out, nil
}

func (d *Desk) readUpload(u ticket.Upload) ([]byte, error) {
	limit := d.cfg.Limits.File
	data, err := io.ReadAll(io.LimitReader(u.Content, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read file %q: %w", u.Name, err)
	}
	if int64(len(data)) > limit {
		return nil, ticket.Invalid("files", fmt.Sprintf("%q is more than %d bytes long: send a smaller one", u.Name, limit))
	}
	return data, nil
}

// StoreBlob keeps data under the hash of its content and returns that name; data that is kept already is not written
// again. A blob that no message shows, as of a message that was refused, stays: nothing removes it yet. StoreBlob is for
// the parts of the desk that keep more than attachments, such as the raw mail. Errors: ticket.ErrBusy; ticket.ErrStopped;
// ticket.ErrForbidden in a guard.
func (d *Desk) StoreBlob(ctx context.Context, data []byte) (string, error) {
	if err := d.writable(ctx); err != nil {
		return "", failed("store file", err)
	}
	sum := sha256.Sum256(data)
	blob := hex.EncodeToString(sum[:])
	err := d.store.Update(ctx, func(ctx context.Context, tx store.Tx) error { return putBlob(ctx, tx, blob, data) })
	return blob, failed("store file", err)
}

func putBlob(ctx context.Context, tx store.Tx, blob string, data []byte) error {
	_, err := tx.Holder(ctx, keyBlob, blob)
	if !errors.Is(err, ticket.ErrNotFound) {
		return err
	}
	for n := 0; n == 0 || n*store.ChunkSize < len(data); n++ {
		if err := tx.PutChunk(ctx, blob, n, data[n*store.ChunkSize:min(len(data), (n+1)*store.ChunkSize)]); err != nil {
			return err
		}
	}
	_, err = tx.Reserve(ctx, keyBlob, blob, int64(len(data))+1)
	return err
}

// OpenFile returns the content of an attachment, given the message and the file's place in Message.Files. Errors:
// ticket.ErrNoActor; ticket.ErrNotFound, also for a file whose content was removed.
func (d *Desk) OpenFile(ctx context.Context, messageID int64, n int) (io.Reader, ticket.File, error) {
	m, err := d.Message(ctx, messageID)
	if err != nil && !errors.Is(err, ticket.ErrSealed) { // files are not encrypted
		return nil, ticket.File{}, err
	}
	if n < 0 || n >= len(m.Files) {
		return nil, ticket.File{}, fmt.Errorf("helpdesk: open file %d of message %d: %w", n, messageID, ticket.ErrNotFound)
	}
	f := m.Files[n]
	if f.Blob == "" {
		return nil, f, fmt.Errorf("helpdesk: open file %q: %w: %s", f.Name, ticket.ErrNotFound, or(f.Missing, "its content was removed"))
	}
	if f.Size == 0 {
		return bytes.NewReader(nil), f, nil
	}
	return store.BlobReader(ctx, d.store, f.Blob), f, nil
}

// OpenRaw returns the mail that a message came in as, byte for byte. Errors: as OpenFile; ticket.ErrForbidden for
// customers.
func (d *Desk) OpenRaw(ctx context.Context, messageID int64) (io.Reader, error) {
	actor, err := d.enter(ctx)
	if err != nil {
		return nil, failed("open raw mail", err)
	}
	m, t, err := d.readMessage(ctx, actor, messageID)
	if err == nil {
		err = d.allowed(ctx, actor, t, ActHistory)
	}
	if err == nil && (m.Mail == nil || m.Mail.Raw == "") {
		err = ticket.ErrNotFound
	}
	if err != nil {
		return nil, failed(fmt.Sprintf("open raw mail of message %d", messageID), err)
	}
	return store.BlobReader(ctx, d.store, m.Mail.Raw), nil
}

// blobsOf lists every blob that a message shows, each once.
func blobsOf(m *ticket.Message) []string {
	var out []string
	add := func(b string) {
		if b != "" && !contains(out, b) {
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

// unlinkBlob takes a blob from a message, and removes it where no other message shows it.
func (w *write) unlinkBlob(ctx context.Context, blob string, messageID int64) error {
	if err := w.tx.Unlink(ctx, linkBlob, blob, messageID); err != nil {
		return err
	}
	others, err := w.tx.Linked(ctx, linkBlob, blob)
	if err != nil || len(others) > 0 {
		return err
	}
	size, err := w.tx.Holder(ctx, keyBlob, blob)
	if errors.Is(err, ticket.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := w.tx.Release(ctx, keyBlob, blob, size); err != nil {
		return err
	}
	return w.tx.DeleteBlob(ctx, blob)
}
