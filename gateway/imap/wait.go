package imap

import (
	"context"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// Wait returns nil as soon as there may be mails behind the cursor: at once where there are, or when the server says so
// (IDLE, RFC 2177). It waits for as long as the context, and returns its error when that ends; so it does on a server
// that has no IDLE. Other errors are an *Error: the connection was lost.
//
// A connection may die without anybody noticing: look at the folder now and then anyway.
func (b *Mailbox) Wait(ctx context.Context, from Cursor) error {
	s, err := open(ctx, &b.config, reading)
	if err != nil {
		return err
	}
	defer s.close()
	if s.uidValidity != from.UIDValidity || s.uidNext > from.UID+1 {
		return nil
	}
	if !s.can(goimap.CapIdle) {
		s.close()
		<-ctx.Done()
		return context.Cause(ctx)
	}
	return s.idle(ctx)
}

// idle waits for news until ctx ends.
func (s *session) idle(ctx context.Context) error {
	var idle *imapclient.IdleCommand
	if err := s.command(func() (err error) { idle, err = s.client.Idle(); return err }); err != nil {
		return cancelled(ctx, failure(phaseWait, err))
	}
	ended := make(chan error, 1)
	go func() { ended <- idle.Wait() }()
	s.budget.Store(commandBudget)
	select {
	case <-s.news:
		s.leave(idle, ended)
		return nil
	case <-ctx.Done():
		s.leave(idle, ended)
		return context.Cause(ctx)
	case err := <-ended:
		if err == nil {
			err = errLost
		}
		return cancelled(ctx, failure(phaseWait, err))
	}
}

// leave ends IDLE, and the connection, if the server does not let us.
func (s *session) leave(idle *imapclient.IdleCommand, ended <-chan error) {
	timer := time.AfterFunc(min(s.config.Timeouts.Command, 5*time.Second), func() { s.conn.Close() })
	defer timer.Stop()
	_ = idle.Close() // the connection is closed next
	if err := <-ended; err != nil {
		return // it has ended all the same
	}
}

// options are what go-imap calls back.
func (s *session) options() *imapclient.Options {
	return &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(data *imapclient.UnilateralDataMailbox) {
			if data.NumMessages != nil {
				select {
				case s.news <- struct{}{}:
				default: // it is known
				}
			}
		},
	}}
}
