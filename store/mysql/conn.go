package mysql

import (
	"context"
	"database/sql"
	"strings"

	"github.com/helpdeskgo/helpdesk/store/internal/remote"
)

// maxText bounds what is sent at once: a server takes 16 MB as a rule (max_allowed_packet).
const maxText = 8 << 20

// conn is a connection that takes several statements at once.
type conn struct{ of *sql.Conn }

// Send runs statements in one round trip, up to a server's limit. Which of several has failed it cannot say: -1.
func (c conn) Send(ctx context.Context, list []remote.Statement) (at int, err error) {
	if len(list) == 1 {
		return remote.Plain{On: c.of}.Send(ctx, list)
	}
	for len(list) > 0 {
		n := together(list)
		if err := c.send(ctx, list[:n]); err != nil {
			return -1, err
		}
		list = list[n:]
	}
	return 0, nil
}

// together is how many of the statements are sent at once: one with rows is the last.
func together(list []remote.Statement) int {
	size := 0
	for i, st := range list {
		for _, a := range st.Args {
			switch v := a.(type) {
			case string:
				size += 2 * len(v) // as quoted
			case []byte:
				size += 2 * len(v)
			}
		}
		if st.Row != nil || size > maxText {
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
