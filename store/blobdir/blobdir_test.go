package blobdir_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/blobdir"
	"github.com/helpdeskgo/helpdesk/store/storetest"
)

// childVariable makes this test binary a process that writes into the directory that it names, until it is killed.
const childVariable = "HELPDESK_BLOBDIR_CHILD"

func TestMain(m *testing.M) {
	path := os.Getenv(childVariable)
	if path == "" {
		os.Exit(m.Run())
	}
	d, err := blobdir.Open(path)
	if err == nil {
		err = storetest.WriteBlobs(context.Background(), d, os.Stdout)
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func open(t testing.TB, path string) *blobdir.Dir {
	t.Helper()
	d, err := blobdir.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// kill has a process write, and kills it.
func kill(t testing.TB) (store.BlobStore, []byte) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "files")
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), childVariable+"="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := make([]byte, 2000)
	n, err := io.ReadFull(out, said)
	if err != nil {
		t.Error(err)
	}
	_ = cmd.Process.Kill()
	rest, _ := io.ReadAll(out)
	_ = cmd.Wait() // it was killed
	return open(t, path), append(said[:n], rest...)
}

func TestBlobs(t *testing.T) {
	t.Parallel()
	t.Run("M16", func(t *testing.T) {
		t.Parallel()
		storetest.RunBlobs(t, func(t testing.TB) store.BlobStore { return open(t, t.TempDir()) }, &storetest.BlobOptions{Kill: kill})
	})
}

// files lists what is in a directory, by path.
func files(t testing.TB, dir string) (out []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestDirectory(t *testing.T) {
	t.Parallel()
	t.Run("M16 a content is one file that only its owner reads, in a sub-directory of its first letters", func(t *testing.T) {
		t.Parallel()
		dir := filepath.Join(t.TempDir(), "new", "files")
		d := open(t, dir)
		if err := d.Create(t.Context(), "abcdefgh", strings.NewReader("hello")); err != nil {
			t.Fatal(err)
		}
		if got := files(t, dir); len(got) != 1 || got[0] != "ab/abcdefgh" {
			t.Errorf("the directory has %v", got)
		}
		info, err := os.Stat(filepath.Join(dir, "ab", "abcdefgh"))
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("it is %v, %v", info, err)
		}
		if err := d.Delete(t.Context(), "abcdefgh"); err != nil {
			t.Fatal(err)
		}
		if got := files(t, dir); len(got) != 0 {
			t.Errorf("after it was deleted the directory has %v", got)
		}
	})
	t.Run("M16 what a process left that was killed while it wrote, Delete removes", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		d := open(t, dir)
		if err := os.WriteFile(filepath.Join(dir, "tmp", "abcdefgh"), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := d.Delete(t.Context(), "abcdefgh"); err != nil {
			t.Fatal(err)
		}
		if got := files(t, dir); len(got) != 0 {
			t.Errorf("the directory has %v", got)
		}
	})
	t.Run("M16 symbolic links lead nobody out of the directory", func(t *testing.T) {
		t.Parallel()
		dir, outside := t.TempDir(), t.TempDir()
		d := open(t, dir)
		secret := filepath.Join(outside, "abcdefgh")
		if err := errors.Join(os.WriteFile(secret, []byte("secret"), 0o600), os.Symlink(outside, filepath.Join(dir, "ab"))); err != nil {
			t.Fatal(err)
		}
		if r, err := d.Open(t.Context(), "abcdefgh", 0); err == nil {
			data, _ := io.ReadAll(r)
			t.Errorf("it was read: %q", data)
		}
		if err := d.Create(t.Context(), "abcdefgh", strings.NewReader("other")); err == nil {
			t.Error("it was written")
		}
		if err := d.Delete(t.Context(), "abcdefgh"); err == nil {
			t.Error("it was deleted")
		}
		if got, err := os.ReadFile(secret); err != nil || string(got) != "secret" {
			t.Errorf("the file outside is %q, %v", got, err)
		}
	})
	t.Run("M16 a full or lost directory is an error, and what was written is no content", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		d := open(t, dir)
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		if err := d.Create(t.Context(), "abcdefgh", bytes.NewReader(nil)); err == nil {
			t.Error("it was written into nowhere")
		}
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := blobdir.Open(file); err == nil {
			t.Error("a file was opened as a directory")
		}
	})
}
