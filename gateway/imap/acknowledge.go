package imap

import (
	"context"
	"errors"
	"fmt"
	"slices"

	goimap "github.com/emersion/go-imap/v2"
)

// Disposal is what is done on the server with a mail that the desk has.
type Disposal int

// What can be done with mails.
const (
	Keep   Disposal = iota // nothing: they stay as they are
	Flag                   // \Seen, as if somebody had read them
	Move                   // to the folder Config.MoveTo, which is made if it is missing
	Delete                 // for good
)

// Acknowledge does what Config.Disposal says with mails of the folder, by their UIDs. Those that are gone are no error;
// where the folder has another UIDVALIDITY by now the UIDs mean nothing any more, and nothing is done. Errors: the
// context's, or an *Error; then some may be done with.
//
// Nothing but these mails is ever removed: a plain EXPUNGE, which removes what other programs have marked, is not used.
// On a server without UIDPLUS (RFC 4315) mails to be removed are only marked as \Deleted.
func (b *Mailbox) Acknowledge(ctx context.Context, uidValidity uint32, uids []uint32) error {
	if b.config.Disposal == Keep || len(uids) == 0 {
		return nil
	}
	s, err := open(ctx, &b.config, writing)
	if err != nil {
		return err
	}
	defer s.close()
	if s.uidValidity != uidValidity {
		return nil
	}
	uids = slices.Compact(slices.Sorted(slices.Values(uids)))
	for some := range slices.Chunk(uids, b.config.WindowMails) {
		var set goimap.UIDSet
		for _, uid := range some {
			set.AddNum(goimap.UID(uid))
		}
		if err := s.dispose(set); err != nil {
			return cancelled(ctx, failure(phaseAcknowledge, err))
		}
	}
	return nil
}

func (s *session) dispose(set goimap.UIDSet) error {
	switch s.config.Disposal {
	case Flag:
		return s.flag(set, goimap.FlagSeen)
	case Move:
		return s.move(set)
	case Delete:
		return s.remove(set)
	}
	return nil
}

func (s *session) flag(set goimap.UIDSet, flag goimap.Flag) error {
	return s.command(func() error {
		return s.client.Store(set, &goimap.StoreFlags{Op: goimap.StoreFlagsAdd, Silent: true, Flags: []goimap.Flag{flag}}, nil).Close()
	})
}

// remove marks mails as deleted, and removes them alone, if the server can.
func (s *session) remove(set goimap.UIDSet) error {
	if err := s.flag(set, goimap.FlagDeleted); err != nil || !s.can(goimap.CapUIDPlus) {
		return err
	}
	return s.command(func() error { return s.client.UIDExpunge(set).Close() })
}

// move uses MOVE (RFC 6851), or else copies and removes. It does not use go-imap's own way without MOVE, which expunges
// what others have marked.
func (s *session) move(set goimap.UIDSet) error {
	transfer := func() error {
		_, err := s.client.Move(set, s.config.MoveTo).Wait()
		return err
	}
	if !s.can(goimap.CapMove) {
		var err error
		if set, err = s.unmarked(set); err != nil || len(set) == 0 {
			return err
		}
		transfer = func() error {
			_, err := s.client.Copy(set, s.config.MoveTo).Wait()
			return err
		}
	}
	err := s.command(transfer)
	if missing(err) {
		if err := s.command(func() error { return s.client.Create(s.config.MoveTo, nil).Wait() }); err != nil {
			return fmt.Errorf("make the folder %q: %w", s.config.MoveTo, err)
		}
		err = s.command(transfer)
	}
	if err != nil || s.can(goimap.CapMove) {
		return err
	}
	return s.remove(set)
}

// missing reports whether a server says that the folder is not there (RFC 3501, section 6.4.7).
func missing(err error) bool {
	var status *goimap.Error
	return errors.As(err, &status) && (status.Code == goimap.ResponseCodeTryCreate || status.Code == goimap.ResponseCodeNonExistent)
}

// unmarked leaves out mails that were copied before, and marked: a copy is not to be made twice.
func (s *session) unmarked(set goimap.UIDSet) (out goimap.UIDSet, err error) {
	err = s.command(func() error {
		cmd := s.client.Fetch(set, &goimap.FetchOptions{UID: true, Flags: true})
		for data := cmd.Next(); data != nil; data = cmd.Next() {
			m, err := readMeta(data)
			if err != nil {
				_ = cmd.Close() // err says more
				return err
			}
			if m.uid != 0 && !slices.Contains(m.flags, string(goimap.FlagDeleted)) {
				out.AddNum(goimap.UID(m.uid))
			}
		}
		return cmd.Close()
	})
	return out, err
}

func (s *session) can(c goimap.Cap) bool {
	has := false
	_ = s.command(func() error { has = s.client.Caps().Has(c); return nil }) // a lost connection shows at the next command
	return has
}

// command runs one command that brings no bodies.
func (s *session) command(run func() error) error {
	return s.within(s.config.Timeouts.Command, commandBudget, run)
}
