package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// secretPrefix is what a key begins with that is written out.
const secretPrefix = "whsec_"

const keySize = 32 // bytes; Standard Webhooks asks for 24 to 64

func newKey() []byte {
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // never fails
	return key
}

// written is a key as its receiver is given it.
func written(key []byte) string { return secretPrefix + base64.StdEncoding.EncodeToString(key) }

// newID is a random part of ids: none of another desk, and of a desk from an older backup, is the same.
func newID() string {
	b := make([]byte, 8)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

// signatures are those of a request by each key, as the header has them.
func signatures(keys [][]byte, id string, at time.Time, body []byte) string {
	var out []string
	for _, key := range keys {
		mac := hmac.New(sha256.New, key)
		fmt.Fprintf(mac, "%s.%d.", id, at.Unix())
		mac.Write(body)
		out = append(out, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return strings.Join(out, " ")
}
