package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// planVariable makes this program a replica, and tells it the plan.
const planVariable = "HELPDESK_REPLICA"

func isReplica() bool { return os.Getenv(planVariable) != "" }

// patience is for how long a database may be away.
const patience = time.Minute

// request and answer are the lines between the trial and a replica.
type request struct {
	ID   int64
	Task task
}

type answer struct {
	ID    int64
	Task  task
	Error string `json:",omitempty"`
	Lost  bool   `json:",omitempty"` // the ticket is not there, and must be
}

// replicaMain serves requests from standard input until that ends.
func replicaMain(ctx context.Context) error {
	var p plan
	if err := json.Unmarshal([]byte(os.Getenv(planVariable)), &p); err != nil {
		return err
	}
	h, err := newReplica(ctx, p)
	if err != nil {
		return err
	}
	defer h.close(ctx)
	out := &speaker{w: os.Stdout}
	out.say(answer{}) // it is there
	ctx, cancel := context.WithCancel(ctx)
	var background sync.WaitGroup
	background.Go(func() { h.remindLoop(ctx) })
	defer background.Wait()
	defer cancel()
	return h.serve(ctx, os.Stdin, out)
}

// newReplica opens a desk that delivers, and waits for a database that is being restarted.
func newReplica(ctx context.Context, p plan) (h *host, err error) {
	for end := time.Now().Add(patience); ; {
		if h, err = newHost(ctx, p, helpdesk.Background); err == nil {
			h.bind()
			if err = h.Start(ctx); err == nil {
				return h, nil
			}
			_ = h.close(ctx)
		}
		if time.Now().After(end) {
			return nil, err
		}
		pause(ctx)
	}
}

// pause is what a replica takes before it tries something again that went wrong.
func pause(ctx context.Context) {
	select {
	case <-time.After(100 * time.Millisecond):
	case <-ctx.Done():
	}
}

// speaker writes one line for each answer, in one piece: what a killed replica has said, it has said whole.
type speaker struct {
	mu sync.Mutex
	w  io.Writer
}

func (s *speaker) say(a answer) {
	line, _ := json.Marshal(a) // plain values can be written
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _ = s.w.Write(append(line, '\n')) // nobody listens any more: the replica ends with its input
}

// serve does what it is asked for, each request in a goroutine of its own, and answers when the verb has returned: that
// is, when it is committed.
func (h *host) serve(ctx context.Context, in io.Reader, out *speaker) error {
	var busy sync.WaitGroup
	defer busy.Wait()
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		var r request
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return fmt.Errorf("a request that is none: %w", err)
		}
		busy.Go(func() { h.answer(ctx, r, out) })
	}
	return lines.Err()
}

func (h *host) answer(ctx context.Context, r request, out *speaker) {
	a := answer{ID: r.ID, Task: r.Task}
	own := *h
	if h.plan.Broken == brokenEarly {
		own.early = func(task) { out.say(a) }
	}
	if err := own.do(ctx, r.Task); err != nil {
		a.Error, a.Lost = err.Error(), errors.Is(err, ticket.ErrNotFound)
		pause(ctx) // whoever asks again does not do so at once
	}
	out.say(a)
}

// remindLoop sends reminders until ctx ends.
func (h *host) remindLoop(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := h.reminders(ctx)
		if err != nil && ctx.Err() == nil {
			slog.Warn("sending reminders failed: tried again", "error", err)
		}
		if n == 0 {
			pause(ctx)
		}
	}
}
