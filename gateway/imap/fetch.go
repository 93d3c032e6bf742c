package imap

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// meta is what the server says about a mail without its body.
type meta struct {
	uid      uint32
	size     int64
	received time.Time
	flags    []string
}

// Only these items are ever asked for. A server that builds a malformed ENVELOPE
// or BODYSTRUCTURE for one mail would kill the connection for all.
var metaItems = goimap.FetchOptions{UID: true, Flags: true, InternalDate: true, RFC822Size: true}

// list returns what the server knows about the mails from UID first to last (0 for
// no end), in ascending order: the lowest most of them. more tells whether it had
// others.
func (s *session) list(first, last uint32, most int) (found []meta, more bool, err error) {
	set := goimap.UIDSet{goimap.UIDRange{Start: goimap.UID(first), Stop: goimap.UID(last)}}
	options := metaItems
	err = s.within(s.config.Timeouts.Command, listBudget, func() error {
		cmd := s.client.Fetch(set, &options)
		for data := cmd.Next(); data != nil; data = cmd.Next() {
			m, err := readMeta(data)
			if err != nil {
				_ = cmd.Close() // err says more
				return err
			}
			// "n:*" past the end brings the last mail again (RFC 3501 §6.4.8).
			if m.uid < first || last != 0 && m.uid > last {
				continue
			}
			at, dup := slices.BinarySearchFunc(found, m.uid, func(m meta, uid uint32) int { return int(int64(m.uid) - int64(uid)) })
			if dup {
				continue
			}
			found = slices.Insert(found, at, m)
			if len(found) > most {
				found, more = found[:most], true
			}
		}
		return cmd.Close()
	})
	if err != nil {
		return nil, false, failure(phaseList, err)
	}
	return found, more, nil
}

func readMeta(data *imapclient.FetchMessageData) (meta, error) {
	m := meta{}
	for item := data.Next(); item != nil; item = data.Next() {
		switch item := item.(type) {
		case imapclient.FetchItemDataUID:
			m.uid = uint32(item.UID)
		case imapclient.FetchItemDataRFC822Size:
			m.size = item.Size
		case imapclient.FetchItemDataInternalDate:
			m.received = item.Time.UTC()
		case imapclient.FetchItemDataFlags:
			for _, f := range item.Flags {
				m.flags = append(m.flags, string(f))
			}
		case imapclient.FetchItemDataBodySection:
			return m, errors.New("the server sends bodies that were not asked for")
		}
	}
	return m, nil
}

// errBody says that a mail's body did not come as it should.
var errBody = errors.New("the server gives no body for this mail")

// finalError carries an error that ends the whole fetch through the retries.
type finalError struct{ error }

// bodies fetches the mails of one command and gives each to deliver as it comes.
// An error of deliver is returned as finalError, any other means that the
// connection is of no more use.
func (s *session) bodies(mails []meta, section *goimap.FetchItemBodySection, deliver func(uid uint32, raw []byte) error) error {
	var uids goimap.UIDSet
	for _, m := range mails {
		uids.AddNum(goimap.UID(m.uid))
	}
	var cmd *imapclient.FetchCommand
	var data *imapclient.FetchMessageData
	next := func() error {
		if cmd == nil {
			cmd = s.client.Fetch(uids, &goimap.FetchOptions{UID: true, BodySection: []*goimap.FetchItemBodySection{section}})
		}
		data = cmd.Next()
		return nil
	}
	for {
		var uid uint32
		var raw []byte
		torn := false
		err := s.within(s.config.Timeouts.Mail, s.config.MaxMail+commandBudget, func() error {
			if err := next(); err != nil || data == nil {
				return err
			}
			var err error
			uid, raw, torn, err = readBody(data, s.config.MaxMail)
			return err
		})
		if err == nil && data == nil {
			break
		}
		if err == nil && raw != nil {
			if failed := deliver(uid, raw); failed != nil {
				err = finalError{failed}
			}
		}
		if err != nil {
			s.abandon(cmd, torn)
			return err
		}
	}
	return s.within(s.config.Timeouts.Command, commandBudget, cmd.Close)
}

// abandon gives up a command in the middle. The connection is closed first, for
// what the command still has to read could be endless; then the command is
// drained, or go-imap's reader would block forever. Not so within a torn body:
// there the reader is free already, and draining would read beside it.
func (s *session) abandon(cmd *imapclient.FetchCommand, torn bool) {
	s.conn.Close()
	if !torn {
		_ = cmd.Close() // the connection is closed: it can only say so
	}
}

// readBody reads one mail of a FETCH; raw is nil where the server sent NIL. torn
// says that the body ended before its end.
func readBody(data *imapclient.FetchMessageData, limit int64) (uid uint32, raw []byte, torn bool, err error) {
	for item := data.Next(); item != nil; item = data.Next() {
		switch item := item.(type) {
		case imapclient.FetchItemDataUID:
			uid = uint32(item.UID)
		case imapclient.FetchItemDataBodySection:
			if item.Literal == nil {
				continue
			}
			// The server's word on the size before was only a word.
			if item.Literal.Size() > limit {
				return uid, nil, false, fmt.Errorf("%w: it claims %d bytes", errBody, item.Literal.Size())
			}
			raw, err = io.ReadAll(item.Literal)
			if err != nil {
				return uid, nil, true, err
			}
			// go-imap takes the end of the connection for the end of the literal.
			if int64(len(raw)) != item.Literal.Size() {
				return uid, nil, true, io.ErrUnexpectedEOF
			}
			if raw == nil {
				raw = []byte{}
			}
		}
	}
	return uid, raw, false, nil
}
