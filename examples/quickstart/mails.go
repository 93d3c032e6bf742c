package main

import (
	"bytes"
	"embed"
	"encoding/base64"
	"fmt"
	"io/fs"
)

// The mails are written for this program.
//
//go:embed mails/*.eml
var mailFiles embed.FS

// ownMails are the mails of the demonstration, in the order in which they came, with the line ends of mail (RFC 5322
// §2.1).
func ownMails() ([][]byte, error) {
	names, err := fs.Glob(mailFiles, "mails/*.eml")
	if err != nil {
		return nil, err
	}
	var mails [][]byte
	for _, name := range names {
		raw, err := mailFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")) // as a checkout may have made it
		mails = append(mails, bytes.ReplaceAll(raw, []byte("\n"), []byte("\r\n")))
	}
	return append(mails, bigMail()), nil
}

// bigMail has an attachment of 1 MB, the same one each time.
func bigMail() []byte {
	var content bytes.Buffer
	for n := 1; content.Len() < 1<<20; n++ {
		fmt.Fprintf(&content, "%06d dimmer at %d %%\n", n, n%101)
	}
	code := base64.StdEncoding.EncodeToString(content.Bytes()[:1<<20])
	var mail bytes.Buffer
	mail.WriteString(bigMailHead)
	for len(code) > 0 {
		n := min(76, len(code))
		mail.WriteString(code[:n] + "\n")
		code = code[n:]
	}
	mail.WriteString("--log--\n")
	return bytes.ReplaceAll(mail.Bytes(), []byte("\n"), []byte("\r\n"))
}

const bigMailHead = `From: Gus Example <gus@example.com>
To: support@desk.example
Date: Mon, 2 Mar 2026 17:00:00 +0000
Message-ID: <dimmer-1@example.com>
Subject: The dimmer flickers: log attached
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="log"

--log
Content-Type: text/plain; charset=utf-8

It flickers every evening. Its log is attached.

Gus
--log
Content-Type: text/plain; charset=us-ascii
Content-Disposition: attachment; filename="dimmer.log"
Content-Transfer-Encoding: base64

`
