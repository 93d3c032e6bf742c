package imap

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
)

// How much a server may say before the connection is protected.
const (
	mostEarlyLines = 20
	longestEarly   = 4096
)

// startTLS protects a connection that began without (RFC 3501, section 6.2.1), and returns one on which the server greets:
// what it has said before counts for nothing.
func (s *session) startTLS(ctx context.Context) (net.Conn, error) {
	lines := bufio.NewReaderSize(s.conn, longestEarly)
	if err := status(lines, "*"); err != nil {
		return nil, failure(phaseConnect, err)
	}
	if _, err := io.WriteString(s.conn, "S STARTTLS\r\n"); err != nil {
		return nil, failure(phaseStartTLS, err)
	}
	if err := status(lines, "S"); err != nil {
		return nil, failure(phaseStartTLS, err)
	}
	if lines.Buffered() > 0 { // it may be somebody else's word
		return nil, failure(phaseStartTLS, errors.New("the server speaks before the connection is protected"))
	}
	conn := tls.Client(s.conn, s.config.TLSConfig)
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, failure(phaseStartTLS, err)
	}
	return greeted{conn, io.MultiReader(strings.NewReader("* OK protected\r\n"), conn)}, nil
}

// status reads up to the line with the tag, and says what is wrong with that.
func status(lines *bufio.Reader, tag string) error {
	for range mostEarlyLines {
		line, err := lines.ReadSlice('\n')
		if err != nil {
			return err
		}
		got, rest, _ := strings.Cut(strings.TrimRight(string(line), "\r\n"), " ")
		word, text, _ := strings.Cut(rest, " ")
		switch word = strings.ToUpper(word); {
		case got == "*" && word == "BYE":
			return &goimap.Error{Type: goimap.StatusResponseTypeBye, Text: text}
		case got != tag:
			continue
		case word == "OK":
			return nil
		case word == "NO" || word == "BAD":
			return &goimap.Error{Type: goimap.StatusResponseType(word), Text: text}
		}
		return fmt.Errorf("%q is no answer that leads to a protected connection", line)
	}
	return errFlood
}

// greeted is a connection whose other side seems to greet.
type greeted struct {
	net.Conn
	from io.Reader
}

func (g greeted) Read(p []byte) (int, error) { return g.from.Read(p) }
