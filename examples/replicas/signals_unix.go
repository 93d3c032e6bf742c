//go:build unix

package main

import (
	"os"
	"syscall"
)

// canPause says that a process can be made to stand still.
const canPause = true

func stand(p *os.Process) error { return p.Signal(syscall.SIGSTOP) }

func goOn(p *os.Process) error { return p.Signal(syscall.SIGCONT) }
