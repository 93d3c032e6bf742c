package template_test

import (
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/notify/template"
)

// BenchmarkRender writes the letter that is written most.
func BenchmarkRender(b *testing.B) {
	s := newSet(b)
	f := template.Sample(template.CustomerMessage)
	f.Zone = time.UTC
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Render(template.CustomerMessage, "shop", "de", f); err != nil {
			b.Fatal(err)
		}
	}
}
