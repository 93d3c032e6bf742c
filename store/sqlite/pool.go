package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// pool holds the connections that read: each View has a place, and the connection that was used last. So who reads
// alone, a file of gigabytes perhaps, fills the page cache of one connection and not of all.
type pool struct {
	s      *Store
	places chan struct{}
	mu     sync.Mutex
	idle   []*readConn // the one that was used last at the end
}

type readConn struct {
	conn  *sql.Conn
	ses   *session
	extra bool // beside the places, for one View
}

func newPool(s *Store) *pool {
	p := &pool{s: s, places: make(chan struct{}, s.opts.Readers)}
	for range s.opts.Readers {
		p.places <- struct{}{}
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
		p.mu.Lock()
		p.idle = append(p.idle, c)
		p.mu.Unlock()
		p.places <- struct{}{}
	}()
	return fn(c.ses)
}

// get takes a connection. A View within a View must not wait: those it would wait for may be waiting in the same way.
func (p *pool) get(ctx context.Context) (*readConn, error) {
	select {
	case <-p.places:
		return p.idleOrNew(ctx)
	default:
	}
	if ctx.Value(viewKey{p.s}) != nil {
		return p.connect(ctx, true)
	}
	t := time.NewTimer(p.s.opts.BusyTimeout)
	defer t.Stop()
	select {
	case <-p.places:
		return p.idleOrNew(ctx)
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-t.C:
		return nil, fmt.Errorf("sqlite: all %d readers are taken: %w", p.s.opts.Readers, ticket.ErrBusy)
	}
}

// idleOrNew is for who has a place.
func (p *pool) idleOrNew(ctx context.Context) (*readConn, error) {
	if c := p.takeIdle(); c != nil {
		return c, nil
	}
	c, err := p.connect(ctx, false)
	if err != nil {
		p.places <- struct{}{}
	}
	return c, err
}

func (p *pool) takeIdle() *readConn {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.idle) - 1
	if last < 0 {
		return nil
	}
	c := p.idle[last]
	p.idle = p.idle[:last]
	return c
}

// connect opens a reader. It waits in SQLite where a file is being recovered, the one case in which a reader waits.
func (p *pool) connect(ctx context.Context, extra bool) (*readConn, error) {
	conn, err := p.s.db.Conn(ctx)
	if err != nil {
		return nil, classify("connect", err)
	}
	if err := setup(conn, p.s.opts, p.s.opts.BusyTimeout, readerCache); err != nil {
		discard(conn)
		return nil, err
	}
	return &readConn{conn: conn, ses: newSession(conn, p.s.opts.TablePrefix), extra: extra}, nil
}

func (p *pool) drop(c *readConn) {
	c.ses.close()
	discard(c.conn)
	if !c.extra {
		p.places <- struct{}{}
	}
}

// close waits for every reader.
func (p *pool) close() {
	for range cap(p.places) {
		<-p.places
	}
	for c := p.takeIdle(); c != nil; c = p.takeIdle() {
		c.ses.close()
		discard(c.conn)
	}
}
