package main

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// step is one of the things that are done to each ticket, in this order.
type step int

// The steps.
const (
	stepCreate step = iota
	stepReply       // staff answer
	stepStatus      // somebody works on it, and says so in a note
	stepAgain       // the customer writes once more
	stepClose       // with a note
	steps           // how many there are
)

// task asks for one write: a step of the ticket with that number.
type task struct {
	Ticket int
	Step   step
}

// key tells the task from all others: who asks again asks for nothing new.
func (t task) key() string { return fmt.Sprintf("%d/%d", t.Ticket, t.Step) }

// text is what the ticket or its message holds because of the task.
func (t task) text() string { return fmt.Sprintf("write %s of the replicas", t.key()) }

// feed hands out the tasks: those of a ticket one after the other, and some tickets at a time.
type feed struct {
	ready chan task
	done  chan struct{} // closed when all of it is acknowledged

	mu     sync.Mutex
	total  int
	opened int // tickets that were begun
	ended  int // tickets to which everything is done
	acked  map[task]bool
	first  map[task]time.Time // when one first went wrong
}

// window is how many tickets are written at a time.
const window = 200

func newFeed(tickets int) *feed {
	f := &feed{ready: make(chan task, window), done: make(chan struct{}), total: tickets, acked: map[task]bool{}, first: map[task]time.Time{}}
	for range min(window, tickets) {
		f.opened++
		f.ready <- task{Ticket: f.opened}
	}
	return f
}

// take waits for a task; there is none when everything is done, or ctx ends.
func (f *feed) take(ctx context.Context) (task, bool) {
	select {
	case t := <-f.ready:
		return t, true
	case <-f.done:
	case <-ctx.Done():
	}
	return task{}, false
}

// back has a task of which nobody knows what became of it done by another. No place is lacking: each ticket has one.
func (f *feed) back(t task) { f.ready <- t }

// failed is back for one that went wrong, and says for how long it has.
func (f *feed) failed(t task) time.Duration {
	f.mu.Lock()
	since, ok := f.first[t]
	if !ok {
		since = time.Now()
		f.first[t] = since
	}
	f.mu.Unlock()
	f.back(t)
	return time.Since(since)
}

// ack notes that a replica has acknowledged a task.
func (f *feed) ack(t task) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.acked[t] = true
}

// next goes on with the ticket of a task that is done, or with another one.
func (f *feed) next(t task) {
	if t.Step++; t.Step < steps {
		f.ready <- t
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ended++; f.ended == f.total {
		close(f.done)
	}
	if f.opened < f.total {
		f.opened++
		f.ready <- task{Ticket: f.opened}
	}
}

// count is how many tasks are acknowledged.
func (f *feed) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.acked)
}
