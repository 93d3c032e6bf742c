package main

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"github.com/helpdeskgo/helpdesk/gateway/imap"
)

// server is an IMAP server in this process, on loopback only.
type server struct {
	address string // host:port
	imap    *imapserver.Server
	user    *imapmemserver.User
	done    chan struct{}
}

// startServer serves the mails from an inbox with the given UIDVALIDITY.
func startServer(mails [][]byte, validity int) (*server, error) {
	user, err := inbox(mails, validity)
	if err != nil {
		return nil, fmt.Errorf("mail server: %w", err)
	}
	memory := imapmemserver.New()
	memory.AddUser(user)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("mail server: %w", err)
	}
	s := &server{address: l.Addr().String(), user: user, done: make(chan struct{})}
	s.imap = imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return memory.NewSession(), nil, nil
		},
		Caps:         goimap.CapSet{goimap.CapIMAP4rev1: {}, goimap.CapUIDPlus: {}},
		InsecureAuth: true, // nothing leaves the machine
		Logger:       log.New(io.Discard, "", 0),
	})
	go func() {
		defer close(s.done)
		_ = s.imap.Serve(l) // ends with close
	}()
	return s, nil
}

// The account of the server.
const (
	userName     = "desk"
	userPassword = "quickstart"
)

// inbox is a user with the mails. The server counts UIDVALIDITY up with every inbox that is made.
func inbox(mails [][]byte, validity int) (*imapmemserver.User, error) {
	user := imapmemserver.NewUser(userName, userPassword)
	for n := 1; n < validity; n++ {
		if err := user.Create("INBOX", nil); err != nil {
			return nil, err
		}
		if err := user.Delete("INBOX"); err != nil {
			return nil, err
		}
	}
	if err := user.Create("INBOX", nil); err != nil {
		return nil, err
	}
	for _, raw := range mails {
		if _, err := user.Append("INBOX", bytes.NewReader(raw), &goimap.AppendOptions{}); err != nil {
			return nil, err
		}
	}
	return user, nil
}

// mailbox is how to fetch from it.
func (s *server) mailbox() imap.Config {
	return imap.Config{Address: s.address, Security: imap.Plaintext, Username: userName, Password: userPassword}
}

// append has a mail come in.
func (s *server) append(raw []byte) error {
	_, err := s.user.Append("INBOX", bytes.NewReader(raw), &goimap.AppendOptions{})
	return err
}

func (s *server) close() {
	_ = s.imap.Close()
	<-s.done
}
