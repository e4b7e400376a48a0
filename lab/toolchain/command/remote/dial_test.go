package remote_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"kubeadm-ha/lab/toolchain/command/internal/sshtest"
)

func TestDialErrorLimitIsHowManyFailuresAreForgiven(t *testing.T) {
	dropFirst := func(n int) func(*sshtest.Server) { return func(s *sshtest.Server) { s.DropFirst = n } }

	t.Run("as many as the limit: the command runs", func(t *testing.T) {
		s, e := sshtest.Start(t, dropFirst(2)), newEngine(t)
		start := time.Now()
		require.NoError(t, e.Create(with(inputs(s), values{
			"connection": connection(s, values{"dialErrorLimit": property.New(2.0)}),
		})))
		require.Equal(t, 3, s.Accepted())
		require.GreaterOrEqual(t, time.Since(start), 250*time.Millisecond, "0.1 s, then 1.5 times as long")
		require.Contains(t, e.Log(), "Dial 1/2 failed: retrying")
		require.Contains(t, e.Log(), "Dial 2/2 failed: retrying")
	})
	t.Run("one more: it gives up, and says how often it tried again", func(t *testing.T) {
		s, e := sshtest.Start(t, dropFirst(3)), newEngine(t)
		err := e.Create(with(inputs(s), values{
			"connection": connection(s, values{"dialErrorLimit": property.New(2.0)}),
		}))
		require.ErrorContains(t, err, "after 2 failed attempts: ssh: handshake failed: ")
		require.Equal(t, 3, s.Accepted())
		require.Empty(t, s.Runs())
	})
	t.Run("-1: it goes on until the operation is cancelled", func(t *testing.T) {
		s, e := sshtest.Start(t, dropFirst(1000)), newEngine(t)
		result := make(chan error, 1)
		go func() {
			result <- e.Create(with(inputs(s), values{
				"connection": connection(s, values{"dialErrorLimit": property.New(-1.0)}),
			}))
		}()
		require.Eventually(t, func() bool { return s.Accepted() >= 4 }, 10*time.Second, 10*time.Millisecond)
		require.Contains(t, e.Log(), "Dial 3/inf failed: retrying")
		e.Cancel()
		require.ErrorContains(t, <-result, "context canceled")
	})
}

func TestTheDefaultForgivesTenFailures(t *testing.T) {
	checked := newEngine(t).Check(values{"connection": property.New(values{"host": text("h")})})
	require.Empty(t, checked.Failures)
	endpoint := checked.Inputs.Get("connection").AsMap()
	require.Equal(t, 10.0, endpoint.Get("dialErrorLimit").AsNumber())
	require.Equal(t, 15.0, endpoint.Get("perDialTimeout").AsNumber())
	require.Equal(t, 22.0, endpoint.Get("port").AsNumber())
	require.Equal(t, "root", endpoint.Get("user").AsString())
	require.True(t, checked.Inputs.Get("addPreviousOutputInEnv").AsBool())
}

func TestARefusedConnectionSaysWhere(t *testing.T) {
	s, e := sshtest.Start(t), newEngine(t)
	port := closedPort(t)
	err := e.Create(with(inputs(s), values{"connection": connection(s, values{"port": property.New(port)})}))
	require.ErrorContains(t, err, "after 0 failed attempts: dial tcp 127.0.0.1:")
	require.ErrorContains(t, err, "connection refused")
}

func TestAHostThatNeverSpeaksIsGivenUpAfterPerDialTimeout(t *testing.T) {
	s, e := sshtest.Start(t, func(s *sshtest.Server) { s.Mute = true }), newEngine(t)
	start := time.Now()
	err := e.Create(with(inputs(s), values{
		"connection": connection(s, values{"perDialTimeout": property.New(1.0)}),
	}))
	require.ErrorContains(t, err, "ssh: handshake failed")
	require.Less(t, time.Since(start), 5*time.Second)
}

func TestTheHostKeyIsCheckedWhenOneIsGiven(t *testing.T) {
	s, other, e := sshtest.Start(t), sshtest.Start(t), newEngine(t)

	t.Run("a wrong one is refused, and tried as often as any failure", func(t *testing.T) {
		err := e.Create(with(inputs(s), values{"connection": connection(s, values{
			"hostKey": text(other.HostKey), "dialErrorLimit": property.New(1.0),
		})}))
		require.ErrorContains(t, err, "after 1 failed attempts: ssh: handshake failed: ssh: host key mismatch")
		require.Equal(t, 2, s.Accepted())
		require.Empty(t, s.Runs())
	})
	t.Run("one of a kind that the host does not have is refused", func(t *testing.T) {
		err := e.Create(with(inputs(s), values{"connection": connection(s, values{"hostKey": text(ecdsaKey(t))})}))
		require.ErrorContains(t, err, "no common algorithm for host key")
	})
	t.Run("what is no key at all is refused without a dial", func(t *testing.T) {
		before := s.Accepted()
		err := e.Create(with(inputs(s), values{"connection": connection(s, values{"hostKey": text("nonsense")})}))
		require.ErrorContains(t, err, "hostKey: ssh: no key found")
		require.Equal(t, before, s.Accepted())
	})
	t.Run("without one no key is checked", func(t *testing.T) {
		require.NoError(t, e.Create(with(inputs(s), values{"connection": connection(s, values{"hostKey": {}})})))
	})
}

