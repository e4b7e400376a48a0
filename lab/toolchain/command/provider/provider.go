// Package provider puts the resources together.
package provider

import (
	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi-go-provider/middleware/schema"

	"kubeadm-ha/lab/toolchain/command/local"
	"kubeadm-ha/lab/toolchain/command/remote"
)

// Name is the package's name in resource types: command:remote:Command.
const Name = "command"

// New makes the provider. Its resources are derived from the Go types given here: inputs, outputs,
// defaults, secrets and the comparison of old and new inputs are the infer library's, which the
// official plugin uses too.
func New() p.Provider {
	return infer.Provider(infer.Options{
		Metadata: schema.Metadata{
			Description: "Runs commands over SSH and on this machine: the lab's stand-in for Pulumi's command provider.",
			License:     "Apache-2.0",
		},
		Resources: []infer.InferredResource{
			infer.Resource(&remote.Command{}),
			infer.Resource(&local.Command{}),
		},
	})
}
