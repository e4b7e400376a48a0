package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

// access is what a kubeconfig says about its first cluster and its first user.
type access struct {
	server string
	tls    *tls.Config
}

func readKubeconfig(file string) (access, error) {
	var kubeconfig struct {
		Clusters []struct {
			Cluster struct {
				Server    string
				Authority []byte `json:"certificate-authority-data"`
			}
		}
		Users []struct {
			User struct {
				Certificate []byte `json:"client-certificate-data"`
				Key         []byte `json:"client-key-data"`
			}
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return access{}, err
	}
	if err := json.Unmarshal(text, &kubeconfig); err != nil {
		return access{}, fmt.Errorf("%s: %w", file, err)
	}
	if len(kubeconfig.Clusters) == 0 || len(kubeconfig.Users) == 0 {
		return access{}, fmt.Errorf("%s: no cluster, or no user", file)
	}
	cluster, user := kubeconfig.Clusters[0].Cluster, kubeconfig.Users[0].User
	authorities := x509.NewCertPool()
	if !authorities.AppendCertsFromPEM(cluster.Authority) {
		return access{}, fmt.Errorf("%s: no certificate of an authority", file)
	}
	pair, err := tls.X509KeyPair(user.Certificate, user.Key)
	if err != nil {
		return access{}, fmt.Errorf("%s: %w", file, err)
	}
	config := &tls.Config{RootCAs: authorities, Certificates: []tls.Certificate{pair}}
	return access{server: cluster.Server, tls: config}, nil
}

// client writes to one API. Connections are kept between writes, as programs of Kubernetes do.
type client struct {
	server    string
	timeout   time.Duration
	transport *http.Transport
}

func newClient(to access, timeout time.Duration) *client {
	// HTTP/1.1: every write under way has a connection of its own, so none waits behind one that is stuck; with HTTP/2 all
	// would share one connection, and the gap would be how long this program takes to notice that it is dead.
	onlyHTTP1 := new(http.Protocols)
	onlyHTTP1.SetHTTP1(true)
	return &client{
		server:  to.server,
		timeout: timeout,
		transport: &http.Transport{
			TLSClientConfig:     to.tls,
			Protocols:           onlyHTTP1,
			DialContext:         (&net.Dialer{Timeout: timeout}).DialContext,
			MaxIdleConnsPerHost: 16,
		},
	}
}

// write makes one ConfigMap. It is acknowledged when the status is 2xx, whatever happens to the rest of the answer.
func (c *client) write(namespace string, number int) record {
	begin := time.Now()
	name := fmt.Sprintf("w-%06d", number)
	status, err := c.post(namespace, name)
	result := record{Key: name, Start: milliseconds(begin), Status: status}
	result.End = result.Start + float64(time.Since(begin))/float64(time.Millisecond)
	if err != nil {
		result.Error = err.Error()
	}
	if status/100 != 2 {
		// Connections that lie idle may lead to the same failure: the next write dials anew.
		c.transport.CloseIdleConnections()
	}
	return result
}

func (c *client) post(namespace, name string) (int, error) {
	body, err := json.Marshal(map[string]any{
		"apiVersion": "v1",
		"kind":       "ConfigMap",
		"metadata":   map[string]string{"name": name},
		"data":       map[string]string{"key": name},
	})
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), c.timeout)
	defer cancel()
	url := fmt.Sprintf("%s/api/v1/namespaces/%s/configmaps", c.server, namespace)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	if response.StatusCode/100 != 2 {
		text, _ := io.ReadAll(io.LimitReader(response.Body, 300))
		return response.StatusCode, errors.New(string(text))
	}
	// A connection whose answer has been read to its end can be used again.
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode, nil
}
