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
	conn *sql.Conn
	ses  *session
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
		if _, err := c.ses.exec("COMMIT"); err != nil {
			p.drop(c)
			return
		}
		p.places <- c
	}()
	return fn(c.ses)
}

func (p *pool) get(ctx context.Context) (*readConn, error) {
	var c *readConn
	select {
	case c = <-p.places:
	default:
		t := time.NewTimer(p.s.opts.BusyTimeout)
		defer t.Stop()
		select {
		case c = <-p.places:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-t.C:
			return nil, fmt.Errorf("sqlite: all %d readers are taken: %w", p.s.opts.Readers, ticket.ErrBusy)
		}
	}
	if c != nil {
		return c, nil
	}
	c, err := p.connect(ctx)
	if err != nil {
		p.places <- nil
	}
	return c, err
}

// connect opens a reader. It waits in SQLite where a file is being recovered, the one case in which a reader waits.
func (p *pool) connect(ctx context.Context) (*readConn, error) {
	conn, err := p.s.db.Conn(ctx)
	if err != nil {
		return nil, classify("connect", err)
	}
	if err := setup(conn, p.s.opts, p.s.opts.BusyTimeout); err != nil {
		discard(conn)
		return nil, err
	}
	return &readConn{conn: conn, ses: newSession(conn, p.s.opts.TablePrefix)}, nil
}

func (p *pool) drop(c *readConn) {
	c.ses.close()
	discard(c.conn)
	p.places <- nil
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
