// Package token signs what a desk hands out and wants to know again: the body of a guest link, the mark of a mail. It
// is pure: bytes in, bytes out. Who keeps the keys and what a body says is for the caller.
package token

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
)

const (
	idSize     = 4
	secretSize = 32
	// tagSize is what is kept of an HMAC-SHA-256: half of it, which RFC 2104, 5, allows.
	tagSize = 16
)

// Overhead is how many bytes longer a sealed body is.
const Overhead = idSize + tagSize

// Key signs. Its id goes with what it signed; its secret shows nowhere but in MarshalBinary.
type Key struct {
	id     [idSize]byte
	secret [secretSize]byte
}

// NewKey makes a random key.
func NewKey() Key {
	var k Key
	_, _ = rand.Read(k.id[:]) // never fails: see crypto/rand
	_, _ = rand.Read(k.secret[:])
	return k
}

// MarshalBinary returns id and secret, for whoever keeps the key.
func (k Key) MarshalBinary() ([]byte, error) { return append(k.id[:], k.secret[:]...), nil }

// UnmarshalBinary reads what MarshalBinary wrote.
func (k *Key) UnmarshalBinary(b []byte) error {
	if len(b) != idSize+secretSize {
		return errors.New("token: a key of another length: the record that holds it is damaged")
	}
	copy(k.id[:], b)
	copy(k.secret[:], b[idSize:])
	return nil
}

// Format keeps the secret out of whatever is printed.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[key]") }

// LogValue keeps the secret out of logs.
func (k Key) LogValue() slog.Value { return slog.StringValue("[key]") }

// tag is the mark of a key on what has its id in front.
func (k Key) tag(purpose string, signed []byte) []byte {
	mac := hmac.New(sha256.New, k.secret[:])
	purposeSum := sha256.Sum256([]byte(purpose)) // of a fixed length, so that purpose and body cannot run together
	mac.Write(purposeSum[:])
	mac.Write(signed)
	return mac.Sum(nil)[:tagSize]
}

// RingSize is how many keys verify: the one that signs, and the one before it.
const RingSize = 2

// Ring is the keys of one purpose, the newest first. The first signs; keys after the first RingSize are not looked at.
type Ring []Key

// Rotate returns the ring with a new key that signs; the one that signed still verifies, and the one before is gone.
func (r Ring) Rotate() Ring {
	next := append(Ring{NewKey()}, r...)
	return next[:min(len(next), RingSize)]
}

// First returns the ring without the keys that only verify.
func (r Ring) First() Ring { return r[:min(len(r), 1)] }

// Seal returns body with the id of the first key in front and its mark behind. What was sealed for one purpose does not
// open for another. The error says that there is no key.
func (r Ring) Seal(purpose string, body []byte) ([]byte, error) {
	if len(r) == 0 {
		return nil, errors.New("token: no key to sign with")
	}
	signed := append(r[0].id[:], body...)
	return append(signed, r[0].tag(purpose, signed)...), nil
}

// Open returns the body of what Seal returned, and whether it is genuine; the body of anything else is nil.
//
// How long it takes depends on the length of sealed and on nothing else: the marks of RingSize keys are always made and
// compared, whichever key it names, also where the ring has fewer, and nothing is decided before all is done.
func (r Ring) Open(purpose string, sealed []byte) (body []byte, genuine bool) {
	ok := subtle.ConstantTimeLessOrEq(Overhead, min(len(sealed), 1<<30))
	if len(sealed) < Overhead {
		sealed = make([]byte, Overhead)
	}
	var keys [RingSize]Key
	present := copy(keys[:], r)
	signed, tag := sealed[:len(sealed)-tagSize], sealed[len(sealed)-tagSize:]
	match := 0
	for i, k := range keys {
		same := subtle.ConstantTimeCompare(k.id[:], signed[:idSize]) & subtle.ConstantTimeCompare(k.tag(purpose, signed), tag)
		match |= same & subtle.ConstantTimeLessOrEq(i+1, present) // the key that fills an empty place opens nothing
	}
	if ok&match != 1 {
		return nil, false
	}
	return signed[idSize:], true
}

// Names reports whether sealed claims to be of one of the keys that verify. It proves nothing.
func (r Ring) Names(sealed []byte) bool {
	return len(sealed) >= Overhead && slices.ContainsFunc(r[:min(len(r), RingSize)], func(k Key) bool { return k.id == [idSize]byte(sealed) })
}

// Instance is a name that nobody guesses, made of the first key; empty where there is none.
func (r Ring) Instance() string {
	if len(r) == 0 {
		return ""
	}
	return hex.EncodeToString(r[0].tag("instance", nil))
}
