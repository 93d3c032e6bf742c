package postgres

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/helpdeskgo/helpdesk/store/internal/remote"
)

// insert runs insertions as one statement. What a new ticket takes comes again and again: it is prepared once on each
// connection, and its arguments are written at once as the server reads them, for pgx, which can write whatever there is,
// takes as long for that as for all the rest.
func (j *joiner) insert(ctx context.Context, c *pgx.Conn, rows []remote.Statement) error {
	text := j.text(rows)
	b, _ := j.binds.Get().(*bound)
	if b == nil {
		b = new(bound)
	}
	defer j.free(b)
	if !text.prepared || !b.set(rows) {
		return single(ctx, c, j.join(rows))
	}
	statement, err := c.Prepare(ctx, text.text, text.text)
	if err != nil {
		return err
	}
	_, err = c.PgConn().ExecStatement(ctx, statement, b.values, nil, nil).Close()
	if err != nil {
		_ = c.Deallocate(ctx, text.text) // the server may not know it any more: the next time it is prepared anew
	}
	return err
}

// bound are the arguments of a statement in the text format of their types (PostgreSQL, 55.2.3).
type bound struct {
	values [][]byte // nil for NULL
	bytes  []byte
}

// set writes the arguments of statements. It reports whether they are of the types that rows are made of.
func (b *bound) set(list []remote.Statement) bool {
	if b.bytes == nil {
		b.bytes = make([]byte, 0, 4096)
	}
	b.values, b.bytes = b.values[:0], b.bytes[:0]
	for _, st := range list {
		for _, arg := range st.Args {
			from := len(b.bytes)
			switch v := arg.(type) {
			case nil:
				b.values = append(b.values, nil)
				continue
			case string:
				b.bytes = append(b.bytes, v...)
			case int:
				b.bytes = strconv.AppendInt(b.bytes, int64(v), 10)
			case int64:
				b.bytes = strconv.AppendInt(b.bytes, v, 10)
			default:
				return false
			}
			b.values = append(b.values, b.bytes[from:])
		}
	}
	return true
}

// maxBound is how many bytes are kept for the next statement.
const maxBound = 64 << 10

func (j *joiner) free(b *bound) {
	if cap(b.bytes) <= maxBound {
		j.binds.Put(b)
	}
}
