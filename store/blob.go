package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// BlobStore keeps the contents of files: in the desk's own database (Chunks), in a directory (package blobdir), or
// wherever somebody fulfils these three methods. It is safe for concurrent use. storetest.RunBlobs says whether it
// keeps the contract.
//
// Names are made by the desk: 8 to 64 letters a to z and digits, at random, and none is used twice. What a name stands
// for never changes, so whatever is opened may be cached.
type BlobStore interface {
	// Create keeps what r has, to its end, under a new name. When it returns nil, all of it is kept, durably. When r
	// fails or ctx ends it returns that error, and there is nothing to open under the name; remains that it could not
	// clear away itself, as those of a process that was killed, are what Delete is called for.
	Create(ctx context.Context, name string, r io.Reader) error
	// Open reads from the byte at offset, which is 0 or less than the size. What is not there, or no longer, is
	// ticket.ErrNotFound, from Open or from a later Read, and never a content cut short. The reader may need ctx until
	// it is closed.
	Open(ctx context.Context, name string, offset int64) (io.ReadCloser, error)
	// Delete removes the content, and whatever a Create that came to no end has left of it. A name under which there is
	// nothing is no error.
	Delete(ctx context.Context, name string) error
}

// CheckBlobName returns ticket.ErrInvalid for a name that no desk makes. Implementations call it before they build a
// path of it.
func CheckBlobName(name string) error {
	bad := len(name) < 8 || len(name) > 64
	for _, c := range []byte(name) {
		bad = bad || (c < 'a' || c > 'z') && (c < '0' || c > '9')
	}
	if bad {
		return fmt.Errorf("store: %w", ticket.Invalid("name", ticket.FaultMalformed, "of a blob: use 8 to 64 letters a to z and digits"))
	}
	return nil
}

// Held is content that a desk took in and that nothing shows yet: it is kept by a message, or swept away after a while.
type Held interface {
	// Blob is the SHA-256 of the content, in hexadecimal.
	Blob() string
	// Size is its length in bytes.
	Size() int64
}

// Chunks returns a BlobStore in the database of s. It never holds more than some 4 MB, nor the database for more than
// writing that. With a context that carries a transaction it takes part in that transaction.
//
// An object is the length of its content, as 8 bytes, and the content, cut into chunks. The first chunk is put last:
// without it there is nothing to open.
func Chunks(s Store) BlobStore { return chunks{s} }

type chunks struct{ s Store }

const (
	lengthBytes = 8
	stepChunks  = 16 // written or emptied in one transaction
)

// update runs fn in the transaction of ctx, as part of it, or in one of its own.
func (c chunks) update(ctx context.Context, fn func(ctx context.Context, tx Tx) error) error {
	if tx, inside := TxFrom(ctx, c.s); inside {
		return fn(ctx, tx)
	}
	return c.s.Update(ctx, fn)
}

