package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/helpdeskgo/helpdesk/gateway"
)

// folder is a Source: the mails of a folder and of the folders in it, in the order of their paths. It has no cursor;
// the gateway knows mails by their bytes.
type folder []string

// maxFile is the size up to which a file is taken for a mail, in bytes.
const maxFile = 64 << 20

// openFolder finds the mails below dir. What cannot be read is listed apart, with its reason: it keeps no other mail
// back.
func openFolder(dir string) (files folder, unreadable []string, err error) {
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is no folder", dir)
	}
	if err != nil {
		return nil, nil, err
	}
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			unreadable = append(unreadable, err.Error())
			return fs.SkipDir
		}
		if !isMail(path) || e.IsDir() {
			return nil
		}
		switch regular, err := canRead(path); {
		case err != nil:
			unreadable = append(unreadable, err.Error())
		case regular:
			files = append(files, path)
		}
		return nil
	})
	if err == nil && len(files)+len(unreadable) == 0 {
		err = fmt.Errorf("no mail in %s: looked for files named .eml and .raw", dir)
	}
	return files, unreadable, err
}

// canRead opens a file to see. A link counts as what it leads to; what is no regular file is none of ours.
func canRead(path string) (regular bool, err error) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return false, err
	}
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	return true, f.Close()
}

func isMail(path string) bool {
	ext := strings.ToLower(filepath.Ext(path))
	return ext == ".eml" || ext == ".raw"
}

func readMail(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(raw) > maxFile {
		err = fmt.Errorf("%s is over %d MB: move it away, no mail is that big", path, maxFile>>20)
	}
	return raw, err
}

// Fetch implements gateway.Source.
func (f folder) Fetch(ctx context.Context, _ gateway.Cursor, to gateway.Intake) (gateway.Cursor, error) {
	for _, path := range f {
		raw, err := readMail(path)
		if err != nil {
			return gateway.Cursor{}, err
		}
		if err := to.Take(ctx, gateway.Incoming{Raw: raw}); err != nil {
			return gateway.Cursor{}, err
		}
	}
	return gateway.Cursor{}, nil
}
