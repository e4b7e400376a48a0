// Command writer writes to a Kubernetes API at a steady rate and records what became of each write. The e2e stories run it on a
// host of the cluster while something there fails.
//
//	writer KUBECONFIG NAMESPACE RECORDS   makes a ConfigMap of a new name in NAMESPACE ten times a second, until it is told to end
//
// KUBECONFIG is in JSON, which every reader of kubeconfigs takes. Each write is a line of JSON in RECORDS, in the order of
// their ends.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// How often a write begins, and how long it may take.
const (
	every   = 100 * time.Millisecond
	timeout = time.Second
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "writer:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 3 {
		return errors.New("usage: writer KUBECONFIG NAMESPACE RECORDS")
	}
	access, err := readKubeconfig(args[0])
	if err != nil {
		return err
	}
	records, err := os.OpenFile(args[2], os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer records.Close()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	client := newClient(access, timeout)
	return writeSteadily(ctx, every, func(number int) record { return client.write(args[1], number) }, records)
}
