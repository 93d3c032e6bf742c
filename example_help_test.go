package helpdesk_test

import (
	"log"
	"os"
)

// check ends an example that failed.
func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// inTempDir moves an example into a directory of its own, and returns what moves it back. Examples run one after the other, and after all tests.
func inTempDir() func() {
	back, err := os.Getwd()
	check(err)
	dir, err := os.MkdirTemp("", "helpdesk-example-")
	check(err)
	check(os.Chdir(dir))
	return func() {
		check(os.Chdir(back))
		check(os.RemoveAll(dir))
	}
}
