package pop3

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxLine is how long a line of a server may be that is not one of a mail: RFC 2449 (section 4) allows 512 bytes.
const maxLine = 4096

// maxList is how many bytes a listing may have: 100,000 mails have some 8 MB.
const maxList = 64 << 20

// conn is a connection. Every command has a deadline of its own.
type conn struct {
	net   net.Conn
	lines *bufio.Reader
	caps  capabilities
	stop  func() bool // ends the watch on the context
	ctx   context.Context
	token string // with which it logs in; empty until it is asked for
}

// capabilities are what a server says that it can (RFC 2449). A server that has no CAPA has none.
type capabilities struct {
	asked bool
	list  map[string][]string // arguments by name, in upper case
}

func (c capabilities) mechanism(name string) bool { return slices.Contains(c.list["SASL"], name) }

// dial connects, and protects the connection as the configuration says, before anything secret is sent.
func dial(ctx context.Context, cfg *Config) (*conn, error) {
	limited, cancel := context.WithTimeout(ctx, cfg.Timeouts.Connect)
	defer cancel()
	raw, err := (&net.Dialer{}).DialContext(limited, "tcp", cfg.Address)
	if err != nil {
		return nil, failure(phaseConnect, err)
	}
	c := &conn{ctx: ctx}
	c.stop = context.AfterFunc(ctx, func() { _ = raw.Close() })
	c.use(raw)
	if cfg.Security == TLS {
		err = c.protect(limited, cfg)
	}
	if err == nil {
		_, err = c.answer(cfg.Timeouts.Connect)
	}
	if err == nil && cfg.Security == StartTLS {
		err = c.startTLS(limited, cfg)
	}
	if err != nil {
		c.close()
		return nil, failure(phaseConnect, err)
	}
	return c, nil
}

func (c *conn) use(n net.Conn) { c.net, c.lines = n, bufio.NewReaderSize(n, 32<<10) }

func (c *conn) protect(ctx context.Context, cfg *Config) error {
	t := tls.Client(c.net, cfg.TLSConfig)
	if err := t.HandshakeContext(ctx); err != nil {
		return err
	}
	c.use(t)
	return nil
}

// startTLS protects a connection that began without (RFC 2595, section 4). What came unprotected behind the answer is
// somebody else's word, and ends it.
func (c *conn) startTLS(ctx context.Context, cfg *Config) error {
	if _, err := c.command(cfg.Timeouts.Command, "STLS"); err != nil {
		return errors.Join(ErrTLS, err)
	}
	if c.lines.Buffered() > 0 {
		return fmt.Errorf("%w: the server speaks before the connection is protected", ErrTLS)
	}
	return c.protect(ctx, cfg)
}

// command sends a line, and returns what stands behind +OK.
func (c *conn) command(limit time.Duration, line string) (string, error) {
	if strings.ContainsAny(line, "\r\n\x00") {
		return "", fmt.Errorf("%w: a command of several lines", ErrProtocol)
	}
	if err := c.send(limit, line); err != nil {
		return "", err
	}
	return c.answer(limit)
}

func (c *conn) send(limit time.Duration, line string) error {
	if err := c.net.SetDeadline(time.Now().Add(limit)); err != nil {
		return err
	}
	_, err := io.WriteString(c.net, line+"\r\n")
	return err
}

// answer reads +OK, or returns what is wrong.
func (c *conn) answer(limit time.Duration) (string, error) {
	line, err := c.line(limit)
	if err != nil {
		return "", err
	}
	return read(line)
}

// read takes an answer apart (RFC 1939, section 3).
func read(line string) (string, error) {
	status, rest, _ := strings.Cut(line, " ")
	switch strings.ToUpper(status) {
	case "+OK":
		return rest, nil
	case "-ERR":
		return "", &refusal{rest}
	}
	return "", fmt.Errorf("%w: %q is no answer", ErrProtocol, shortened(line))
}

// refusal is what a server says after -ERR.
type refusal struct{ text string }

func (r *refusal) Error() string { return shortened(r.text) }

// code is the response code (RFC 2449, section 8, and RFC 3206), or empty.
func (r *refusal) code() string {
	if !strings.HasPrefix(r.text, "[") {
		return ""
	}
	code, _, ok := strings.Cut(r.text[1:], "]")
	if !ok {
		return ""
	}
	return strings.ToUpper(code)
}

func shortened(s string) string {
	s = strings.ToValidUTF8(s, "?")
	if len(s) > 200 {
		s = s[:200] + "…"
	}
	return s
}

// line reads one line of at most maxLine bytes.
func (c *conn) line(limit time.Duration) (string, error) {
	if err := c.net.SetReadDeadline(time.Now().Add(limit)); err != nil {
		return "", err
	}
	var out []byte
	for {
		part, err := c.lines.ReadSlice('\n')
		out = append(out, part...)
		switch {
		case len(out) > maxLine:
			return "", fmt.Errorf("%w: a line without an end", ErrProtocol)
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil:
			return "", err
		}
		return strings.TrimRight(string(out), "\r\n"), nil
	}
}

