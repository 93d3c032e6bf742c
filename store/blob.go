package store

import (
	"context"
	"errors"
	"io"

	"github.com/helpdeskgo/helpdesk/ticket"
)

type blobReader struct {
	ctx  context.Context
	s    Store
	blob string
	next int
	rest []byte
	err  error
}

func (b *blobReader) Read(p []byte) (int, error) {
	for len(b.rest) == 0 && b.err == nil {
		b.fetch()
	}
	if len(b.rest) == 0 {
		return 0, b.err
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

// fetch gets the next chunk. A chunk shorter than ChunkSize is the last, and so is one before a chunk that is not
// there.
func (b *blobReader) fetch() {
	b.err = b.s.View(b.ctx, func(ctx context.Context, r Reader) (err error) {
		b.rest, err = r.Chunk(ctx, b.blob, b.next)
		return err
	})
	switch {
	case errors.Is(b.err, ticket.ErrNotFound) && b.next > 0:
		b.err = io.EOF
	case b.err == nil && len(b.rest) < ChunkSize:
		b.err = io.EOF
	}
	b.next++
}
