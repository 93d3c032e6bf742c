package mysql

import (
	"context"
	"database/sql"
	"strings"

	"github.com/helpdeskgo/helpdesk/store/internal/remote"
)

// leastPacket is what a server must take at once (max_allowed_packet): a message with its HTML, quoted.
const leastPacket = 8 << 20

// conn is a connection that takes several statements at once, of so many bytes.
type conn struct {
	of   *sql.Conn
	most int
}

// Send runs statements in one round trip, up to a server's limit. Which of several has failed it cannot say: -1.
func (c conn) Send(ctx context.Context, list []remote.Statement) (at int, err error) {
	if len(list) == 1 {
		return remote.Plain{On: c.of}.Send(ctx, list)
	}
	for len(list) > 0 {
		n := together(list, c.most)
		if err := c.send(ctx, list[:n]); err != nil {
			return -1, err
		}
		list = list[n:]
	}
	return 0, nil
}

// together is how many of the statements are sent at once: one with rows is the last.
func together(list []remote.Statement, most int) int {
	size := 0
	for i, st := range list {
		size += len(st.Text)
		for _, a := range st.Args {
			switch v := a.(type) {
			case string:
				size += 2 * len(v) // as quoted
			case []byte:
				size += 2 * len(v)
			}
		}
		if i > 0 && size > most {
			return i
		}
		if st.Row != nil {
			return i + 1
		}
	}
	return len(list)
}

func (c conn) send(ctx context.Context, list []remote.Statement) error {
	texts := make([]string, len(list))
	var args []any
	for i, st := range list {
		texts[i], args = st.Text, append(args, st.Args...)
	}
	all := remote.Statement{Text: strings.Join(texts, ";\n"), Args: args, Row: list[len(list)-1].Row}
	_, err := remote.Plain{On: c.of}.Send(ctx, []remote.Statement{all})
	return err
}