func TestAPasswordLogsIn(t *testing.T) {
	s, e := sshtest.Start(t), newEngine(t)
	require.NoError(t, e.Create(with(inputs(s), values{"connection": connection(s, values{
		"privateKey": {}, "password": text(sshtest.Password),
	})})))

	t.Run("a wrong one is tried as often as any failure", func(t *testing.T) {
		before := s.PasswordLogins()
		err := e.Create(with(inputs(s), values{"connection": connection(s, values{
			"privateKey": {}, "password": text("wrong"), "dialErrorLimit": property.New(2.0),
		})}))
		require.ErrorContains(t, err, "unable to authenticate")
		require.NotContains(t, err.Error(), "wrong")
		require.Equal(t, before+3, s.PasswordLogins())
	})
}

func TestAPrivateKeyMayHaveAPassphrase(t *testing.T) {
	s, e := sshtest.Start(t), newEngine(t)
	encrypted := encrypt(t, s.ClientKey, "open sesame")
	require.NoError(t, e.Create(with(inputs(s), values{"connection": connection(s, values{
		"privateKey": text(encrypted), "privateKeyPassword": text("open sesame"),
	})})))
	err := e.Create(with(inputs(s), values{"connection": connection(s, values{"privateKey": text(encrypted)})}))
	require.ErrorContains(t, err, "passphrase protected")
	require.Equal(t, 1, s.Accepted(), "what cannot be read is not tried")
}

func TestAnAgentOffersItsKeys(t *testing.T) {
	s, e := sshtest.Start(t), newEngine(t)
	socket := startAgent(t, s.ClientKey)
	require.NoError(t, e.Create(with(inputs(s), values{"connection": connection(s, values{
		"privateKey": {}, "agentSocketPath": text(socket),
	})})))

	t.Run("also by the environment", func(t *testing.T) {
		t.Setenv("SSH_AUTH_SOCK", socket)
		require.NoError(t, e.Create(with(inputs(s), values{"connection": connection(s, values{"privateKey": {}})})))
	})
	t.Run("one that is dead is an error even beside a private key", func(t *testing.T) {
		t.Setenv("SSH_AUTH_SOCK", filepath.Join(t.TempDir(), "gone"))
		require.ErrorContains(t, e.Create(inputs(s)), "dial unix")
	})
}

func TestAProxyIsDialledWithItsOwnLoginAndHostKey(t *testing.T) {
	host, bastion, e := sshtest.Start(t), sshtest.Start(t), newEngine(t)
	through := func(proxy property.Value) values {
		return with(inputs(host), values{"connection": connection(host, values{"proxy": proxy})})
	}
	require.NoError(t, e.Create(through(connection(bastion))))
	require.Equal(t, []string{"apply"}, host.Commands())
	require.Empty(t, bastion.Runs())
	require.Eventually(t, func() bool { return host.Open() == 0 && bastion.Open() == 0 },
		5*time.Second, 10*time.Millisecond, "both connections are closed")

	err := e.Create(through(connection(bastion, values{"hostKey": text(host.HostKey)})))
	require.ErrorContains(t, err, "proxy: after 0 failed attempts: ssh: handshake failed: ssh: host key mismatch")
}

// ecdsaKey is a host key of a kind that the test servers do not have.
func ecdsaKey(t *testing.T) string {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	public, err := ssh.NewPublicKey(private.Public())
	require.NoError(t, err)
	return string(ssh.MarshalAuthorizedKey(public))
}

func encrypt(t *testing.T, pemKey, passphrase string) string {
	t.Helper()
	key, err := ssh.ParseRawPrivateKey([]byte(pemKey))
	require.NoError(t, err)
	return encode(t, key, passphrase)
}

func startAgent(t *testing.T, pemKey string) string {
	t.Helper()
	key, err := ssh.ParseRawPrivateKey([]byte(pemKey))
	require.NoError(t, err)
	keyring := agent.NewKeyring()
	require.NoError(t, keyring.Add(agent.AddedKey{PrivateKey: key}))
	directory, err := os.MkdirTemp("", "agent") // t.TempDir's path can be too long for a socket
	require.NoError(t, err)
	socket := filepath.Join(directory, "socket")
	listener, err := net.Listen("unix", socket)
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = listener.Close()
		_ = os.RemoveAll(directory)
	})
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { _ = agent.ServeAgent(keyring, connection) }()
		}
	}()
	return socket
}
