package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func clientOf(t *testing.T, handler http.HandlerFunc, timeout time.Duration) *client {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	config := server.Client().Transport.(*http.Transport).TLSClientConfig
	return newClient(access{server: server.URL, tls: &tls.Config{RootCAs: config.RootCAs}}, timeout)
}

func TestAWriteIsANewKey(t *testing.T) {
	var path, name string
	client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		var sent struct{ Metadata struct{ Name string } }
		if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
			t.Error(err)
		}
		path, name = r.URL.Path, sent.Metadata.Name
		w.WriteHeader(http.StatusCreated)
	}, time.Second)
	result := client.write("writes", 7)
	if result.Status != 201 || result.Key != "w-000007" || result.Error != "" || result.End < result.Start {
		t.Errorf("unexpected record: %+v", result)
	}
	if path != "/api/v1/namespaces/writes/configmaps" || name != "w-000007" {
		t.Errorf("posted %q to %q", name, path)
	}
}

func TestConnectionsAreKept(t *testing.T) {
	ports := map[string]bool{}
	client := clientOf(t, func(w http.ResponseWriter, r *http.Request) { ports[r.RemoteAddr] = true }, time.Second)
	for number := range 5 {
		client.write("writes", number)
	}
	if len(ports) != 1 {
		t.Errorf("5 writes one after the other used %d connections", len(ports))
	}
}

func TestARefusalSaysWhy(t *testing.T) {
	client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "etcdserver: leader changed", http.StatusInternalServerError)
	}, time.Second)
	if result := client.write("writes", 1); result.Status != 500 || !strings.Contains(result.Error, "leader changed") {
		t.Errorf("unexpected record: %+v", result)
	}
}

func TestAStuckWriteHoldsNoOtherBack(t *testing.T) {
	var seen atomic.Int32
	end := make(chan struct{})
	client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		if seen.Add(1) == 3 {
			<-end
		}
		w.WriteHeader(http.StatusCreated)
	}, 500*time.Millisecond)
	// Before the server closes, which waits for its handlers.
	t.Cleanup(func() { close(end) })

	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	var lines bytes.Buffer
	write := func(number int) record { return client.write("writes", number) }
	if err := writeSteadily(ctx, 20*time.Millisecond, write, &lines); err != nil {
		t.Fatal(err)
	}
	var good, bad []record
	for decoder := json.NewDecoder(&lines); decoder.More(); {
		var one record
		if err := decoder.Decode(&one); err != nil {
			t.Fatal(err)
		}
		if one.Status == 201 {
			good = append(good, one)
		} else {
			bad = append(bad, one)
		}
	}
	if len(bad) != 1 || bad[0].Error == "" || bad[0].End-bad[0].Start < 450 {
		t.Fatalf("one write should have met its time-out: %+v", bad)
	}
	meanwhile := 0
	for _, one := range good {
		if one.Start > bad[0].Start && one.End < bad[0].End {
			meanwhile++
		}
	}
	if meanwhile < 10 {
		t.Errorf("only %d writes went through beside the stuck one", meanwhile)
	}
}
