package remote

import (
	"github.com/pulumi/pulumi-go-provider/infer"

	"kubeadm-ha/lab/toolchain/command/output"
)

// CommandInputs are the properties a program gives a remote Command.
type CommandInputs struct {
	Create                 *string           `pulumi:"create,optional"`
	Update                 *string           `pulumi:"update,optional"`
	Delete                 *string           `pulumi:"delete,optional"`
	Stdin                  *string           `pulumi:"stdin,optional"`
	Environment            map[string]string `pulumi:"environment,optional"`
	Logging                *output.Logging   `pulumi:"logging,optional"`
	AddPreviousOutputInEnv *bool             `pulumi:"addPreviousOutputInEnv,optional"`
	Triggers               *[]any            `pulumi:"triggers,optional" provider:"replaceOnChanges"`
	Connection             *Connection       `pulumi:"connection" provider:"secret"`
}

// Annotate describes the properties and gives their defaults.
func (c *CommandInputs) Annotate(a infer.Annotator) {
	a.Describe(&c.Create, "The command to run when the resource is created. Without it nothing runs then.")
	a.Describe(&c.Update, "The command to run when any property has changed. Without it, create runs again.")
	a.Describe(&c.Delete, "The command to run when the resource is deleted or replaced.")
	a.Describe(&c.Stdin, "Standard input of each of the commands.")
	a.Describe(&c.Environment, "Variables to ask the SSH server for; it must accept them (AcceptEnv).")
	a.Describe(&c.Logging, "Which streams to show while a command runs.")
	a.Describe(&c.AddPreviousOutputInEnv, "Whether to ask the SSH server for PULUMI_COMMAND_STDOUT and "+
		"PULUMI_COMMAND_STDERR, the outputs of the previous run.")
	a.SetDefault(&c.AddPreviousOutputInEnv, true)
	a.Describe(&c.Triggers, "Values whose change replaces the resource.")
	a.Describe(&c.Connection, "How to reach the host.")
}

// CommandOutputs are the inputs and what the last run printed: the whole state.
type CommandOutputs struct {
	CommandInputs
	output.Streams
}
