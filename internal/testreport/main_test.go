package main

import (
	"bytes"
	"strings"
	"testing"
)

const stream = `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p","Test":"TestA/M21_I01_codes_are_found"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestB","Output":"    b_test.go:7: no server: run make services\n"}
{"Action":"skip","Package":"p","Test":"TestB"}
{"Action":"pass","Package":"p"}
`

const failing = `{"Action":"output","Package":"p","Test":"TestC","Output":"    c_test.go:9: got 1, want 2\n"}
{"Action":"fail","Package":"p","Test":"TestC"}
{"Action":"fail","Package":"p"}
`

func TestReport(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		in     string
		strict bool
		bad    bool
		want   string
	}{
		"a pass":                 {stream, false, false, "1 packages, 2 rows of the feature list proven\n2 passed, 0 failed, 1 skipped\n"},
		"a skip, strictly":       {stream, true, true, "skipped p TestB: no server: run make services\n"},
		"a failure":              {stream + failing, false, true, "c_test.go:9: got 1, want 2\n"},
		"a compiler's message":   {stream + "x.go:1: undefined\n", false, true, "x.go:1: undefined\n"},
		"an end that is missing": {stream + `{"Action":"start","Package":"q"}` + "\n", false, true, "FAILED q (which did not end)"},
		"no test at all":         {"", false, true, "0 passed, 0 failed, 0 skipped\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := read(strings.NewReader(c.in))
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			r.print(&out, true)
			if r.bad(c.strict) != c.bad || !strings.Contains(out.String(), c.want) {
				t.Errorf("bad is %t, output:\n%s", r.bad(c.strict), out.String())
			}
		})
	}
}
