package postgres

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/helpdeskgo/helpdesk/store/internal/remote"
)

// joiner makes one statement of insertions that follow each other: each statement costs the server more than its row.
type joiner struct {
	prepares bool // connections may keep statements that are prepared
	binds    sync.Pool

	mu    sync.Mutex
	texts map[string]joined // by what they were made of: those of a ticket are the same again and again
	key   []byte
}

// joined is a text that was made of several.
type joined struct {
	text     string
	prepared bool // it stays prepared on a connection that has run it
}

// Bounds of the texts that are remembered, and, of those, that stay prepared: pgx forgets what it prepares by itself when
// others are needed.
const (
	maxJoined   = 500
	maxPrepared = 50
)

// maxTogether bounds how many insertions are one statement, which takes 65,535 arguments at most.
const maxTogether = 50

func newJoiner(cfg *pgx.ConnConfig) *joiner {
	prepares := cfg.DefaultQueryExecMode == pgx.QueryExecModeCacheStatement && cfg.Tracer == nil
	return &joiner{prepares: prepares, texts: map[string]joined{}}
}

// steps joins what can be.
func (j *joiner) steps(list []remote.Statement) []step {
	out := make([]step, 0, 4)
	for len(list) > 0 {
		n := joinable(list)
		if n < 2 {
			out, list = append(out, step{list[0], 1}), list[1:]
			continue
		}
		out, list = append(out, step{j.join(list[:n]), n}), list[n:]
	}
	return out
}

// joinable is how many of the first statements can be one. Two insertions that may be of the same row are kept apart.
func joinable(list []remote.Statement) (n int) {
	for n < min(len(list), maxTogether) && list[n].Into != "" && !meets(list[:n], list[n]) {
		n++
	}
	return n
}

func meets(list []remote.Statement, st remote.Statement) bool {
	return slices.ContainsFunc(list, func(o remote.Statement) bool { return o.Into == st.Into }) && strings.Contains(st.Text, "ON CONFLICT")
}

func (j *joiner) join(list []remote.Statement) remote.Statement {
	args := 0
	for _, st := range list {
		args += len(st.Args)
	}
	out := remote.Statement{What: "write", Args: make([]any, 0, args)}
	for _, st := range list {
		out.Args = append(out.Args, st.Args...)
	}
	out.Text = j.text(list).text
	return out
}

func (j *joiner) text(list []remote.Statement) joined {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.key = j.key[:0]
	for _, st := range list {
		j.key = append(append(j.key, st.Text...), 0)
	}
	text, known := j.texts[string(j.key)]
	if !known {
		text.text = joinedText(list)
		if n := len(j.texts); n < maxJoined {
			text.prepared = j.prepares && n < maxPrepared
			j.texts[string(j.key)] = text
		}
	}
	return text
}

// joinedText writes insertions as one statement (https://www.postgresql.org/docs/current/queries-with.html, 7.8.4).
func joinedText(list []remote.Statement) string {
	var b strings.Builder
	args := 0
	for i, st := range list {
		switch {
		case i == len(list)-1:
			b.WriteString(") ")
		case i == 0:
			b.WriteString("WITH w0 AS (")
		default:
			b.WriteString("), w" + strconv.Itoa(i) + " AS (")
		}
		renumber(&b, st.Text, args)
		args += len(st.Args)
	}
	return b.String()
}

// renumber writes a text whose arguments come behind others.
func renumber(b *strings.Builder, text string, by int) {
	for {
		i := strings.IndexByte(text, '$') + 1
		if i == 0 || by == 0 {
			b.WriteString(text)
			return
		}
		n := 0
		b.WriteString(text[:i])
		for text = text[i:]; text != "" && text[0] >= '0' && text[0] <= '9'; text = text[1:] {
			n = 10*n + int(text[0]-'0')
		}
		b.WriteString(strconv.Itoa(n + by))
	}
}
