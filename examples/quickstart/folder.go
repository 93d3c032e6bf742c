package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// folder is a Source: the mails of a folder and of the folders in it, in the order of their paths. It has no cursor; the gateway knows mails by their bytes.
type folder []string

// maxFile is the size up to which a file is taken for a mail, in bytes.
const maxFile = 64 << 20

func openFolder(dir string) (folder, error) {
	var files folder
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !isMail(path) {
			return err
		}
		info, err := os.Stat(path) // a link counts as what it leads to
		if err == nil && info.Mode().IsRegular() {
			files = append(files, path)
		}
		return err
	})
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("no mail in %s: looked for files named .eml and .raw", dir)
	}
	return files, err
}

func isMail(path string) bool {
	ext := strings.ToLower(filepath.Ext(path))
	return ext == ".eml" || ext == ".raw"
}

func readMail(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(raw) > maxFile {
		err = fmt.Errorf("%s is over %d MB: move it away, no mail is that big", path, maxFile>>20)
	}
	return raw, err
}

// Fetch implements gateway.Source.
func (f folder) Fetch(ctx context.Context, _ gateway.Cursor, take func(context.Context, gateway.Incoming) error) (gateway.Cursor, error) {
	for _, path := range f {
		raw, err := readMail(path)
		if err != nil {
			return gateway.Cursor{}, err
		}
		if err := take(ctx, gateway.Incoming{Raw: raw}); err != nil {
			return gateway.Cursor{}, err
		}
	}
	return gateway.Cursor{}, nil
}

// feed brings the mails of a folder into the desk, and then asks the desk about each file. No hook refuses any.
func (a *app) feed(ctx context.Context) error {
	files, err := openFolder(a.eml)
	if err != nil {
		return err
	}
	g, err := gateway.New("folder", a.desk, a.store, &gateway.Options{Logger: a.logger, Progress: newProgress(a.out).tell})
	if err != nil {
		return err
	}
	outcomes, err := g.Poll(ctx, files)
	if err != nil {
		return err
	}
	b := balance{files: len(files)}
	for _, o := range outcomes {
		if o.MessageID != 0 {
			b.fresh++
		}
	}
	if err := b.trace(ctx, g, files); err != nil {
		return err
	}
	fmt.Fprintln(a.out, b)
	return b.check()
}

// balance is what became of the files: each must be something.
type balance struct {
	files, messages, duplicates, refusals int
	fresh                                 int // messages that this run made
	quarantined, waiting                  []string
}

func (b *balance) trace(ctx context.Context, g *gateway.Gateway, files folder) error {
	seen := map[int64]bool{}
	for _, path := range files {
		raw, err := readMail(path)
		if err != nil {
			return err
		}
		o, err := g.Trace(ctx, raw)
		if err != nil && !errors.Is(err, ticket.ErrNotFound) {
			return err
		}
		switch {
		case o.Result == "":
			b.waiting = append(b.waiting, path)
		case o.Result == gateway.Quarantined:
			b.quarantined = append(b.quarantined, fmt.Sprintf("%s (%s)", path, oneLine(o.Reason)))
		case o.Result == gateway.Duplicate || seen[o.Work]:
			b.duplicates++
		case o.Result == gateway.Rejected:
			b.refusals++
		case o.MessageID != 0:
			b.messages++
		}
		seen[o.Work] = true
	}
	return nil
}

func (b balance) String() string {
	return fmt.Sprintf("%d files = %d messages + %d exact duplicates + %d refusals, %d new", b.files, b.messages, b.duplicates, b.refusals, b.fresh)
}

// check reports what the sum lacks.
func (b balance) check() error {
	switch {
	case len(b.quarantined) > 0:
		return fmt.Errorf("%d mails are in quarantine: %s", len(b.quarantined), strings.Join(b.quarantined, ", "))
	case len(b.waiting) > 0:
		return fmt.Errorf("%d mails wait to be tried again, run it again: %s", len(b.waiting), strings.Join(b.waiting, ", "))
	case b.messages+b.duplicates+b.refusals != b.files:
		return errors.New("the sum does not match: a mail is neither a message nor a duplicate nor refused")
	}
	return nil
}
