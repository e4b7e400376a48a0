// Command server is the HTTP half of the lab's mirror: it serves files below /apt and /files, read only.
//
//	server ADDRESS DIRECTORY
package main

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: server ADDRESS DIRECTORY")
		os.Exit(2)
	}
	server := &http.Server{
		Addr:              os.Args[1],
		Handler:           readOnly(http.FileServer(http.Dir(os.Args[2]))),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       60 * time.Second,
	}
	fmt.Fprintln(os.Stderr, "server:", server.ListenAndServe())
	os.Exit(1)
}

// readOnly answers GET and HEAD. /ping always answers, so that whoever starts the mirror sees when it is up.
func readOnly(files http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
		case r.URL.Path == "/ping":
			fmt.Fprintln(w, "pong")
		case strings.HasSuffix(r.URL.Path, "/InRelease") || strings.HasSuffix(r.URL.Path, "/Packages"):
			// An index may change under a client's eyes when the mirror is made anew.
			w.Header().Set("Cache-Control", "no-cache")
			files.ServeHTTP(w, r)
		default:
			files.ServeHTTP(w, r)
		}
	})
}
