package token

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
)

// Hide returns body so that nobody without the key can read it, change it, or use it elsewhere: what was hidden for one
// purpose and one place opens for no other. It is encrypted with AES-256 in GCM, by a key that the first key of the ring
// is the source of (HKDF, RFC 5869), with a random nonce. The error says that there is no key.
func (r Ring) Hide(purpose string, body, place []byte) ([]byte, error) {
	if len(r) == 0 {
		return nil, errors.New("token: no key to encrypt with")
	}
	seal, err := r[0].cipher(purpose)
	if err != nil {
		return nil, err
	}
	return seal.Seal(r[0].id[:], nil, body, place), nil
}

// Reveal returns the body of what Hide returned, and whether it is genuine and of that place.
func (r Ring) Reveal(purpose string, hidden, place []byte) (body []byte, genuine bool) {
	if len(hidden) < idSize {
		return nil, false
	}
	for _, k := range r[:min(len(r), RingSize)] {
		if k.id != [idSize]byte(hidden) {
			continue
		}
		seal, err := k.cipher(purpose)
		if err != nil {
			return nil, false
		}
		if body, err = seal.Open(nil, nil, hidden[idSize:], place); err == nil {
			return body, true
		}
	}
	return nil, false
}

// cipher is that of a key for one purpose. Its nonces stand in front of what it seals.
func (k Key) cipher(purpose string) (cipher.AEAD, error) {
	secret, err := hkdf.Key(sha256.New, k.secret[:], nil, "encrypt: "+purpose, secretSize)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
