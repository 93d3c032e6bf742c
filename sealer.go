package helpdesk

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Sealer encrypts the bodies of messages with a key of the host's (W32). It is safe for concurrent use.
//
// Both get additional data that must be authenticated with the text (as AEAD has it, RFC 5116): it names the place where
// the text belongs, so that one cannot be passed off as another. Seal runs inside the transaction of the write, whose
// row others wait for: it should not talk to other systems. Open runs outside, once for each encrypted message that is
// read.
type Sealer interface {
	Seal(ctx context.Context, plain, aad []byte) ([]byte, error)
	// Open returns what Seal was given; an error where it cannot, which the desk reports as ticket.ErrSealed.
	Open(ctx context.Context, sealed, aad []byte) ([]byte, error)
}

const (
	sealedVersion = 1
	keyIDSize     = 8
)

// NewSealer returns a Sealer of AES-256-GCM (NIST SP 800-38D) over keys of 32 bytes. The first key seals, all of them
// open: to rotate, put a new key in front and keep the old ones for as long as their messages are to be read. What is
// sealed begins with a version and the id of its key, which is a digest. Nonces are random, so a key should seal no more
// than 2^32 texts. Error: ticket.ErrInvalid for no key, and for one of another length.
func NewSealer(keys ...[]byte) (Sealer, error) {
	if len(keys) == 0 {
		return nil, fmt.Errorf("helpdesk: new sealer: %w", ticket.Invalid("keys", ticket.FaultRequired, "at least one is needed"))
	}
	s := &gcmSealer{keys: map[keyID]cipher.AEAD{}}
	for i, key := range keys {
		if len(key) != 32 {
			return nil, fmt.Errorf("helpdesk: new sealer: %w", ticket.Invalid("keys", ticket.FaultMalformed, "key %d has %d bytes: 32 random ones are needed", i, len(key)))
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, fmt.Errorf("helpdesk: new sealer: %w", err)
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, fmt.Errorf("helpdesk: new sealer: %w", err)
		}
		id := idOfKey(key)
		if s.keys[id] = aead; i == 0 {
			s.first = id
		}
	}
	return s, nil
}

type keyID [keyIDSize]byte

// idOfKey names a key without telling of it.
func idOfKey(key []byte) keyID {
	sum := sha256.Sum256(append([]byte("helpdesk: id of a sealer's key\x00"), key...))
	return keyID(sum[:])
}

type gcmSealer struct {
	first keyID
	keys  map[keyID]cipher.AEAD // with the nonce in front of what they seal
}

var _ Sealer = (*gcmSealer)(nil)

func (s *gcmSealer) Seal(_ context.Context, plain, aad []byte) ([]byte, error) {
	head := append([]byte{sealedVersion}, s.first[:]...)
	return s.keys[s.first].Seal(head, nil, plain, bound(head, aad)), nil
}

func (s *gcmSealer) Open(_ context.Context, sealed, aad []byte) ([]byte, error) {
	if len(sealed) < 1+keyIDSize || sealed[0] != sealedVersion {
		return nil, errors.New("it is nothing that this sealer sealed")
	}
	head, rest := sealed[:1+keyIDSize], sealed[1+keyIDSize:]
	aead, ok := s.keys[keyID(head[1:])]
	if !ok {
		return nil, fmt.Errorf("the key %x is missing: give it to NewSealer behind the newer ones", head[1:])
	}
	plain, err := aead.Open(nil, nil, rest, bound(head, aad))
	if err != nil {
		return nil, errors.New("it is damaged, or was moved here from another place")
	}
	return plain, nil
}

// bound ties the head to the text, beside the place.
func bound(head, aad []byte) []byte {
	return append(append(make([]byte, 0, len(head)+len(aad)), head...), aad...)
}

// Format keeps the keys out of whatever is printed.
func (s *gcmSealer) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "[sealer of %d keys]", len(s.keys)) }
