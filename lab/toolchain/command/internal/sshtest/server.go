// Package sshtest is an SSH server inside the test process: it runs no programs, answers commands
// from Go functions, and remembers everything that clients did.
package sshtest

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"
)

// User and Password let anybody in; so does the key of Server.ClientKey.
const (
	User     = "admin"
	Password = "correct horse"
)

// Run is one command that a client ran.
type Run struct {
	Command string
	Stdin   string
	Env     map[string]string
}

// Handler answers a command, which is already remembered, and returns its exit status.
type Handler func(run Run, stdout, stderr io.Writer) uint32

// Server listens on a free port of the loopback until the test ends.
type Server struct {
	Host string
	Port int
	// HostKey is the server's public key as a line of authorized_keys.
	HostKey string
	// ClientKey is a private key in PEM form that the server accepts.
	ClientKey string
	// AcceptEnv says whether variables are accepted, as sshd's AcceptEnv does for all of them.
	AcceptEnv bool
	// DropFirst is how many connections are closed before anything is said.
	DropFirst int
	// Mute makes the server accept connections and never say a word.
	Mute bool
	// LeaveStdin makes the server run commands without reading their standard input.
	LeaveStdin bool
	// Handle answers commands. Default: no output, status 0.
	Handle Handler

	mu       sync.Mutex
	accepted int
	open     int
	logins   int
	runs     []Run
}

// Start starts a server; configure may change its fields before it accepts the first connection.
func Start(t *testing.T, configure ...func(*Server)) *Server {
	t.Helper()
	hostKey, _ := newKey(t)
	clientKey, clientPEM := newKey(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().(*net.TCPAddr)
	s := &Server{
		Host:      "127.0.0.1",
		Port:      address.Port,
		HostKey:   string(ssh.MarshalAuthorizedKey(hostKey.PublicKey())),
		ClientKey: clientPEM,
		Handle:    func(Run, io.Writer, io.Writer) uint32 { return 0 },
	}
	for _, change := range configure {
		change(s)
	}
	config := &ssh.ServerConfig{
		PasswordCallback: func(c ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
			s.count(&s.logins, 1)
			if c.User() == User && string(password) == Password {
				return nil, nil
			}
			return nil, io.EOF
		},
		PublicKeyCallback: func(c ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			if c.User() == User && string(key.Marshal()) == string(clientKey.PublicKey().Marshal()) {
				return nil, nil
			}
			return nil, io.EOF
		},
	}
	config.AddHostKey(hostKey)

	var clients []net.Conn // those that a client has left open are closed at the end
	var connections sync.WaitGroup
	accepting := make(chan struct{})
	go func() {
		defer close(accepting)
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			number := s.count(&s.accepted, 1)
			if number <= s.DropFirst {
				_ = connection.Close()
				continue
			}
			s.mu.Lock()
			clients = append(clients, connection)
			s.mu.Unlock()
			if !s.Mute {
				connections.Go(func() { s.serve(connection, config) })
			}
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-accepting
		for _, client := range clients {
			_ = client.Close()
		}
		connections.Wait()
	})
	return s
}

func newKey(t *testing.T) (ssh.Signer, string) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	signer, err := ssh.NewSignerFromKey(private)
	require.NoError(t, err)
	block, err := ssh.MarshalPrivateKey(private, "")
	require.NoError(t, err)
	return signer, string(pem.EncodeToMemory(block))
}

// Accepted is how many TCP connections have been made.
func (s *Server) Accepted() int { return s.count(&s.accepted, 0) }

// Open is how many SSH connections are open now.
func (s *Server) Open() int { return s.count(&s.open, 0) }

// PasswordLogins is how many logins by password were tried.
func (s *Server) PasswordLogins() int { return s.count(&s.logins, 0) }

// Runs are all commands run so far, in order.
func (s *Server) Runs() []Run {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Run(nil), s.runs...)
}

// Commands are the texts of Runs.
func (s *Server) Commands() []string {
	var texts []string
	for _, run := range s.Runs() {
		texts = append(texts, run.Command)
	}
	return texts
}

func (s *Server) count(counter *int, by int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	*counter += by
	return *counter
}
