// Package local has the resource command:local:Command, which runs commands on this machine.
package local

import (
	"context"
	"os"
	"os/exec"
	"strings"

	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"kubeadm-ha/lab/toolchain/command/output"
)

// Command runs a command on this machine when it is created, updated or deleted, by the same rules
// as the remote one.
type Command struct{}

var (
	_ infer.CustomResource[CommandInputs, CommandOutputs] = (*Command)(nil)
	_ infer.CustomUpdate[CommandInputs, CommandOutputs]   = (*Command)(nil)
	_ infer.CustomDelete[CommandOutputs]                  = (*Command)(nil)
)

// Annotate describes the resource.
func (c *Command) Annotate(a infer.Annotator) {
	a.Describe(&c, "A command to run on this machine.")
}

// Create runs the create command, if there is one.
func (*Command) Create(
	ctx context.Context, req infer.CreateRequest[CommandInputs],
) (infer.CreateResponse[CommandOutputs], error) {
	state := CommandOutputs{CommandInputs: req.Inputs}
	id, err := resource.NewUniqueHex(req.Name, 8, 0)
	if err == nil && !req.DryRun && state.Create != nil {
		err = state.run(ctx, *state.Create)
	}
	return infer.CreateResponse[CommandOutputs]{ID: id, Output: state}, err
}

// Update runs the new update command, else the new create command; without either it keeps the
// previous output.
func (*Command) Update(
	ctx context.Context, req infer.UpdateRequest[CommandInputs, CommandOutputs],
) (infer.UpdateResponse[CommandOutputs], error) {
	state := CommandOutputs{CommandInputs: req.Inputs, Streams: req.State.Streams}
	command := state.Update
	if command == nil {
		command = state.Create
	}
	var err error
	if !req.DryRun && command != nil {
		err = state.run(ctx, *command)
	}
	return infer.UpdateResponse[CommandOutputs]{Output: state}, err
}

// Delete runs the delete command, wholly from the old state.
func (*Command) Delete(ctx context.Context, req infer.DeleteRequest[CommandOutputs]) (infer.DeleteResponse, error) {
	state := req.State
	if state.Delete == nil {
		return infer.DeleteResponse{}, nil
	}
	return infer.DeleteResponse{}, state.run(ctx, *state.Delete)
}

// run runs one command and puts what it printed into the state. Unlike a remote command it ends
// with ctx: Ctrl-C and customTimeouts kill it.
func (c *CommandOutputs) run(ctx context.Context, command string) error {
	interpreter := c.Interpreter
	if len(interpreter) == 0 {
		interpreter = []string{"/bin/sh", "-c"}
	}
	child := exec.CommandContext(ctx, interpreter[0], append(interpreter[1:len(interpreter):len(interpreter)], command)...)
	if c.Dir != nil {
		child.Dir = *c.Dir
	}
	child.Env = os.Environ()
	for name, value := range c.Environment {
		child.Env = append(child.Env, name+"="+value)
	}
	if c.AddPreviousOutputInEnv == nil || *c.AddPreviousOutputInEnv {
		if c.Stdout != "" {
			child.Env = append(child.Env, "PULUMI_COMMAND_STDOUT="+c.Stdout)
		}
		if c.Stderr != "" {
			child.Env = append(child.Env, "PULUMI_COMMAND_STDERR="+c.Stderr)
		}
	}
	if c.Stdin != nil && *c.Stdin != "" {
		child.Stdin = strings.NewReader(*c.Stdin)
	}
	capture := output.NewCapture(ctx, c.Logging)
	child.Stdout, child.Stderr = capture.Stdout(), capture.Stderr()

	streams, err := capture.Result(command, child.Run())
	if err != nil {
		return err
	}
	c.Streams = streams
	return nil
}