// each reads the lines of a listing, up to the one that is a point.
func (c *conn) each(limit time.Duration, fn func(line string) error) error {
	for size := 0; ; {
		line, err := c.line(limit)
		if err != nil {
			return err
		}
		if line == "." {
			return nil
		}
		if size += len(line) + 2; size > maxList {
			return fmt.Errorf("%w: a listing without an end", ErrProtocol)
		}
		if err := fn(strings.TrimPrefix(line, ".")); err != nil {
			return err
		}
	}
}

// ask sends a command whose answer is a listing.
func (c *conn) ask(limit time.Duration, command string, fn func(line string) error) error {
	if _, err := c.command(limit, command); err != nil {
		return err
	}
	return c.each(limit, fn)
}

// capa asks what the server can, once: it may say more when the connection is protected. A server need not know CAPA.
func (c *conn) capa(limit time.Duration) error {
	if c.caps.asked {
		return nil
	}
	c.caps = capabilities{asked: true, list: map[string][]string{}}
	err := c.ask(limit, "CAPA", func(line string) error {
		words := strings.Fields(strings.ToUpper(line))
		if len(words) > 0 {
			c.caps.list[words[0]] = words[1:]
		}
		return nil
	})
	var no *refusal
	if errors.As(err, &no) {
		return nil
	}
	return err
}

// body reads a mail, of which no more than most bytes are kept; size is what came. Points at the beginning of lines are
// doubled on the way (RFC 1939, section 3).
func (c *conn) body(limit time.Duration, most int64) (raw []byte, size int64, err error) {
	var b bytes.Buffer
	begin := true
	for {
		if err := c.net.SetReadDeadline(time.Now().Add(limit)); err != nil {
			return nil, 0, err
		}
		part, err := c.lines.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return nil, 0, err
		}
		whole := err == nil
		if begin && len(part) > 0 && part[0] == '.' {
			if part = part[1:]; whole && len(bytes.TrimRight(part, "\r\n")) == 0 {
				return b.Bytes(), size, nil
			}
		}
		begin = whole
		size += int64(len(part))
		if int64(b.Len()) < most {
			b.Write(part[:min(int64(len(part)), most-int64(b.Len()))])
		}
		if size > most+flood {
			return nil, size, fmt.Errorf("%w: a mail without an end", ErrProtocol)
		}
	}
}

// flood is how much of a mail that is too large is read to come to its end: more, and the connection is given up.
const flood = 8 << 20

// entry is a mail of the maildrop.
type entry struct {
	number int
	id     string // UIDL
	size   int64
}

// list lists the maildrop with the ids that its mails keep (RFC 1939, UIDL): one to 70 bytes of 0x21 to 0x7E, at least.
func (c *conn) list(limit time.Duration) ([]entry, error) {
	sizes := map[int]int64{}
	err := c.ask(limit, "LIST", func(line string) error {
		n, rest, err := numbered(line)
		if err != nil {
			return err
		}
		size, err := strconv.ParseInt(rest, 10, 64)
		if err != nil || size < 0 {
			return fmt.Errorf("%w: %q is no line of a list", ErrProtocol, shortened(line))
		}
		sizes[n] = size
		return nil
	})
	if err != nil {
		return nil, err
	}
	var out []entry
	err = c.ask(limit, "UIDL", func(line string) error {
		n, id, err := numbered(line)
		if err != nil {
			return err
		}
		if id == "" || len(id) > 200 {
			return fmt.Errorf("%w: %q is no id of a mail", ErrProtocol, shortened(line))
		}
		out = append(out, entry{n, id, sizes[n]})
		return nil
	})
	var no *refusal
	if errors.As(err, &no) {
		err = fmt.Errorf("%w: %w: it has no UIDL, and so mails cannot be told apart", ErrProtocol, err)
	}
	return out, err
}

// numbered reads a line that begins with a mail's number.
func numbered(line string) (n int, rest string, err error) {
	number, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	n, err = strconv.Atoi(number)
	if err != nil || n < 1 {
		return 0, "", fmt.Errorf("%w: %q is no line of a list", ErrProtocol, shortened(line))
	}
	rest, _, _ = strings.Cut(strings.TrimSpace(rest), " ") // some say more
	return n, rest, nil
}

// retrieve reads a mail; whole is false where it is larger than most bytes.
func (c *conn) retrieve(limit time.Duration, n int, most int64) (raw []byte, whole bool, err error) {
	if _, err := c.command(limit, "RETR "+strconv.Itoa(n)); err != nil {
		return nil, false, err
	}
	raw, size, err := c.body(limit, most)
	return raw, size <= most, err
}

// top reads the header of a mail.
func (c *conn) top(limit time.Duration, n int, most int64) ([]byte, error) {
	if _, err := c.command(limit, "TOP "+strconv.Itoa(n)+" 0"); err != nil {
		return nil, err
	}
	raw, _, err := c.body(limit, most)
	return raw, err
}

func (c *conn) remove(limit time.Duration, n int) error {
	_, err := c.command(limit, "DELE "+strconv.Itoa(n))
	return err
}

// quit has the server remove what was marked (RFC 1939, section 6), and ends the connection.
func (c *conn) quit(limit time.Duration) error {
	defer c.close()
	_, err := c.command(limit, "QUIT")
	return err
}

// close ends the connection: nothing that was marked is removed.
func (c *conn) close() {
	c.stop()
	_ = c.net.Close() // it may be closed already
}
