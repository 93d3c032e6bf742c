// Package blobdir keeps the contents of files in a directory of the file system, for desks whose database should stay
// small.
//
//	files, err := blobdir.Open("/var/lib/shop/files")
//	…
//	defer files.Close()
//	desk, err := helpdesk.New(ctx, s, &helpdesk.Config{BlobStore: files})
//
// Back the directory up after the database: contents that the copy of the database does not know are of no harm,
// missing ones are. Several processes may share a directory, on one machine or over a network file system that renames
// atomically.
package blobdir

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"sync"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Dir is a directory with contents. Each is a file in one of up to 1,296 sub-directories, named by its first two
// characters; what is still being written is in the sub-directory tmp. Everything happens through an os.Root, so no
// name and no symbolic link leads out of it.
type Dir struct {
	root *os.Root
	made sync.Map // sub-directories that this process knows to be there durably
}

var _ store.BlobStore = (*Dir)(nil)

// incoming is the sub-directory of files that are not whole yet.
const incoming = "tmp"

// Open opens the directory at path, and makes it where it is not there. Only its owner may look into it.
func Open(path string) (*Dir, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("blobdir: %w", err)
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, fmt.Errorf("blobdir: %w", err)
	}
	d := &Dir{root: root}
	if err := d.makeDir(incoming); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return d, nil
}

// Close gives the directory back. Contents that are open stay readable.
func (d *Dir) Close() error { return d.root.Close() }

func temporary(name string) string { return incoming + "/" + name }

func final(name string) string { return name[:2] + "/" + name }

// Create writes beside, syncs, renames, and syncs the directory: a content is there whole or not at all.
func (d *Dir) Create(ctx context.Context, name string, r io.Reader) error {
	if err := store.CheckBlobName(name); err != nil {
		return err
	}
	whole := false
	defer func() {
		if !whole {
			_ = d.root.Remove(temporary(name)) // what this cannot clear away the desk sweeps
		}
	}()
	if err := d.write(ctx, temporary(name), r); err != nil {
		return err
	}
	if err := d.makeDir(name[:2]); err != nil {
		return err
	}
	if err := d.root.Rename(temporary(name), final(name)); err != nil {
		return fmt.Errorf("blobdir: %w", err)
	}
	whole = true
	return d.sync(name[:2])
}

func (d *Dir) write(ctx context.Context, path string, r io.Reader) error {
	f, err := d.root.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("blobdir: %w", err)
	}
	defer func() { _ = f.Close() }() // in vain after the one below
	if _, err := io.CopyBuffer(plainWriter{f}, untilDone{ctx, r}, make([]byte, store.ChunkSize)); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("blobdir: %w", err)
	}
	return nil
}

// plainWriter hides the ReadFrom of a file, which would not look at the context.
type plainWriter struct{ io.Writer }

// untilDone reads until a context ends.
type untilDone struct {
	ctx context.Context
	r   io.Reader
}

func (u untilDone) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}

// Open opens the file.
func (d *Dir) Open(ctx context.Context, name string, offset int64) (io.ReadCloser, error) {
	if err := errors.Join(store.CheckBlobName(name), ctx.Err()); err != nil {
		return nil, err
	}
	f, err := d.root.Open(final(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("blobdir: %w: %s", ticket.ErrNotFound, name)
	}
	if err != nil {
		return nil, fmt.Errorf("blobdir: %w", err)
	}
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return nil, errors.Join(fmt.Errorf("blobdir: %w", err), f.Close())
	}
	return reading{untilDone{ctx, f}, f}, nil
}

type reading struct {
	io.Reader
	io.Closer
}

// Delete removes the file, and what was begun of it.
func (d *Dir) Delete(ctx context.Context, name string) error {
	if err := errors.Join(store.CheckBlobName(name), ctx.Err()); err != nil {
		return err
	}
	for _, path := range []string{temporary(name), final(name)} {
		err := d.root.Remove(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("blobdir: %w", err)
		}
		if err := d.sync(path[:len(path)-len(name)-1]); err != nil {
			return err
		}
	}
	return nil
}

// makeDir makes a sub-directory, durably, also where another process made it just now.
func (d *Dir) makeDir(name string) error {
	if _, known := d.made.Load(name); known {
		return nil
	}
	if err := d.root.Mkdir(name, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("blobdir: %w", err)
	}
	if err := d.sync("."); err != nil {
		return err
	}
	d.made.Store(name, true)
	return nil
}

// sync has what was made, renamed or removed in a directory outlive a power failure. Windows has no such call, and its
// file systems journal their directories.
func (d *Dir) sync(name string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := d.root.Open(name)
	if err != nil {
		return fmt.Errorf("blobdir: %w", err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("blobdir: %w", err)
	}
	return nil
}
