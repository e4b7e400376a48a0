package remote

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"golang.org/x/crypto/ssh"

	"kubeadm-ha/lab/toolchain/command/output"
)

// Variables that hand a command the output of the run before it.
const (
	previousStdout = "PULUMI_COMMAND_STDOUT"
	previousStderr = "PULUMI_COMMAND_STDERR"
)

// run dials, runs one command in a session without a terminal, and puts what it printed into the
// state. ctx ends the dialling, not the command: once started, a command is waited for.
func (c *CommandOutputs) run(ctx context.Context, command string) error {
	client, err := c.Connection.dial(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	session, err := client.NewSession()
	if err != nil {
		return err
	}
	defer session.Close()

	if err := c.setEnvironment(ctx, session); err != nil {
		return err
	}
	if c.Stdin != nil && *c.Stdin != "" {
		session.Stdin = strings.NewReader(*c.Stdin)
	}
	capture := output.NewCapture(ctx, c.Logging)
	session.Stdout, session.Stderr = capture.Stdout(), capture.Stderr()

	streams, err := capture.Result(command, session.Run(command))
	if err != nil {
		return err
	}
	c.Streams = streams
	return nil
}

// setEnvironment sends the variables as SSH requests. A refused variable of the program's own is an
// error before the command runs; a refused previous output only a warning.
func (c *CommandOutputs) setEnvironment(ctx context.Context, session *ssh.Session) error {
	for _, name := range slices.Sorted(maps.Keys(c.Environment)) {
		if err := session.Setenv(name, c.Environment[name]); err != nil {
			p.GetLogger(ctx).Error(refused(name))
			return fmt.Errorf("could not set environment variable %q: %w", name, err)
		}
	}
	if c.AddPreviousOutputInEnv != nil && !*c.AddPreviousOutputInEnv {
		return nil
	}
	for _, variable := range []struct{ name, value string }{
		{previousStdout, c.Stdout},
		{previousStderr, c.Stderr},
	} {
		if variable.value == "" {
			continue
		}
		if err := session.Setenv(variable.name, variable.value); err != nil {
			p.GetLogger(ctx).Warning(refused(variable.name))
		}
	}
	return nil
}

func refused(name string) string {
	return fmt.Sprintf("Unable to set '%s': the SSH server does not accept that variable. Name it in the server's "+
		"AcceptEnv, or set it within the command: %s=value command", name, name)
}
