package remote

import (
	"fmt"
	"net"
	"os"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// clientConfig says who logs in and which host key to insist on. The second result closes the
// connection to the agent, if one is used.
func (e *Endpoint) clientConfig() (*ssh.ClientConfig, func(), error) {
	done := func() {}
	config := &ssh.ClientConfig{
		User:            value(e.User, defaultUser),
		HostKeyCallback: ssh.InsecureIgnoreHostKey(), // without a hostKey, as the official plugin does
		Timeout:         time.Duration(value(e.PerDialTimeout, defaultPerDialTimeout)) * time.Second,
	}
	if e.HostKey != nil {
		key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(*e.HostKey))
		if err != nil {
			return nil, done, fmt.Errorf("hostKey: %w", err)
		}
		config.HostKeyCallback = ssh.FixedHostKey(key)
		// Makes the server show this key, of the several that it has. (For an RSA key this asks for
		// SHA-1 signatures, which OpenSSH no longer gives: so it is with the official plugin.)
		config.HostKeyAlgorithms = []string{key.Type()}
	}
	if e.PrivateKey != nil {
		signer, err := parseKey(*e.PrivateKey, e.PrivateKeyPassword)
		if err != nil {
			return nil, done, err
		}
		config.Auth = append(config.Auth, ssh.PublicKeys(signer))
	}
	if e.Password != nil {
		config.Auth = append(config.Auth, ssh.Password(*e.Password), ssh.KeyboardInteractive(answerAll(*e.Password)))
	}
	if socket := value(e.AgentSocketPath, os.Getenv("SSH_AUTH_SOCK")); socket != "" {
		connection, err := net.Dial("unix", socket)
		if err != nil {
			return nil, done, err
		}
		done = func() { _ = connection.Close() }
		config.Auth = append(config.Auth, ssh.PublicKeysCallback(agent.NewClient(connection).Signers))
	}
	return config, done, nil
}

func parseKey(pem string, passphrase *string) (ssh.Signer, error) {
	if passphrase != nil {
		return ssh.ParsePrivateKeyWithPassphrase([]byte(pem), []byte(*passphrase))
	}
	return ssh.ParsePrivateKey([]byte(pem))
}

// answerAll gives the password to every question of a server that asks instead of taking one.
func answerAll(password string) ssh.KeyboardInteractiveChallenge {
	return func(_, _ string, questions []string, _ []bool) ([]string, error) {
		answers := make([]string, len(questions))
		for i := range answers {
			answers[i] = password
		}
		return answers, nil
	}
}
