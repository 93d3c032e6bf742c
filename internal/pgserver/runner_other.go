//go:build !linux

package pgserver

import "syscall"

func runner(string) (*syscall.SysProcAttr, error) { return nil, nil }
