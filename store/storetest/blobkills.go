package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// WriteBlobs creates contents until ctx ends or something fails, and writes a line to out before each ("begin", name,
// length) and after it ("created", name). It is what the process of BlobOptions.Kill runs.
func WriteBlobs(ctx context.Context, b store.BlobStore, out io.Writer) error {
	for n := 0; ; n++ {
		name, size := blobName(), n%3*10*store.ChunkSize+n
		if _, err := fmt.Fprintln(out, "begin", name, size); err != nil {
			return err
		}
		if err := b.Create(ctx, name, bytes.NewReader(content(size))); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(out, "created", name); err != nil {
			return err
		}
	}
}

// blobsKilled looks at what a killed process left: a content that it did not acknowledge may be there, and whole.
func blobsKilled(t testing.TB, b store.BlobStore, acknowledged []byte) {
	sizes, created := map[string]int{}, map[string]bool{}
	for line := range strings.Lines(string(acknowledged)) {
		var name string
		var size int
		if !strings.HasSuffix(line, "\n") {
			continue // half a line is nothing said
		}
		if n, _ := fmt.Sscanf(line, "begin %s %d", &name, &size); n == 2 {
			sizes[name] = size
		} else if n, _ := fmt.Sscanf(line, "created %s", &name); n == 1 {
			created[name] = true
		}
	}
	if len(created) == 0 {
		t.Fatal("the process acknowledged nothing before it was killed")
	}
	for name, size := range sizes {
		got, err := readFrom(t.Context(), b, name, 0)
		there := err == nil && bytes.Equal(got, content(size))
		if !there && (created[name] || !errors.Is(err, ticket.ErrNotFound)) {
			t.Errorf("%s, acknowledged: %v, has %d bytes of %d, %v", name, created[name], len(got), size, err)
		}
		if err := b.Delete(t.Context(), name); err != nil {
			t.Errorf("delete %s: %v", name, err)
		}
		absent(t, b, name, "after it was deleted")
	}
}
