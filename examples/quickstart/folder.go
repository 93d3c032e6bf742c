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

func openFolder(dir string) (folder, error) {
	var files folder
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !isMail(path) {
			return err
		}
		info, err := os.Stat(path) // a link counts as what it leads to
		if err == nil && info.Mode().IsRegular() {
			files = append(files, path)
		}
		return err
	})
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("no mail in %s: looked for files named .eml and .raw", dir)
	}
	return files, err
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
func (f folder) Fetch(ctx context.Context, _ gateway.Cursor, take func(context.Context, gateway.Incoming) error) (gateway.Cursor, error) {
	for _, path := range f {
		raw, err := readMail(path)
		if err != nil {
			return gateway.Cursor{}, err
		}
		if err := take(ctx, gateway.Incoming{Raw: raw}); err != nil {
			return gateway.Cursor{}, err
		}
	}
	return gateway.Cursor{}, nil
}
