// Command mailcheck reads mails as the gateway does and says what it makes of them: who wrote, what is new in the text,
// what kind of mail it is and why, and, without -json, what a desk would do. It changes nothing and needs no desk.
//
//	go run ./examples/mailcheck FILE…
//	go run ./examples/mailcheck -json FILE…
//	go run ./examples/mailcheck -json - < FILE
//	go run ./examples/mailcheck -json -text FILE…
//	go run ./examples/mailcheck -json -html FILE…
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"
)

func main() { os.Exit(command(os.Args[1:], time.Now(), os.Stdin, os.Stdout, os.Stderr)) }

// maxFile is the most that is read of one file, in bytes; the gateway shows a mail of that size unparsed.
const maxFile = 50<<20 + 1

// options are the flags.
type options struct {
	json, text, html bool
	files            []string
}

// command is main without the process around it. It returns the exit status: 2 for a wrong use of the flags, 1 if a
// file could not be read or the output not be written, 0 for all else.
func command(args []string, now time.Time, in io.Reader, out, errs io.Writer) int {
	var o options
	f := flag.NewFlagSet("mailcheck", flag.ContinueOnError)
	f.SetOutput(errs)
	f.BoolVar(&o.json, "json", false, "print one JSON object a line for each file, and nothing else")
	f.BoolVar(&o.text, "text", false, "the files are plain text instead of mails: split it")
	f.BoolVar(&o.html, "html", false, "the files are HTML instead of mails: split it")
	f.Usage = func() {
		fmt.Fprint(errs, "usage: mailcheck [flags] FILE…\n\nFILE is a mail as it travels; - is the standard input.\n\n")
		f.PrintDefaults()
	}
	if err := f.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	if o.files = f.Args(); len(o.files) == 0 || o.text && o.html {
		fmt.Fprintln(errs, "mailcheck: name at least one file, and at most one of -text and -html (-h lists the flags)")
		return 2
	}
	w := bufio.NewWriter(out)
	unread, err := o.run(now, in, w)
	if err == nil {
		err = w.Flush()
	}
	switch {
	case err != nil:
		fmt.Fprintln(errs, "mailcheck:", err)
		return 1
	case unread > 0:
		return 1
	}
	return 0
}

// run reports on one file after the other and returns how many could not be read.
func (o options) run(now time.Time, in io.Reader, w *bufio.Writer) (unread int, err error) {
	lines := json.NewEncoder(w)
	lines.SetEscapeHTML(false)
	for _, file := range o.files {
		r := o.report(file, now, in)
		if r.Error != "" {
			unread++
		}
		if o.json {
			err = lines.Encode(r)
		} else {
			err = r.print(w)
		}
		if err == nil {
			err = w.Flush() // whoever reads along sees each as it comes
		}
		if err != nil {
			return unread, err
		}
	}
	return unread, nil
}

func (o options) report(file string, now time.Time, in io.Reader) report {
	raw, err := readFile(file, in)
	switch {
	case err != nil:
		return report{File: file, Error: err.Error()}
	case o.text:
		return reportText(file, raw, now)
	case o.html:
		return reportHTML(file, raw, now)
	}
	return reportMail(file, raw, now)
}

func readFile(file string, in io.Reader) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(io.LimitReader(in, maxFile))
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxFile))
}
