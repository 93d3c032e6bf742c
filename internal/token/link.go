package token

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
)

// Link is what a guest link says.
type Link struct {
	Ticket     int64
	Message    int64 // 0 for the ticket as a whole
	Expires    int64 // seconds since 1970
	Generation uint32
	Person     Person
}

// Person stands for a person, so that a link does not show an address: see PersonOf.
type Person [9]byte

// PersonOf is the digest of a person at a ticket, by whatever names them.
func PersonOf(ticket int64, name string) Person {
	sum := sha256.Sum256(append(binary.BigEndian.AppendUint64(nil, uint64(ticket)), name...))
	return Person(sum[:])
}

// What a link is for. One that was sealed for one purpose does not open for another.
const (
	linkPurpose   = "guest link"
	surveyPurpose = "survey"
)

const linkSize = 8 + 8 + 8 + 4 + len(Person{})

// text is the alphabet of a link: all of it may stand in a URL. Sealed links are a multiple of 3 bytes long, so no bit
// of the text is without meaning.
var text = base64.RawURLEncoding.Strict()

// SealLink returns a link as text for a URL. The error says that there is no key.
func SealLink(r Ring, l Link) (string, error) { return sealLink(r, linkPurpose, l) }

// SealSurvey returns a link that takes a rating of a message, and opens nothing. The error says that there is no key.
func SealSurvey(r Ring, l Link) (string, error) { return sealLink(r, surveyPurpose, l) }

func sealLink(r Ring, purpose string, l Link) (string, error) {
	b := make([]byte, 0, linkSize)
	b = binary.BigEndian.AppendUint64(b, uint64(l.Ticket))
	b = binary.BigEndian.AppendUint64(b, uint64(l.Message))
	b = binary.BigEndian.AppendUint64(b, uint64(l.Expires))
	b = binary.BigEndian.AppendUint32(b, l.Generation)
	b = append(b, l.Person[:]...)
	sealed, err := r.Seal(purpose, b)
	return text.EncodeToString(sealed), err
}

// OpenLink reads what SealLink wrote, and says whether it is genuine: what is not is the zero Link. It takes the same
// time for every text: one that is no link at all has the work of one that is done to it.
func OpenLink(r Ring, s string) (l Link, genuine bool) { return openLink(r, linkPurpose, s) }

// OpenSurvey reads what SealSurvey wrote, as OpenLink does.
func OpenSurvey(r Ring, s string) (l Link, genuine bool) { return openLink(r, surveyPurpose, s) }

func openLink(r Ring, purpose, s string) (l Link, genuine bool) {
	sealed, err := text.DecodeString(s[:min(len(s), text.EncodedLen(linkSize+Overhead))])
	whole := err == nil && len(s) == text.EncodedLen(linkSize+Overhead) && len(sealed) == linkSize+Overhead
	if !whole {
		sealed = make([]byte, linkSize+Overhead)
	}
	b, ok := r.Open(purpose, sealed)
	if !ok || !whole {
		return Link{}, false
	}
	return Link{
		Ticket:     int64(binary.BigEndian.Uint64(b)),
		Message:    int64(binary.BigEndian.Uint64(b[8:])),
		Expires:    int64(binary.BigEndian.Uint64(b[16:])),
		Generation: binary.BigEndian.Uint32(b[24:]),
		Person:     Person(b[28:]),
	}, true
}
