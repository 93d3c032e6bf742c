package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"
)

// process is a replica that runs, as the trial sees it.
type process struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	feed  *feed
	ready chan struct{} // closed when it serves
	dead  chan struct{} // closed when it has ended
	err   error         // of how it ended; read after dead
	began time.Time

	mu      sync.Mutex
	spared  time.Time // until when it is let live
	last    int64
	waiting map[int64]chan answer
	held    bool // it stands still
	killed  bool
}

// start starts a replica.
func start(p plan, f *feed) (*process, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	doc, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	r := &process{cmd: exec.Command(exe), feed: f, began: time.Now(), ready: make(chan struct{}), dead: make(chan struct{}), waiting: map[int64]chan answer{}}
	r.cmd.Env = append(os.Environ(), planVariable+"="+string(doc))
	r.cmd.Stderr = os.Stderr
	if r.in, err = r.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := r.cmd.Start(); err != nil {
		return nil, err
	}
	go r.listen(out)
	return r, nil
}

// listen takes the answers, until the replica ends. Half a line is nothing said.
func (r *process) listen(out io.Reader) {
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			break
		}
		var a answer
		if err := json.Unmarshal(line, &a); err != nil {
			continue // no answer of ours: a library's print, perhaps
		}
		r.heard(a)
	}
	r.err = r.cmd.Wait()
	close(r.dead)
}

// heard notes an answer. It counts also where nobody waits for it any more.
func (r *process) heard(a answer) {
	if a.ID == 0 {
		r.mu.Lock()
		r.spared = time.Now().Add(2 * time.Since(r.began))
		r.mu.Unlock()
		close(r.ready)
		return
	}
	if a.Error == "" {
		r.feed.ack(a.Task)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if c, ok := r.waiting[a.ID]; ok {
		delete(r.waiting, a.ID)
		c <- a
	}
}

// errUnknown says that nobody knows what became of a request, errLost that an acknowledged ticket is not there.
var (
	errUnknown = errors.New("no answer")
	errLost    = errors.New("the ticket is gone")
)

// asked is a task that a replica was asked to do.
type asked struct {
	id     int64
	answer chan answer
}

// ask asks the replica to do a task. Where nobody reads that any more, await says so.
func (r *process) ask(t task) asked {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last++
	a := asked{r.last, make(chan answer, 1)}
	r.waiting[a.id] = a.answer
	if line, err := json.Marshal(request{a.id, t}); err == nil {
		_, _ = r.in.Write(append(line, '\n'))
	}
	return a
}

// await waits for what became of a task. errUnknown where the replica ends or stands still meanwhile.
func (r *process) await(q asked, wait time.Duration) error {
	late := time.NewTimer(wait)
	defer late.Stop()
	select {
	case a := <-q.answer:
		switch {
		case a.Lost:
			return errLost
		case a.Error != "":
			return errors.New(a.Error)
		}
		return nil
	case <-r.dead:
	case <-late.C:
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.waiting, q.id)
	return errUnknown
}

// kill ends the replica as a power cut would, and says whether it was in the middle of something. One that stands still,
// or is not up yet, is left alone.
func (r *process) kill() (killed, busy bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case <-r.ready:
	default:
		return false, false
	}
	if r.held || r.killed || r.cmd.Process.Kill() != nil {
		return false, false
	}
	r.killed = true
	return true, len(r.waiting) > 0
}

// isSpared reports whether it was up for less than twice the time that coming up took: on a slow machine all of them
// would do nothing else than begin.
func (r *process) isSpared() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Now().Before(r.spared)
}

// hold makes the replica stand still, and says whether it does; goOn ends that.
func (r *process) hold() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.held = canPause && !r.killed && stand(r.cmd.Process) == nil
	return r.held
}

func (r *process) release() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.held = false
	return goOn(r.cmd.Process)
}

func (r *process) isDead() bool {
	select {
	case <-r.dead:
		return true
	default:
		return false
	}
}

// wasKilled reports whether its end was ours.
func (r *process) wasKilled() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.killed
}
