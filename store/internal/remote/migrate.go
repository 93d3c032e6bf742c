package remote

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/helpdeskgo/helpdesk/store/internal/migrate"
)

// migrate brings the schema up to date. Of several processes that start at once one does it, and the others find it done.
func (s *Store) migrate(ctx context.Context) (err error) {
	all, err := migrate.Load(s.d.Migrations)
	if err != nil {
		return fmt.Errorf("%s: %w", s.d.Name, err)
	}
	own, err := s.db.Conn(ctx)
	if err != nil {
		return s.judged("connect", s.d.Judge(err), err)
	}
	broken := false
	defer func() { release(own, broken) }()
	m := &migration{s: s, ctx: ctx, conn: s.d.Conn(own)}
	if done, err := m.current(all); done || err != nil {
		return err // needs no right to change the schema
	}
	if err := s.d.LockMigrations(ctx, m.conn, s.prefix); err != nil {
		return s.judged("lock the schema", s.d.Judge(err), err)
	}
	defer func() {
		e := s.d.UnlockMigrations(context.WithoutCancel(ctx), m.conn, s.prefix)
		broken = e != nil
		err = errors.Join(err, e)
	}()
	return m.run(all)
}

type migration struct {
	s    *Store
	ctx  context.Context // of one call
	conn Conn
}

func (m *migration) do(what, text string, args ...any) error {
	if len(args) > 0 {
		text = m.s.d.Rebind(text)
	}
	text = strings.NewReplacer("{p}", m.s.prefix, "{i}", m.s.set.TablePrefix).Replace(text)
	if _, err := m.conn.Send(m.ctx, []Statement{{What: what, Text: text, Args: args}}); err != nil {
		return m.s.judged(what, m.s.d.Judge(err), err)
	}
	return nil
}

// current reports whether nothing is to be done.
func (m *migration) current(all []migrate.Migration) (bool, error) {
	have, err := m.applied()
	if err != nil {
		return false, nil //nolint:nilerr // there is no table of migrations yet: whatever else it is shows below
	}
	todo, err := migrate.Pending(all, have)
	if err != nil {
		return false, fmt.Errorf("%s: %w", m.s.d.Name, err)
	}
	return len(todo) == 0, nil
}

func (m *migration) applied() (out []migrate.Applied, err error) {
	_, err = m.conn.Send(m.ctx, []Statement{{Text: m.s.Text("SELECT version, sum FROM {p}migrations ORDER BY version"), Row: func(scan Scan) error {
		var a migrate.Applied
		err := scan(&a.Version, &a.Sum)
		out = append(out, a)
		return err
	}}})
	return out, err
}

// run runs what is to be done, each migration and its note together as far as the server can.
func (m *migration) run(all []migrate.Migration) error {
	if err := m.do("make the table of migrations", m.s.d.MigrationTable); err != nil {
		return err
	}
	have, err := m.applied()
	if err != nil {
		return m.s.judged("read the schema's version", m.s.d.Judge(err), err)
	}
	todo, err := migrate.Pending(all, have)
	if err != nil {
		return fmt.Errorf("%s: %w", m.s.d.Name, err)
	}
	for _, step := range todo {
		if err := m.step(step); err != nil {
			return err
		}
	}
	return nil
}

func (m *migration) step(step migrate.Migration) (err error) {
	if err := m.do("begin a migration", "BEGIN"); err != nil {
		return err
	}
	what := fmt.Sprintf("run migration %04d_%s", step.Version, step.Name)
	for _, text := range statements(step.SQL) {
		if err == nil {
			err = m.do(what, text)
		}
	}
	if err == nil {
		err = m.do("note a migration", "INSERT INTO {p}migrations (version, name, sum) VALUES (?, ?, ?)", step.Version, step.Name, step.Sum)
	}
	if err != nil {
		return errors.Join(err, m.do("undo a migration", "ROLLBACK"))
	}
	return m.do("commit a migration", "COMMIT")
}

// statements cuts a file: each statement ends with a semicolon at the end of a line.
func statements(file string) (out []string) {
	for text := range strings.SplitSeq(file+"\n", ";\n") {
		if strings.TrimSpace(text) != "" {
			out = append(out, text)
		}
	}
	return out
}
