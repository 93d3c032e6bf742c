package token

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

var sample = Link{Ticket: 7, Message: 31, Expires: 1_800_000_000, Generation: 2, Person: PersonOf(7, "ann@example.com")}

func sealed(t testing.TB, r Ring) string {
	t.Helper()
	s, err := SealLink(r, sample)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestLink(t *testing.T) {
	t.Parallel()
	ring := Ring{}.Rotate()
	s := sealed(t, ring)
	t.Run("M12 what was sealed opens, and stands in a URL as it is", func(t *testing.T) {
		t.Parallel()
		if l, ok := OpenLink(ring, s); !ok || l != sample {
			t.Errorf("opened %+v, %v", l, ok)
		}
		if strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" || len(s) != 76 {
			t.Errorf("%q", s)
		}
	})
	t.Run("M12 no bit of a link can be changed", func(t *testing.T) {
		t.Parallel()
		raw, err := text.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		for i := range len(raw) * 8 {
			b := bytes.Clone(raw)
			b[i/8] ^= 1 << (i % 8)
			if _, ok := OpenLink(ring, text.EncodeToString(b)); ok {
				t.Errorf("bit %d means nothing", i)
			}
		}
		for i := range len(s) * 8 {
			b := []byte(s)
			b[i/8] ^= 1 << (i % 8)
			if _, ok := OpenLink(ring, string(b)); ok {
				t.Errorf("bit %d of the text means nothing", i)
			}
		}
	})
	t.Run("M12 nothing may be missing or added", func(t *testing.T) {
		t.Parallel()
		for i := range s {
			if _, ok := OpenLink(ring, s[:i]); ok {
				t.Errorf("%d characters are enough", i)
			}
		}
		for _, x := range []string{s + "A", s + "AAAA", s + "=", " " + s, s + "\n", s + s, strings.Repeat("A", 1<<20)} {
			if _, ok := OpenLink(ring, x); ok {
				t.Errorf("%.90q was taken", x)
			}
		}
	})
}

func TestRing(t *testing.T) {
	t.Parallel()
	t.Run("M12 the key before still opens, the one before that does not, nor does a stranger's or none", func(t *testing.T) {
		t.Parallel()
		first := Ring{}.Rotate()
		s := sealed(t, first)
		second := first.Rotate()
		if _, ok := OpenLink(second, s); !ok {
			t.Error("the old key does not open")
		}
		third := second.Rotate()
		for name, r := range map[string]Ring{"gone": third, "dropped": second[:1], "stranger": Ring{}.Rotate(), "none": nil} {
			if l, ok := OpenLink(r, s); ok || l != (Link{}) {
				t.Errorf("%s: opened %+v", name, l)
			}
		}
		if len(third) != RingSize {
			t.Errorf("%d keys", len(third))
		}
	})
	t.Run("M12 the place of a missing key is no key", func(t *testing.T) {
		t.Parallel()
		s := sealed(t, Ring{Key{}})
		for _, r := range []Ring{nil, Ring{}.Rotate()} {
			if _, ok := OpenLink(r, s); ok {
				t.Errorf("a ring of %d opens what the zero key signed", len(r))
			}
		}
	})
	t.Run("a key beyond the ring's size is not looked at", func(t *testing.T) {
		t.Parallel()
		old := Ring{}.Rotate()
		if _, ok := OpenLink(Ring{NewKey(), NewKey(), old[0]}, sealed(t, old)); ok {
			t.Error("a third key opens")
		}
	})
	t.Run("what was sealed for one purpose does not open for another", func(t *testing.T) {
		t.Parallel()
		r := Ring{}.Rotate()
		b, err := r.Seal("mail", []byte("body"))
		if err != nil {
			t.Fatal(err)
		}
		if body, ok := r.Open("mail", b); !ok || string(body) != "body" {
			t.Errorf("opened %q, %v", body, ok)
		}
		if _, ok := r.Open("guest link", b); ok {
			t.Error("it opens")
		}
		if _, err := (Ring{}).Seal("mail", nil); err == nil {
			t.Error("sealed without a key")
		}
	})
	t.Run("M25 a survey is no guest link, and a guest link no survey", func(t *testing.T) {
		t.Parallel()
		r := Ring{}.Rotate()
		survey, err := SealSurvey(r, sample)
		if err != nil {
			t.Fatal(err)
		}
		if l, ok := OpenSurvey(r, survey); !ok || l != sample {
			t.Errorf("opened %+v, %v", l, ok)
		}
		if l, ok := OpenLink(r, survey); ok || l != (Link{}) {
			t.Errorf("a survey opens a ticket: %+v", l)
		}
		if l, ok := OpenSurvey(r, sealed(t, r)); ok || l != (Link{}) {
			t.Errorf("a link takes a rating: %+v", l)
		}
	})
	t.Run("sealing leaves the key alone", func(t *testing.T) {
		t.Parallel()
		r := Ring{}.Rotate()
		was := r[0]
		sealed(t, r)
		if r[0] != was {
			t.Error("the key changed")
		}
	})
}

func TestKey(t *testing.T) {
	t.Parallel()
	k := NewKey()
	b, err := k.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	t.Run("a key comes back, and a damaged one is an error", func(t *testing.T) {
		t.Parallel()
		var back Key
		if err := back.UnmarshalBinary(b); err != nil || back != k {
			t.Errorf("%v", err)
		}
		if back.UnmarshalBinary(b[1:]) == nil {
			t.Error("a short one is taken")
		}
	})
	t.Run("M12 no print and no log shows a key", func(t *testing.T) {
		t.Parallel()
		var out bytes.Buffer
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&out, verb+"\n", k)
			fmt.Fprintf(&out, verb+"\n", Ring{k})
			fmt.Fprintf(&out, verb+"\n", struct{ K Key }{k})
		}
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "key", k, "ring", Ring{k})
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "key", k, "ring", Ring{k})
		doc, err := json.Marshal(struct{ K Key }{k})
		if err != nil {
			t.Fatal(err)
		}
		out.Write(doc)
		for _, shown := range []string{fmt.Sprintf("%x", b[4:]), fmt.Sprintf("%d", b[4:8])[1:], string(b[4:])} {
			if strings.Contains(out.String(), strings.TrimRight(shown, "]")) {
				t.Errorf("the secret shows in\n%s", out.String())
			}
		}
	})
}

// FuzzOpenLink has any text come in: nothing but what was sealed opens, and nothing panics.
func FuzzOpenLink(f *testing.F) {
	ring := Ring{}.Rotate().Rotate()
	good := sealed(f, ring)
	f.Add(good)
	f.Add(good[1:])
	f.Add("")
	f.Add(strings.Repeat("A", 76))
	f.Add("../../etc")
	f.Add("é\x00")
	f.Fuzz(func(t *testing.T, s string) {
		if l, ok := OpenLink(ring, s); ok != (s == good) || (!ok && l != Link{}) {
			t.Errorf("%q opens as %+v, %v", s, l, ok)
		}
	})
}
