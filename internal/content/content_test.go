package content_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/helpdeskgo/helpdesk/internal/content"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// place is where bytes lie; open counts, and everything is closed in the end.
type place struct {
	data         []byte
	opened, open int
}

func (p *place) at(_ context.Context, offset int64) (io.ReadCloser, error) {
	p.opened++
	p.open++
	return closing{iotest.OneByteReader(bytes.NewReader(p.data[min(offset, int64(len(p.data))):])), p}, nil
}

type closing struct {
	io.Reader
	p *place
}

func (c closing) Close() error { c.p.open--; return nil }

func reader(p *place, stored []byte) *content.Reader {
	return content.NewReader(context.Background(), content.Hash(stored), int64(len(stored)), p.at)
}

func TestReader(t *testing.T) {
	t.Parallel()
	data := []byte("It arrived in two pieces.")
	t.Run("M12 it reads as any file does", func(t *testing.T) {
		t.Parallel()
		p := &place{data: data}
		r := reader(p, data)
		if err := iotest.TestReader(r, data); err != nil {
			t.Error(err)
		}
		if err := r.Close(); err != nil || p.open != 0 {
			t.Errorf("%d are still open, %v", p.open, err)
		}
		if _, err := r.Read(make([]byte, 1)); err == nil || r.Failure() == nil {
			t.Error("it reads although it is closed")
		}
	})
	t.Run("M12 seeking opens nothing", func(t *testing.T) {
		t.Parallel()
		p := &place{data: data}
		r := reader(p, data)
		for _, whence := range []int{io.SeekStart, io.SeekCurrent, io.SeekEnd} {
			if _, err := r.Seek(0, whence); err != nil {
				t.Error(err)
			}
		}
		_, before := r.Seek(-1, io.SeekStart)
		_, how := r.Seek(0, 9)
		if !errors.Is(before, ticket.ErrInvalid) || !errors.Is(how, ticket.ErrInvalid) || p.opened != 0 {
			t.Errorf("%v, %v, opened %d times", before, how, p.opened)
		}
	})
	for name, c := range map[string]struct {
		is   string // what the place has now
		want error
	}{
		"other bytes": {"It arrived in two places.", content.ErrDamaged}, "fewer bytes": {"It arrived", ticket.ErrRemoved}, "none": {"", ticket.ErrRemoved},
		"more bytes": {string(data) + " Broken.", nil},
	} {
		t.Run("M12 "+name, func(t *testing.T) {
			t.Parallel()
			r := reader(&place{data: []byte(c.is)}, data)
			got, err := io.ReadAll(r)
			if !errors.Is(err, c.want) || !errors.Is(r.Failure(), c.want) {
				t.Errorf("%v, and then %v", err, r.Failure())
			}
			if c.want != nil && len(got) == len(data) || c.want == nil && !bytes.Equal(got, data) {
				t.Errorf("%q", got)
			}
		})
	}
	t.Run("M12 a part alone is not checked, and the whole is, again from the beginning", func(t *testing.T) {
		t.Parallel()
		r := reader(&place{data: []byte("It arrived in two places.")}, data)
		if _, err := r.Seek(3, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || string(got) != "arrived in two places." {
			t.Errorf("%q, %v", got, err)
		}
		if _, err := r.Seek(0, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(r); !errors.Is(err, content.ErrDamaged) {
			t.Error(err)
		}
	})
	t.Run("M12 what the place has against it is told, and that it is not there means that it was removed", func(t *testing.T) {
		t.Parallel()
		for want, fails := range map[error]error{io.ErrClosedPipe: io.ErrClosedPipe, ticket.ErrRemoved: ticket.ErrNotFound} {
			r := content.NewReader(context.Background(), content.Hash(data), int64(len(data)), func(context.Context, int64) (io.ReadCloser, error) { return nil, fails })
			if _, err := io.ReadAll(r); !errors.Is(err, want) {
				t.Errorf("%v, want %v", err, want)
			}
		}
	})
}

func TestSource(t *testing.T) {
	t.Parallel()
	t.Run("M12 what is streamed is hashed and counted", func(t *testing.T) {
		t.Parallel()
		r := rand.New(rand.NewPCG(11, 12))
		for _, size := range []int{0, 1, 100_000} {
			data := slices.Repeat([]byte{byte(r.IntN(256))}, size)
			s := content.NewSource(iotest.HalfReader(bytes.NewReader(data)))
			got, err := io.ReadAll(s)
			if err != nil || !bytes.Equal(got, data) || s.Hash() != content.Hash(data) || s.Size() != int64(size) || !s.Ended() || s.Err() != nil {
				t.Errorf("%d bytes: %d, %v", size, s.Size(), err)
			}
		}
	})
	t.Run("M12 an error stays, and is no end", func(t *testing.T) {
		t.Parallel()
		s := content.NewSource(io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(io.ErrClosedPipe)))
		_, err := io.ReadAll(s)
		_, again := s.Read(make([]byte, 1))
		if !errors.Is(err, io.ErrClosedPipe) || !errors.Is(again, io.ErrClosedPipe) || s.Err() == nil || s.Ended() || s.Size() != 3 {
			t.Errorf("%v, %v, %d", err, again, s.Size())
		}
	})
}
