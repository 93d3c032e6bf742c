package helpdesk_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/blobdir"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// The processes that these tests start, on the file that pathVariable names, and the variables that tell them more.
const (
	dirVariable  = "HELPDESK_CHILD_FILES" // a directory for the contents; empty: they go into the database
	sizeVariable = "HELPDESK_CHILD_SIZE"
)

var fileRoles = map[string]func(){"big file": func() { exit(bigFileChild()) }, "upload": func() { exit(uploadChild()) }}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "child:", err)
		os.Exit(1)
	}
}

// fileDesk opens a desk on the file at path, with contents in dir if that is not empty.
func fileDesk(path, dir string, cfg helpdesk.Config) (*helpdesk.Desk, *sqlite.Store, func() error, error) {
	s, err := sqlite.Open(context.Background(), path, nil)
	if err != nil {
		return nil, nil, nil, err
	}
	end := s.Close
	if dir != "" {
		files, err := blobdir.Open(dir)
		if err != nil {
			return nil, nil, nil, errors.Join(err, s.Close())
		}
		cfg.BlobStore = files
		end = func() error { return errors.Join(files.Close(), s.Close()) }
	}
	cfg.Dispatch = helpdesk.Manual
	cfg.Limits = ticket.Limits{File: 4 << 30, UploadSize: 8 << 30, TicketFiles: 16 << 30}
	d, err := helpdesk.New(context.Background(), s, &cfg)
	return d, s, end, err
}

// bigFileChild takes a file in, gives it out, removes it, and says how much memory that took at most.
func bigFileChild() error {
	size, err := strconv.ParseInt(os.Getenv(sizeVariable), 10, 64)
	if err != nil {
		return err
	}
	debug.SetMemoryLimit(80 << 20) // otherwise the collector may come late where other programs have the machine
	d, _, end, err := fileDesk(os.Getenv(pathVariable), os.Getenv(dirVariable), helpdesk.Config{})
	if err != nil {
		return err
	}
	begin := time.Now()
	in, out := sha256.New(), sha256.New()
	content := io.TeeReader(io.LimitReader(rand.NewChaCha8([32]byte{}), size), in)
	tk, err := d.CreateTicket(as(ann), withFiles(ticket.Upload{Name: "big.iso", Content: content}))
	if err != nil {
		return err
	}
	stored := time.Now()
	m, err := d.Messages(as(ann), tk.ID, ticket.MessageQuery{})
	if err != nil {
		return err
	}
	r, f, err := d.Files().Open(as(ann), m[0].ID, 0)
	if err != nil {
		return err
	}
	n, err := io.Copy(out, r)
	if err := errors.Join(err, r.Close()); err != nil {
		return err
	}
	if n != size || f.Size != size || !bytes.Equal(in.Sum(nil), out.Sum(nil)) || f.Blob != hex.EncodeToString(in.Sum(nil)) {
		return fmt.Errorf("of %d bytes %d came back, or others", size, n)
	}
	read := time.Now()
	if err := errors.Join(d.DeleteTicket(as(bob), tk.ID), d.Purge(as(bob), tk.ID)); err != nil {
		return err
	}
	removed := time.Now()
	peak, err := peakMemory()
	fmt.Println(peak, stored.Sub(begin).Milliseconds(), read.Sub(stored).Milliseconds(), removed.Sub(read).Milliseconds())
	return errors.Join(err, end())
}

// peakMemory is the most of physical memory that this process had, in bytes.
func peakMemory() (int64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if kb, found := strings.CutPrefix(line, "VmHWM:"); found {
			n, err := strconv.ParseInt(strings.Fields(kb)[0], 10, 64)
			return n << 10, err
		}
	}
	return 0, errors.New("the system does not say")
}

// places are where the contents of these tests go.
var places = map[string]bool{"the database": false, "a directory": true}

