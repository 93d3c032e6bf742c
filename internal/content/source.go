package content

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
)

// Hash is what a content is known by: the SHA-256 of its bytes, in hexadecimal digits.
func Hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Source is a content while it is streamed: it is hashed and counted.
type Source struct {
	r     io.Reader
	sum   hash.Hash
	n     int64
	ended bool
	err   error
}

// NewSource streams what r gives.
func NewSource(r io.Reader) *Source { return &Source{r: r, sum: sha256.New()} }

// Read implements io.Reader. An error stays.
func (s *Source) Read(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.r.Read(p)
	_, _ = s.sum.Write(p[:n]) // a hash never fails
	s.n += int64(n)
	if errors.Is(err, io.EOF) {
		s.ended = true
		return n, io.EOF
	}
	s.err = err
	return n, err
}

// Hash is that of what was read so far, as Hash has it.
func (s *Source) Hash() string { return hex.EncodeToString(s.sum.Sum(nil)) }

// Size is how much was read so far, in bytes.
func (s *Source) Size() int64 { return s.n }

// Ended reports whether it was read to its end.
func (s *Source) Ended() bool { return s.ended }

// Err is the error that ended it, if it was no end.
func (s *Source) Err() error { return s.err }
