package migrate_test

import (
	"errors"
	"testing"
	"testing/fstest"

	"github.com/helpdeskgo/helpdesk/store/internal/migrate"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func load(t *testing.T, names ...string) ([]migrate.Migration, error) {
	t.Helper()
	files := fstest.MapFS{}
	for _, n := range names {
		files[n] = &fstest.MapFile{Data: []byte("CREATE TABLE " + n)}
	}
	return migrate.Load(files)
}

func TestLoad(t *testing.T) {
	t.Parallel()
	t.Run("files are read in the order of their numbers", func(t *testing.T) {
		t.Parallel()
		all, err := load(t, "0002_more.sql", "0001_start.sql", "README.md")
		if err != nil || len(all) != 2 || all[0].Name != "start" || all[1].Version != 2 || all[0].Sum == all[1].Sum || len(all[0].Sum) != 64 {
			t.Errorf("got %+v, %v", all, err)
		}
	})
	for name, files := range map[string][]string{
		"a gap": {"0001_start.sql", "0003_more.sql"}, "a double number": {"0001_start.sql", "0001_other.sql"}, "no number": {"start.sql"},
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			t.Parallel()
			if all, err := load(t, files...); err == nil {
				t.Errorf("got %+v", all)
			}
		})
	}
}

func TestPending(t *testing.T) {
	t.Parallel()
	all, err := load(t, "0001_start.sql", "0002_more.sql", "0003_last.sql")
	if err != nil {
		t.Fatal(err)
	}
	ran := func(versions ...int) (have []migrate.Applied) {
		for _, v := range versions {
			have = append(have, migrate.Applied{Version: v, Sum: all[v-1].Sum})
		}
		return have
	}
	for name, c := range map[string]struct {
		have []migrate.Applied
		todo int
		err  error
	}{
		"a new database needs all":                  {nil, 3, nil},
		"an older one needs the rest":               {ran(1, 2), 1, nil},
		"one that is up to date needs none":         {ran(1, 2, 3), 0, nil},
		"a newer one is refused":                    {append(ran(1, 2, 3), migrate.Applied{Version: 4}), 0, ticket.ErrSchema},
		"one that ran another migration is refused": {[]migrate.Applied{{Version: 1, Sum: "x"}}, 0, migrate.ErrChanged},
		"one with a hole is refused":                {ran(1, 3), 0, ticket.ErrSchema},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			todo, err := migrate.Pending(all, c.have)
			if len(todo) != c.todo || !errors.Is(err, c.err) {
				t.Errorf("got %d to run and %v, want %d and %v", len(todo), err, c.todo, c.err)
			}
			if c.todo > 0 && todo[0].Version != len(c.have)+1 {
				t.Errorf("the first to run is %d", todo[0].Version)
			}
		})
	}
}
