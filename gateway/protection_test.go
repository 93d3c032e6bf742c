package gateway_test

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway"
)

// der writes an element of ASN.1.
func der(tag byte, content ...[]byte) []byte {
	all := bytes.Join(content, nil)
	n := len(all)
	return append([]byte{tag, 0x84, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}, all...)
}

// envelope writes a CMS structure of the kind that an object identifier ends with.
func envelope(kind string, content []byte) []byte {
	inner := der(0x30, der(0x06, []byte("\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01")), der(0xA0, der(0x04, content)))
	return der(0x30, der(0x06, []byte("\x2A\x86\x48\x86\xF7\x0D\x01"+kind)), der(0xA0, der(0x30, der(0x02, []byte{1}), der(0x31), inner, der(0x31))))
}

const (
	signedData     = "\x07\x02"
	envelopedData  = "\x07\x03"
	compressedData = "\x09\x10\x01\x09"
)

// p7m is a MIME part that holds a CMS structure.
func p7m(data []byte) string {
	return "Content-Type: application/pkcs7-mime; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=smime.p7m\r\n\r\n" +
		base64.StdEncoding.EncodeToString(data) + "\r\n"
}

// sent puts a header before the rest of a mail.
func sent(rest string) []byte {
	return []byte("From: a@example.com\r\nSubject: s\r\nMIME-Version: 1.0\r\n" + rest)
}

const inner = "Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\nGr\xFC\xDFe\r\n--i\r\n" +
	"Content-Type: application/pdf; name=a.pdf\r\n\r\n%PDF\r\n--i--\r\n"

func pgpMIME(boundary string) string {
	return "Content-Type: multipart/" + boundary + "; boundary=e\r\n\r\n--e\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--e\r\n" +
		"Content-Type: application/octet-stream; name=encrypted.asc\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nsecret\r\n-----END PGP MESSAGE-----\r\n--e--\r\n"
}

// say tells what a mail is, in short.
func say(m *gateway.Mail) string {
	var files []string
	for _, a := range m.Attachments {
		files = append(files, fmt.Sprintf("%s %d", a.Filename, a.Size))
	}
	return fmt.Sprintf("%v %q %v %q", m.Protections, m.Text, files, m.Problems)
}

func TestProtection(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	z.Write([]byte(inner))
	z.Close()
	for _, c := range []struct{ name, rest, want string }{
		{"PGP/MIME signed", "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\n" +
			"Content-Type: application/pgp-signature; name=signature.asc\r\n\r\nx\r\n--b--\r\n", `[signed_pgp] "hello" [signature.asc 1] []`},
		{"S/MIME with the signature beside it", "Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\n" +
			"Content-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\nMA==\r\n--b--\r\n", `[signed_smime] "hello" [smime.p7s 1] []`},
		{"S/MIME with the content in the signature", p7m(envelope(signedData, []byte(inner))), `[signed_smime] "Grüße" [a.pdf 4] []`},
		{"S/MIME under a type that says nothing", strings.Replace(p7m(envelope(signedData, []byte(inner))), "pkcs7-mime", "octet-stream", 1), `[signed_smime] "Grüße" [a.pdf 4] []`},
		{"S/MIME compressed", p7m(envelope(compressedData, packed.Bytes())), `[] "Grüße" [a.pdf 4] []`},
		{"S/MIME signed, compressed and signed", p7m(envelope(signedData, []byte(p7m(envelope(signedData, []byte(inner)))))), `[signed_smime] "Grüße" [a.pdf 4] []`},
		{"S/MIME around a text without a header", p7m(envelope(signedData, []byte("\r\nhello: you"))), `[signed_smime] "hello: you" [] []`},
		{"S/MIME encrypted", p7m(envelope(envelopedData, []byte("x"))), fmt.Sprintf(`[encrypted_smime] "" [smime.p7m %d] []`, len(envelope(envelopedData, []byte("x"))))},
		{"S/MIME damaged", p7m(envelope(signedData, []byte(inner))[:100]), `[] "" [smime.p7m 100] []`},
		{"PGP/MIME encrypted", pgpMIME("encrypted"), `[encrypted_pgp] "" [attachment-1.bin 10 encrypted.asc 64] []`},
		{"PGP/MIME encrypted, as some servers mangle it", pgpMIME("mixed"), `[encrypted_pgp] "" [attachment-1.bin 10 encrypted.asc 64] []`},
		{"PGP in a text", "\r\nhi\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nx\r\n-----END PGP MESSAGE-----\r\n",
			`[encrypted_pgp] "hi\n-----BEGIN PGP MESSAGE-----\n\nx\n-----END PGP MESSAGE-----" [] []`},
		{"PGP signature in a text", "\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\nhello\r\n-----BEGIN PGP SIGNATURE-----\r\nx\r\n-----END PGP SIGNATURE-----\r\n",
			`[signed_pgp] "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nhello\n-----BEGIN PGP SIGNATURE-----\nx\n-----END PGP SIGNATURE-----" [] []`},
		{"talk about PGP", "\r\nWrite -----BEGIN PGP MESSAGE----- first.", `[] "Write -----BEGIN PGP MESSAGE----- first." [] []`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := read(sent(c.rest))
			checkSound(t, c.name, m)
			if got := say(m); got != c.want {
				t.Errorf("%s\nwant %s", got, c.want)
			}
		})
	}
}

