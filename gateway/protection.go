package gateway

import (
	"bytes"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/internal/cms"
)

// Protection is how a mail, or a part of it, was signed or encrypted.
type Protection string

// The protections that Read recognises. Signatures are not verified: who relies on one
// looks at the raw mail.
const (
	SignedSMIME    Protection = "signed_smime"    // S/MIME (RFC 8551)
	EncryptedSMIME Protection = "encrypted_smime" // S/MIME
	SignedPGP      Protection = "signed_pgp"      // OpenPGP: PGP/MIME (RFC 3156) or in the text (RFC 9580)
	EncryptedPGP   Protection = "encrypted_pgp"   // OpenPGP
)

// Encrypted is an encrypted part of a mail, as [ReadOptions.Decrypt] gets it.
type Encrypted struct {
	// Protection is EncryptedSMIME or EncryptedPGP.
	Protection Protection
	// Data is the CMS structure (RFC 5652), or the OpenPGP message (RFC 9580) with or
	// without its armour. Its transfer encoding is undone.
	Data []byte
	// Inline says that the message stood in a text. What is decrypted is then the text
	// in its place, in UTF-8, and not a MIME part.
	Inline bool
}

// protect labels the mail, the outermost protection first.
func (u *unwrapper) protect(p Protection) {
	if !slices.Contains(u.protections, p) {
		u.protections = append(u.protections, p)
	}
}

// The armour of OpenPGP in a text (RFC 9580 §6.2 and §7).
const (
	pgpSigned     = "-----BEGIN PGP SIGNED MESSAGE-----"
	pgpMessage    = "-----BEGIN PGP MESSAGE-----"
	pgpMessageEnd = "-----END PGP MESSAGE-----"
)

// lineStarting returns where a line of text begins with prefix, or -1.
func lineStarting(text, prefix string) int {
	if strings.HasPrefix(text, prefix) {
		return 0
	}
	if i := strings.Index(text, "\n"+prefix); i >= 0 {
		return i + 1
	}
	return -1
}

// signatureOf tells which signature a multipart/signed has (RFC 1847 §2.1): what its
// protocol says, or else its last part.
func signatureOf(p *part) Protection {
	protocol := strings.ToLower(p.media.params["protocol"])
	if protocol == "" && len(p.children) > 0 {
		protocol = p.children[len(p.children)-1].media.name
	}
	if strings.Contains(protocol, "pgp") {
		return SignedPGP
	}
	return SignedSMIME
}

// pgpCiphertext returns the part that holds the message of PGP/MIME (RFC 3156 §4), nil
// if p is something else. Some servers turn the multipart into a mixed one.
func pgpCiphertext(p *part) *part {
	for i, c := range p.children {
		if c.media.name == "application/pgp-encrypted" && i+1 < len(p.children) && len(p.children[i+1].children) == 0 {
			return p.children[i+1]
		}
	}
	return nil
}

// cmsOf returns the kind and the bytes of an S/MIME part (RFC 8551 §3.2).
func cmsOf(p *part) (cms.Kind, []byte) {
	name := strings.ToLower(p.filename())
	switch p.media.name {
	case "application/pkcs7-mime", "application/x-pkcs7-mime":
	case "application/octet-stream":
		if !strings.HasSuffix(name, ".p7m") && !strings.HasSuffix(name, ".p7z") {
			return cms.Other, nil
		}
	default:
		return cms.Other, nil
	}
	data, _ := p.content()
	if text := bytes.TrimSpace(data); bytes.HasPrefix(text, []byte("MI")) { // base64 that was not declared
		if decoded, sound := decodeBase64(text); sound {
			data = decoded
		}
	}
	return cms.KindOf(data), data
}
