package action_test

import (
	"encoding/json"
	"testing"

	"github.com/helpdeskgo/helpdesk/notify/webhook/action"
)

// FuzzCall reads configurations of the action, and what it writes of them.
func FuzzCall(f *testing.F) {
	for _, s := range []string{`"erp"`, `{"endpoint":"erp","text":"x"}`, `{"endpoint":7}`, `null`, `[]`, `{"endpoint":"erp","other":1}`, `""`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var c, again action.Call
		if json.Unmarshal(b, &c) != nil {
			return
		}
		doc, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(doc, &again); err != nil || again != c {
			t.Errorf("%q is %+v, and then %+v: %v", b, c, again, err)
		}
	})
}