func TestDecrypt(t *testing.T) {
	t.Parallel()
	refuse := func(gateway.Encrypted) ([]byte, error) { return nil, errors.New("no key") }
	open := func(content string) func(gateway.Encrypted) ([]byte, error) {
		return func(e gateway.Encrypted) ([]byte, error) {
			if len(e.Data) == 0 {
				return nil, errors.New("nothing to decrypt")
			}
			return []byte(content), nil
		}
	}
	smime := p7m(envelope(envelopedData, []byte("x")))
	const kept = "an encrypted part could not be decrypted and is kept as it is"
	inline := "\r\nbefore\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nx\r\n-----END PGP MESSAGE-----\r\nafter"
	for _, c := range []struct {
		name, rest string
		decrypt    func(gateway.Encrypted) ([]byte, error)
		want       string
	}{
		{"S/MIME", smime, open(inner), `[encrypted_smime] "Grüße" [a.pdf 4] []`},
		{"S/MIME, signed within", smime, open(p7m(envelope(signedData, []byte(inner)))), `[encrypted_smime signed_smime] "Grüße" [a.pdf 4] []`},
		{"PGP/MIME", pgpMIME("encrypted"), open(inner), `[encrypted_pgp] "Grüße" [a.pdf 4] []`},
		{"PGP in a text", inline, open("Grüße"), `[encrypted_pgp] "before\nGrüße\nafter" [] []`},
		{"no key", pgpMIME("encrypted"), refuse, `[encrypted_pgp] "" [attachment-1.bin 10 encrypted.asc 64] ["` + kept + `"]`},
		{"no key for a text", inline, refuse, `[encrypted_pgp] "before\n-----BEGIN PGP MESSAGE-----\n\nx\n-----END PGP MESSAGE-----\nafter" [] ["` + kept + `"]`},
		{"too large", pgpMIME("encrypted"), open(strings.Repeat("x", 1<<20+1)), `[encrypted_pgp] "" [attachment-1.bin 10 encrypted.asc 64] ["` + kept + `"]`},
		{"panic", pgpMIME("encrypted"), func(gateway.Encrypted) ([]byte, error) { panic("no") },
			`[encrypted_pgp] "" [attachment-1.bin 10 encrypted.asc 64] ["` + kept + `"]`},
		{"itself again and again", smime, open(smime), fmt.Sprintf(`[encrypted_smime] "" [smime.p7m %d] ["envelopes over the limit are kept as files"]`, len(envelope(envelopedData, []byte("x"))))},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := gateway.Read(sent(c.rest), received, &gateway.ReadOptions{Limits: gateway.Limits{Mail: 1 << 20}, Decrypt: c.decrypt})
			checkSound(t, c.name, m)
			if got := say(m); got != c.want {
				t.Errorf("%s\nwant %s", got, c.want)
			}
		})
	}
	t.Run("a subject that was blanked out is the one within", func(t *testing.T) {
		t.Parallel()
		within := open("Content-Type: text/plain; protected-headers=\"v1\"\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n\r\nx")
		for outer, want := range map[string]string{"...": "Grüße", "[...]": "Grüße", "Encrypted Message": "Grüße", "Invoice": "Invoice"} {
			raw := []byte("From: a@example.com\r\nSubject: " + outer + "\r\n" + smime)
			if m := gateway.Read(raw, received, &gateway.ReadOptions{Decrypt: within}); m.Subject != want {
				t.Errorf("%s: %q, want %q", outer, m.Subject, want)
			}
		}
	})
}

func TestEnvelopeBombs(t *testing.T) {
	t.Parallel()
	deep := inner
	for range 100 {
		deep = "Content-Type: application/pkcs7-mime\r\n\r\n" + string(envelope(signedData, []byte(deep)))
	}
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	z.Write(bytes.Repeat([]byte("x"), 200<<20))
	z.Close()
	many := "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n"+p7m(envelope(signedData, []byte(inner))), 100) + "--b--\r\n"
	for name, c := range map[string]struct {
		rest  string
		files int
	}{
		"100 envelopes within each other": {deep, 1},
		"a compressed bomb":               {p7m(envelope(compressedData, packed.Bytes())), 1},
		"100 envelopes side by side":      {many, 100},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			begin := time.Now()
			m := read(sent(c.rest))
			checkSound(t, name, m)
			if took := time.Since(begin); took > longest || m.Degraded || len(m.Attachments) != c.files {
				t.Errorf("%v, degraded %v, %d files", took, m.Degraded, len(m.Attachments))
			}
			if !slices.ContainsFunc(m.Attachments, func(a gateway.Attachment) bool {
				return a.Filename == "smime.p7m" || a.MediaType == "application/pkcs7-mime"
			}) {
				t.Error("no envelope was kept")
			}
		})
	}
}
