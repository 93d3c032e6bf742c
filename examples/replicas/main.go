// Command replicas shows that any number of processes of one program may share a desk: it starts five on one database,
// has them write tickets while a kill a second takes one of them away, pauses one past its leases, and proves at the end
// that nothing that was acknowledged is lost or there twice, and that every hook's effect was made once.
//
//	go run ./examples/replicas [-store sqlite:desk.db|postgres://…|mysql:…] [-tickets 1000]
//
// A database that is not SQLite must be empty: postgres://user@host/database.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// plan is one run of the trial. The replicas get it, too.
type plan struct {
	Store     string        // where the desk is: see open
	Tickets   int           // how many are written, with all that is done to each
	Processes int           // replicas
	Callers   int           // that each of them serves at a time
	Every     time.Duration // between two kills
	Calm      bool          // nothing is killed for what it does
	Few       int           // how much may be left to do when the killing ends; 0 is few
	Lease     time.Duration // of a delivery and of a reminder; a pause is half as long again
	Wait      time.Duration // after which a request without an answer is made again, at any replica
	Broken    string        // a mistake that the checker must find: see the constants
	Restart   func()        `json:"-"` // restarts the database's server; may be nil
}

// The mistakes that hosts make.
const (
	brokenOutside = "outside" // a hook's effect is not in the transaction that marks it as made
	brokenEarly   = "early"   // a write is acknowledged before it is committed
)

func main() {
	if isReplica() {
		exit(replicaMain(context.Background()))
	}
	p := plan{Processes: 5, Callers: 8, Lease: 4 * time.Second, Wait: 3 * time.Second}
	flag.StringVar(&p.Store, "store", "", "sqlite:path, postgres://… or mysql:…; default: a SQLite file in a temporary directory")
	flag.IntVar(&p.Tickets, "tickets", 1000, "how many tickets are written, five writes each")
	flag.DurationVar(&p.Every, "every", time.Second, "how often a process is killed")
	flag.StringVar(&p.Broken, "broken", "", "a mistake that must be found: outside (an effect outside of the transaction) or early (acknowledged before the commit)")
	flag.Parse()
	exit(run(context.Background(), p))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "replicas:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func run(ctx context.Context, p plan) error {
	if p.Store == "" {
		dir, err := os.MkdirTemp("", "replicas")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		p.Store = "sqlite:" + filepath.Join(dir, "desk.db")
	}
	out, err := trial(ctx, p)
	fmt.Print(out)
	if err != nil {
		return err
	}
	if len(out.Faults) > 0 {
		return fmt.Errorf("%d things are not as they should be", len(out.Faults))
	}
	return nil
}