// Create stores r in several transactions.
func (c chunks) Create(ctx context.Context, name string, r io.Reader) (err error) {
	if err := CheckBlobName(name); err != nil {
		return err
	}
	whole := false
	defer func() {
		if !whole { // also after a panic of r; what this cannot clear away the desk sweeps
			_ = c.Delete(context.WithoutCancel(ctx), name)
		}
	}()
	var first bytes.Buffer
	first.Write(make([]byte, lengthBytes))
	size, err := io.CopyN(&first, r, ChunkSize-lengthBytes)
	if err == nil {
		var more int64
		more, err = c.createRest(ctx, name, r)
		size += more
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	binary.BigEndian.PutUint64(first.Bytes(), uint64(size)) //nolint:gosec // a length is not negative
	err = c.update(ctx, func(ctx context.Context, tx Tx) error { return tx.PutChunk(ctx, name, 0, first.Bytes()) })
	whole = err == nil
	return err
}

// createRest stores what follows the first chunk, and says how many bytes that is. The reader is read outside the
// transactions: it may be slow.
func (c chunks) createRest(ctx context.Context, name string, r io.Reader) (size int64, err error) {
	var step [][]byte
	for at := 1; ; at += stepChunks {
		filled, end := 0, false
		for filled < stepChunks && !end {
			if filled == len(step) {
				step = append(step, make([]byte, ChunkSize))
			}
			n, err := io.ReadFull(r, step[filled][:ChunkSize])
			end = errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
			if err != nil && !end {
				return size, err
			}
			if n > 0 {
				step[filled] = step[filled][:n]
				filled, size = filled+1, size+int64(n)
			}
		}
		if filled > 0 {
			if err := c.put(ctx, name, at, step[:filled]); err != nil {
				return size, err
			}
		}
		if end {
			return size, nil
		}
	}
}

func (c chunks) put(ctx context.Context, name string, at int, list [][]byte) error {
	return c.update(ctx, func(ctx context.Context, tx Tx) error {
		for i, data := range list {
			if err := tx.PutChunk(ctx, name, at+i, data); err != nil {
				return err
			}
		}
		return nil
	})
}

// Open looks for the first chunk, which has the length.
func (c chunks) Open(ctx context.Context, name string, offset int64) (io.ReadCloser, error) {
	if err := CheckBlobName(name); err != nil {
		return nil, err
	}
	r := &chunkReader{ctx: ctx, s: c.s, name: name}
	first, err := r.chunk(0)
	if err != nil {
		return nil, err
	}
	size, ok := lengthIn(first)
	if !ok {
		return nil, fmt.Errorf("store: blob %s: %w", name, ticket.ErrNotFound)
	}
	r.end = lengthBytes + size
	r.at = min(lengthBytes+max(offset, 0), r.end)
	if r.at < int64(len(first)) {
		r.rest = first[r.at:]
	}
	return r, nil
}

func lengthIn(first []byte) (int64, bool) {
	if len(first) < lengthBytes {
		return 0, false
	}
	return int64(binary.BigEndian.Uint64(first)), true //nolint:gosec // Create put it there
}

// chunkReader counts its place in the object, length included. Each chunk is fetched in a View of its own, so a slow
// reader holds nothing.
type chunkReader struct {
	ctx  context.Context
	s    Store
	name string
	at   int64
	end  int64
	rest []byte
}

func (r *chunkReader) Read(p []byte) (int, error) {
	if r.at >= r.end {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	if len(r.rest) == 0 {
		n := r.at / ChunkSize
		data, err := r.chunk(int(n))
		if err != nil {
			return 0, err
		}
		if int64(len(data)) != min(ChunkSize, r.end-n*ChunkSize) {
			return 0, fmt.Errorf("store: blob %s was removed while it was read: %w", r.name, ticket.ErrNotFound)
		}
		r.rest = data[r.at%ChunkSize:]
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	r.at += int64(n)
	return n, nil
}

func (r *chunkReader) chunk(n int) (data []byte, err error) {
	err = r.s.View(r.ctx, func(ctx context.Context, x Reader) (err error) {
		data, err = x.Chunk(ctx, r.name, n)
		return err
	})
	return data, err
}

// Close has nothing to give back.
func (r *chunkReader) Close() error { return nil }

// Delete empties a long object step by step, the first chunk first, and then removes what are short rows: nobody waits
// long for the writer.
func (c chunks) Delete(ctx context.Context, name string) error {
	if err := CheckBlobName(name); err != nil {
		return err
	}
	for at, done := 0, false; !done; at += stepChunks {
		err := c.update(ctx, func(ctx context.Context, tx Tx) (err error) {
			done, err = removeStep(ctx, tx, name, at)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// removeStep empties the chunks from at on, or removes all of the object where that is little; it reports whether
// nothing is left.
func removeStep(ctx context.Context, tx Tx, name string, at int) (bool, error) {
	found := at > 0
	for n := at; n < at+stepChunks; n++ {
		data, err := tx.Chunk(ctx, name, n)
		switch {
		case errors.Is(err, ticket.ErrNotFound) && n == 0:
			continue // a Create that came to no end may have left the others
		case errors.Is(err, ticket.ErrNotFound):
			if !found {
				return true, nil
			}
			return true, tx.DeleteBlob(ctx, name)
		case err != nil:
			return false, err
		}
		found = true
		if size, ok := lengthIn(data); n == 0 && ok && size <= (stepChunks-1)*ChunkSize {
			return true, tx.DeleteBlob(ctx, name)
		}
		if len(data) == 0 {
			continue
		}
		if err := tx.PutChunk(ctx, name, n, nil); err != nil {
			return false, err
		}
	}
	return false, nil
}
