package main

import (
	"os"
	"syscall"
)

// datasync is what SQLite calls for a commit in FULL.
func datasync(f *os.File) error { return syscall.Fdatasync(int(f.Fd())) }
