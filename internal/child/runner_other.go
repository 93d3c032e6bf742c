//go:build !linux

package child

import "syscall"

func runner(string, string) (*syscall.SysProcAttr, error) { return nil, nil }