// TestBigFile takes a file that is bigger than the memory that it may have: 128 MB, or, with `make bigfile`, 2 GB.
func TestBigFile(t *testing.T) {
	size, most := int64(128<<20), int64(100<<20)
	if n, err := strconv.ParseInt(os.Getenv("HELPDESK_BIG_FILE"), 10, 64); err == nil && n > 0 {
		size = n
	}
	if testing.Short() {
		t.Skip("the short tests run under the race detector, which takes several times the memory")
	}
	if runtime.GOOS != "linux" {
		t.Skip("only Linux says how much memory a process had at most")
	}
	for name, inDir := range places {
		t.Run("M16 a big file streams in and out of "+name+" with little memory", func(t *testing.T) {
			dir := ""
			if inDir {
				dir = filepath.Join(t.TempDir(), "files")
			}
			t.Setenv(dirVariable, dir)
			t.Setenv(sizeVariable, strconv.FormatInt(size, 10))
			p := start(t, "big file", filepath.Join(t.TempDir(), "desk.db"))
			var peak, in, out, gone int64
			_, err := fmt.Fscan(p.out, &peak, &in, &out, &gone)
			ok(t, err)
			ok(t, p.in.Close())
			ok(t, p.Wait())
			t.Logf("%d MB: %d MB of memory at most; %d ms in, %d ms out, %d ms to remove", size>>20, peak>>20, in, out, gone)
			if peak > most {
				t.Errorf("the process had %d MB of memory: at most %d MB are promised", peak>>20, most>>20)
			}
		})
	}
}

// uploadChild uploads without pause, and says what was acknowledged. Most of it is purged again.
func uploadChild() error {
	d, _, _, err := fileDesk(os.Getenv(pathVariable), os.Getenv(dirVariable), helpdesk.Config{})
	if err != nil {
		return err
	}
	errs := make(chan error, 4)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				if err := uploadOnce(d); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	return <-errs
}

func uploadOnce(d *helpdesk.Desk) error {
	seed, size := uint64(rand.N(1000)), rand.N(3<<20)
	if seed%4 == 0 {
		seed, size = seed%8, 700_000 // the same bytes again and again
	}
	fmt.Println("begin")
	tk, err := d.CreateTicket(as(ann), withFiles(attachment("a.bin", size, seed), attachment("b.bin", 1000, seed)))
	if err != nil {
		return err
	}
	if rand.N(5) == 0 {
		fmt.Println("created", tk.ID)
		return nil
	}
	return errors.Join(d.DeleteTicket(as(bob), tk.ID), d.Purge(as(bob), tk.ID))
}

func TestKilledUpload(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector hears nothing of a process that is killed: run it without -short, or make kills")
	}
	for name, inDir := range places {
		t.Run("M16 whenever a process is killed in an upload into "+name+", the sweep leaves what is shown and nothing else", func(t *testing.T) {
			kills := 10
			if n, err := strconv.Atoi(os.Getenv("HELPDESK_KILLS")); err == nil && n > 0 {
				kills = n
			}
			path, dir := filepath.Join(t.TempDir(), "desk.db"), ""
			if inDir {
				dir = filepath.Join(t.TempDir(), "files")
			}
			t.Setenv(dirVariable, dir)
			var all said
			for range kills {
				killUpload(t, path, &all)
			}
			d, s, end, err := fileDesk(path, dir, helpdesk.Config{Now: func() time.Time { return time.Now().Add(25 * time.Hour) }})
			ok(t, err)
			defer func() { ok(t, end()) }()
			var objects func() []string
			if inDir {
				objects = func() []string { return filesIn(t, dir) }
			}
			swept := must(d.Tick(context.Background()))(t)
			for _, id := range all.tickets {
				must(d.Ticket(as(bob), id))(t)
			}
			kept := contents(t, d, s, chunksOf(t, s), objects)
			t.Logf("%d kills: %d dead uploads and contents were swept away, %d files of %d acknowledged tickets are there", kills, swept, kept, len(all.tickets))
			if swept < kills/2 || kept < 2*len(all.tickets) {
				t.Error("the kills did not hit, or files are lost")
			}
		})
	}
}

// killUpload has a process upload for a while, and kills it.
func killUpload(t *testing.T, path string, all *said) {
	t.Helper()
	p := start(t, "upload", path)
	for range 5 + rand.N(30) {
		all.line(must(p.out.ReadString('\n'))(t))
	}
	ok(t, p.Process.Kill())
	lines := bufio.NewReader(p.out)
	for {
		line, err := lines.ReadString('\n')
		if strings.HasSuffix(line, "\n") { // half a line is nothing said
			all.line(line)
		}
		if err != nil {
			break
		}
	}
	_ = p.Wait() // it was killed
}

// filesIn names the files under a directory, without their paths.
func filesIn(t testing.TB, dir string) (out []string) {
	t.Helper()
	ok(t, fs.WalkDir(os.DirFS(dir), ".", func(_ string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			out = append(out, e.Name())
		}
		return err
	}))
	return out
}
