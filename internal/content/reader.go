// Package content reads the contents of files from any place and checks them against their hashes, and hashes them while
// they are taken in. Where the bytes lie is for others to know.
package content

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"sync"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// ErrDamaged says that a blob store gave other bytes than it got.
var ErrDamaged = errors.New("the content is damaged: its bytes do not have the hash that they were stored under")

// Reader reads one content, from wherever it is sought to. It holds no more than its blob store does. A content that
// is read from its beginning to its end is checked against its hash: the last bytes of a damaged one are not given.
type Reader struct {
	ctx  context.Context
	open func(ctx context.Context, offset int64) (io.ReadCloser, error)
	blob string
	size int64

	mu     sync.Mutex // http.ServeContent may still read when it has returned
	at     int64
	r      io.ReadCloser // nil until the first Read at a place
	sum    hash.Hash     // of what was read so far; nil once something was skipped
	closed bool
	failed error // of the last Read, if it was no end
}

// NewReader reads a content of a hash, 64 hexadecimal digits, and a size in bytes. open opens it from an offset on; it is
// called at the first Read at a place, with ctx.
func NewReader(ctx context.Context, blob string, size int64, open func(context.Context, int64) (io.ReadCloser, error)) *Reader {
	return &Reader{ctx: ctx, open: open, blob: blob, size: size, sum: sha256.New()}
}

// Read implements io.Reader. Errors: ticket.ErrNotFound for a content that is removed meanwhile.
func (c *Reader) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, err := c.read(p)
	if c.failed = nil; err != nil && !errors.Is(err, io.EOF) {
		c.failed = err
	}
	return n, err
}

func (c *Reader) read(p []byte) (n int, err error) {
	switch {
	case c.closed:
		return 0, errors.New("helpdesk: read a file: it is closed")
	case c.at >= c.size:
		return 0, io.EOF
	case len(p) == 0:
		return 0, nil
	}
	if c.r == nil {
		if c.r, err = c.open(c.ctx, c.at); err != nil {
			return 0, readFailed(err)
		}
	}
	n, err = c.r.Read(p[:min(int64(len(p)), c.size-c.at)])
	c.at += int64(n)
	if c.sum != nil {
		_, _ = c.sum.Write(p[:n]) // a hash never fails
	}
	switch {
	case c.at == c.size:
		return c.checked(n)
	case err != nil:
		err = readFailed(err)
	}
	return n, err
}

// readFailed says of a content that is not there, or shorter than what was stored, that it was removed.
func readFailed(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, ticket.ErrNotFound) {
		err = ticket.ErrRemoved
	}
	return fmt.Errorf("helpdesk: read a file: %w", err)
}

// checked is the end of a Read that reached the end.
func (c *Reader) checked(n int) (int, error) {
	if c.sum == nil || hex.EncodeToString(c.sum.Sum(nil)) == c.blob {
		return n, nil
	}
	c.at -= int64(n)
	return 0, fmt.Errorf("helpdesk: read a file: %w", ErrDamaged)
}

// Seek implements io.Seeker. It reads nothing.
func (c *Reader) Seek(offset int64, whence int) (int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch whence {
	case io.SeekCurrent:
		offset += c.at
	case io.SeekEnd:
		offset += c.size
	case io.SeekStart:
	default:
		return c.at, ticket.Invalid("whence", ticket.FaultMalformed, "use io.SeekStart, io.SeekCurrent or io.SeekEnd")
	}
	if offset < 0 {
		return c.at, ticket.Invalid("offset", ticket.FaultOutOfRange, "lies before the beginning of the file")
	}
	if offset == c.at {
		return c.at, nil
	}
	err := c.release()
	c.at, c.sum = offset, nil
	if offset == 0 {
		c.sum = sha256.New()
	}
	return offset, err
}

// Failure is the error of the last Read, if it was no end.
func (c *Reader) Failure() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failed
}

func (c *Reader) release() error {
	if c.r == nil {
		return nil
	}
	r := c.r
	c.r = nil
	return r.Close()
}

// Close implements io.Closer.
func (c *Reader) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	return c.release()
}
