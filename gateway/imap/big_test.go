package imap_test

import (
	"context"
	"fmt"
	"iter"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/gateway/imap"
	"github.com/helpdeskgo/helpdesk/internal/dovecot"
)

// bigMail is one of many: every fifth answers the one before.
func bigMail(n int) []byte {
	more := ""
	if n%5 == 4 {
		more = fmt.Sprintf("In-Reply-To: <%d@big.example>\r\n", n-1)
	}
	return fmt.Appendf(nil, "From: Customer %d <c%d@example.com>\r\nTo: support@desk.example\r\nMessage-ID: <%d@big.example>\r\nSubject: Order %d\r\n%s\r\n%s", n/5, n/5, n, n, more,
		strings.Repeat(fmt.Sprintf("A line of mail %d, as people write them.\r\n", n), 20))
}

// bigMails are so many of them.
func bigMails(count int) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for n := range count {
			if !yield(bigMail(n)) {
				return
			}
		}
	}
}

// heap watches what the process holds in memory while mails come in.
type heap struct {
	every   int
	mutex   sync.Mutex
	next    int
	samples []uint64 // MB in use, garbage apart
	told    []string
	begun   time.Time
}

func (h *heap) progress(p gateway.Progress) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if p.Done < h.next {
		return
	}
	h.next += h.every
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	h.samples = append(h.samples, m.HeapInuse>>20)
	h.told = append(h.told, fmt.Sprintf("%d fetched, %d done after %v: %d MB", p.Fetched, p.Done, time.Since(h.begun).Round(time.Second), m.HeapInuse>>20))
}

// expectFlat expects that later mails take no more than earlier ones, give or take what other tests do.
func (h *heap) expectFlat(t *testing.T) {
	t.Helper()
	h.mutex.Lock()
	defer h.mutex.Unlock()
	t.Logf("heap in use:\n\t%s", strings.Join(h.told, "\n\t"))
	half := len(h.samples) / 2
	if half == 0 {
		t.Fatal("nothing was measured")
	}
	early, late := uint64(0), uint64(0)
	for i, mb := range h.samples {
		if i < half {
			early = max(early, mb)
		} else {
			late = max(late, mb)
		}
	}
	if late > 2*early+32 {
		t.Errorf("it grows: %d MB in the first half, %d MB in the second", early, late)
	}
}

// TestBigMailbox brings in a mailbox with HELPDESK_MAILS mails, of which somebody has read half.
func TestBigMailbox(t *testing.T) {
	if testing.Short() {
		t.Skip("5,000 mails take too long for -short")
	}
	t.Parallel()
	count := 5000
	if n, err := strconv.Atoi(os.Getenv("HELPDESK_MAILS")); err == nil && n > 0 {
		count = n
	}
	t.Run(fmt.Sprintf("M37 a mailbox of %d mails comes in, each once, and takes no more memory for that", count), func(t *testing.T) {
		d := dovecot.Start(t)
		for n := range count {
			if n%2 == 0 {
				d.DeliverRead(t, bigMail(n))
			} else {
				d.Deliver(t, bigMail(n))
			}
		}
		h := &heap{every: max(count/20, 1), begun: time.Now()}
		s := newSite(t, t.TempDir()+"/desk.db", gateway.Options{Acknowledge: true, Progress: h.progress})
		config := dovecotServer(d).config
		config.Disposal, config.MoveTo = imap.Move, "Done"
		src := &watched{fullSource: source(t, config)}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		ended := make(chan error, 1)
		go func() { ended <- s.g.Run(ctx, src) }()
		s.untilIn(t, src)
		t.Logf("%d mails are in after %v", count, time.Since(h.begun).Round(time.Second))
		untilEmpty(t, d)
		t.Logf("and moved away after %v", time.Since(h.begun).Round(time.Second))
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		h.expectFlat(t)
		if tally := s.check(t, bigMails(count)); tally[gateway.Opened] != count-count/5 || tally[gateway.Answered] != count/5 {
			t.Error(tally)
		}
	})
}

// untilEmpty waits until the mailbox is empty, as long as it has fewer mails than before.
func untilEmpty(t *testing.T, d *dovecot.Server) {
	t.Helper()
	left, since := -1, time.Now()
	for {
		n := d.Count(t)
		if n == 0 {
			return
		}
		if n != left {
			left, since = n, time.Now()
		}
		if time.Since(since) > patience {
			t.Fatalf("it stands still: %d mails are left in the mailbox", n)
		}
		<-time.After(100 * time.Millisecond)
	}
}

// untilIn waits until all mails have their results, as long as some get one.
func (s *site) untilIn(t *testing.T, src *watched) {
	t.Helper()
	done, since := 0, time.Now()
	for {
		status, err := s.g.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if src.waits.Load() && status.Waiting == 0 && status.Cursor.UID > 0 {
			return
		}
		if at := int(status.Cursor.UID)*2 - status.Waiting; at != done {
			done, since = at, time.Now()
		}
		if time.Since(since) > patience {
			t.Fatalf("it stands still: %+v", status)
		}
		<-time.After(100 * time.Millisecond)
	}
}
