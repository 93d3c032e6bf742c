package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// pool holds the connections that read. Each place is a connection, or nil where none was needed yet.
type pool struct {
	s      *Store
	places chan *readConn
}

type readConn struct {
	conn  *sql.Conn
	ses   *session
	extra bool // beside the places, for one View
}

func newPool(s *Store) *pool {
	p := &pool{s: s, places: make(chan *readConn, s.opts.Readers)}
	for range s.opts.Readers {
		p.places <- nil
	}
	return p
}

// view runs fn in a read transaction.
func (p *pool) view(ctx context.Context, fn func(*session) error) error {
	c, err := p.get(ctx)
	if err != nil {
		return err
	}
	if _, err := c.ses.exec("BEGIN"); err != nil {
		p.drop(c)
		return classify("begin to read", err)
	}
	defer func() {
		if _, err := c.ses.exec("COMMIT"); err != nil || c.extra {
			p.drop(c)
			return
		}
		p.places <- c
	}()
	return fn(c.ses)
}

// get takes a connection. A View within a View must not wait: those it would wait for may be waiting in the same way.
func (p *pool) get(ctx context.Context) (*readConn, error) {
	select {
	case c := <-p.places:
		return p.orConnect(ctx, c)
	default:
	}
	if ctx.Value(viewKey{p.s}) != nil {
		return p.connect(ctx, true)
	}
	t := time.NewTimer(p.s.opts.BusyTimeout)
	defer t.Stop()
	select {
	case c := <-p.places:
		return p.orConnect(ctx, c)
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-t.C:
		return nil, fmt.Errorf("sqlite: all %d readers are taken: %w", p.s.opts.Readers, ticket.ErrBusy)
	}
}

func (p *pool) orConnect(ctx context.Context, c *readConn) (*readConn, error) {
	if c != nil {
		return c, nil
	}
	c, err := p.connect(ctx, false)
	if err != nil {
		p.places <- nil
	}
	return c, err
}

// connect opens a reader. It waits in SQLite where a file is being recovered, the one case in which a reader waits.
func (p *pool) connect(ctx context.Context, extra bool) (*readConn, error) {
	conn, err := p.s.db.Conn(ctx)
	if err != nil {
		return nil, classify("connect", err)
	}
	if err := setup(conn, p.s.opts, p.s.opts.BusyTimeout); err != nil {
		discard(conn)
		return nil, err
	}
	return &readConn{conn: conn, ses: newSession(conn, p.s.opts.TablePrefix), extra: extra}, nil
}

func (p *pool) drop(c *readConn) {
	c.ses.close()
	discard(c.conn)
	if !c.extra {
		p.places <- nil
	}
}

// close waits for every reader.
func (p *pool) close() {
	for range cap(p.places) {
		if c := <-p.places; c != nil {
			c.ses.close()
			discard(c.conn)
		}
	}
}
