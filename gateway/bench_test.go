package gateway_test

import (
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
)

// BenchmarkRead reads the whole corpus once per operation.
func BenchmarkRead(b *testing.B) {
	var mails [][]byte
	for _, file := range corpusFiles(b, corpusDir(b)) {
		mails = append(mails, readFile(b, file))
	}
	for b.Loop() {
		for _, raw := range mails {
			gateway.Read(raw, received, nil)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(mails)), "µs/mail")
}
