package token

import (
	"bytes"
	"testing"
)

func TestHidden(t *testing.T) {
	t.Parallel()
	ring := Ring{}.Rotate()
	body, place := []byte("the ticket that nobody may know of"), []byte("Ann's list")
	hidden, err := ring.Hide("cursor", body, place)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("M10 what was hidden comes back, and shows nothing", func(t *testing.T) {
		t.Parallel()
		if got, ok := ring.Reveal("cursor", hidden, place); !ok || !bytes.Equal(got, body) {
			t.Errorf("revealed %q, %t", got, ok)
		}
		again, err := ring.Hide("cursor", body, place)
		if err != nil || bytes.Contains(hidden, body[:6]) || bytes.Equal(hidden, again) {
			t.Errorf("%q and %q, %v", hidden, again, err)
		}
	})
	t.Run("M10 it is of one key, one purpose and one place", func(t *testing.T) {
		t.Parallel()
		for what, reveal := range map[string]func() ([]byte, bool){
			"another purpose":  func() ([]byte, bool) { return ring.Reveal("link", hidden, place) },
			"another place":    func() ([]byte, bool) { return ring.Reveal("cursor", hidden, []byte("Bob's list")) },
			"no place":         func() ([]byte, bool) { return ring.Reveal("cursor", hidden, nil) },
			"a stranger's key": func() ([]byte, bool) { return Ring{}.Rotate().Reveal("cursor", hidden, place) },
			"a forged id": func() ([]byte, bool) {
				other := Ring{}.Rotate()
				other[0].id = ring[0].id
				return other.Reveal("cursor", hidden, place)
			},
			"no key":     func() ([]byte, bool) { return Ring(nil).Reveal("cursor", hidden, place) },
			"an old key": func() ([]byte, bool) { return ring.Rotate().Rotate().Reveal("cursor", hidden, place) },
		} {
			if got, ok := reveal(); ok || got != nil {
				t.Errorf("%s: %q", what, got)
			}
		}
		if _, ok := ring.Rotate().Reveal("cursor", hidden, place); !ok {
			t.Error("the key before the one that hides reveals nothing")
		}
		if _, err := (Ring{}).Hide("cursor", body, place); err == nil {
			t.Error("hidden without a key")
		}
	})
	t.Run("M10 no bit can be changed, and nothing may be missing or added", func(t *testing.T) {
		t.Parallel()
		for i := range len(hidden) * 8 {
			b := bytes.Clone(hidden)
			b[i/8] ^= 1 << (i % 8)
			if _, ok := ring.Reveal("cursor", b, place); ok {
				t.Errorf("bit %d means nothing", i)
			}
		}
		for i := range hidden {
			if _, ok := ring.Reveal("cursor", hidden[:i], place); ok {
				t.Errorf("%d bytes are enough", i)
			}
		}
		if _, ok := ring.Reveal("cursor", append(bytes.Clone(hidden), 0), place); ok {
			t.Error("a byte may be added")
		}
	})
}

func FuzzReveal(f *testing.F) {
	ring := Ring{}.Rotate()
	hidden, err := ring.Hide("cursor", []byte("x"), []byte("y"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(hidden)
	f.Add([]byte{})
	f.Add(ring[0].id[:])
	f.Fuzz(func(t *testing.T, b []byte) {
		if body, ok := ring.Reveal("cursor", b, []byte("y")); ok && !bytes.Equal(b, hidden) {
			t.Errorf("%x was taken, as %q", b, body)
		}
	})
}
