// Command mirror is the first process of the lab's mirror. It serves a folder over HTTP, read only, and runs the image registry
// beside it; when either ends, it ends, so that a half-dead mirror is never taken for a living one.
//
//	mirror serve ADDRESS FOLDER PROGRAM [ARGUMENT]...   serves FOLDER and runs PROGRAM (the registry)
//	mirror check URL...                                 succeeds when every URL answers 200 within 2 s
package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "mirror:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) >= 4 && args[0] == "serve":
		return serve(args[1], args[2], args[3:])
	case len(args) >= 2 && args[0] == "check":
		return check(args[1:])
	default:
		return errors.New("usage: mirror serve ADDRESS FOLDER PROGRAM [ARGUMENT]... | mirror check URL...")
	}
}

func serve(address, folder string, program []string) error {
	ended := make(chan error, 3)
	server := &http.Server{
		Addr:              address,
		Handler:           readOnly(http.FileServer(http.Dir(folder))),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       60 * time.Second,
	}
	go func() { ended <- server.ListenAndServe() }()

	registry := exec.Command(program[0], program[1:]...)
	registry.Stdout, registry.Stderr = os.Stdout, os.Stderr
	if err := registry.Start(); err != nil {
		return err
	}
	go func() { ended <- fmt.Errorf("%s has ended: %v", program[0], registry.Wait()) }()

	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGINT, syscall.SIGTERM)
	go func() { <-stop; ended <- nil }()
	return <-ended
}

// readOnly lets GET and HEAD through. Listings of folders are for people; indexes may change when the mirror is made anew, so
// nobody is to keep them.
func readOnly(files http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
			return
		}
		w.Header().Set("Cache-Control", "no-cache")
		files.ServeHTTP(w, r)
	})
}

func check(urls []string) error {
	client := &http.Client{Timeout: 2 * time.Second}
	for _, url := range urls {
		response, err := client.Head(url)
		if err != nil {
			return err
		}
		response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("%s answered %s", url, response.Status)
		}
	}
	return nil
}
