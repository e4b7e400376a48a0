package remote_test

import (
	"encoding/pem"
	"maps"
	"net"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"golang.org/x/crypto/ssh"

	"kubeadm-ha/lab/toolchain/command/internal/engine"
	"kubeadm-ha/lab/toolchain/command/internal/sshtest"
)

// values are a resource's inputs.
type values = map[string]property.Value

func text(s string) property.Value { return property.New(s) }

// with adds to or replaces some inputs; a null value takes one away.
func with(inputs values, changes values) values {
	result := maps.Clone(inputs)
	maps.Copy(result, changes)
	maps.DeleteFunc(result, func(_ string, v property.Value) bool { return v.IsNull() })
	return result
}

// newEngine prepares one remote Command, out of reach of the tester's own SSH agent.
func newEngine(t *testing.T) *engine.Engine {
	t.Helper()
	t.Setenv("SSH_AUTH_SOCK", "")
	return engine.New(t, "command:remote:Command")
}

// connection is how the product connects: a key, and a host key to insist on.
func connection(s *sshtest.Server, changes ...values) property.Value {
	fields := values{
		"host":           text(s.Host),
		"port":           property.New(float64(s.Port)),
		"user":           text(sshtest.User),
		"privateKey":     text(s.ClientKey),
		"hostKey":        text(s.HostKey),
		"dialErrorLimit": property.New(0.0),
	}
	for _, change := range changes {
		fields = with(fields, change)
	}
	return property.New(fields)
}

// inputs are those of a Command in the product's form: one short text per event, the script on
// standard input.
func inputs(s *sshtest.Server) values {
	return values{
		"connection":             connection(s),
		"create":                 text("apply"),
		"delete":                 text("remove"),
		"stdin":                  text("script 1"),
		"addPreviousOutputInEnv": property.New(false),
	}
}

// closedPort is a port of the loopback where nobody listens.
func closedPort(t *testing.T) float64 {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return float64(listener.Addr().(*net.TCPAddr).Port)
}

// encode writes a private key in PEM form, encrypted.
func encode(t *testing.T, key any, passphrase string) string {
	t.Helper()
	block, err := ssh.MarshalPrivateKeyWithPassphrase(key, "", []byte(passphrase))
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(block))
}
