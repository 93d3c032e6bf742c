package postgres

import (
	"slices"
	"testing"

	"github.com/helpdeskgo/helpdesk/store/internal/remote"
)

// TestJoined shows which statements are sent as one.
func TestJoined(t *testing.T) {
	t.Parallel()
	row := func(into, text string, args ...any) remote.Statement {
		return remote.Statement{Into: into, Text: text, Args: args}
	}
	once := "INSERT INTO b VALUES ($1) ON CONFLICT (n) DO NOTHING"
	list := []remote.Statement{
		{Text: "BEGIN"}, row("a", "INSERT INTO a VALUES ($1, $2)", 1, 2), row("a", "INSERT INTO a VALUES ($1, $2)", 3, 4), row("b", once, 5), row("b", once, 6), {Text: "COMMIT"},
	}
	j := &joiner{texts: map[string]joined{}}
	want := []string{"BEGIN", "WITH w0 AS (INSERT INTO a VALUES ($1, $2)), w1 AS (INSERT INTO a VALUES ($3, $4)) INSERT INTO b VALUES ($5) ON CONFLICT (n) DO NOTHING", once, "COMMIT"}
	for _, what := range []string{"the first time", "from memory"} {
		var texts []string
		var of []int
		steps := j.steps(list)
		for _, s := range steps {
			texts, of = append(texts, s.Text), append(of, s.of)
		}
		if !slices.Equal(texts, want) || !slices.Equal(of, []int{1, 3, 1, 1}) || !slices.Equal(steps[1].Args, []any{1, 2, 3, 4, 5}) {
			t.Errorf("%s: %q of %d, with %v", what, texts, of, steps[1].Args)
		}
	}
	if len(j.texts) != 1 {
		t.Errorf("%d texts are remembered", len(j.texts))
	}
}
