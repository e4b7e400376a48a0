// Command pulumi-resource-command is the lab's own plugin behind the npm package @pulumi/command:
// resources that run a command on a remote host over SSH, or on this machine.
//
// The official plugin is not published as a Go module, so the lab cannot build it. This one does
// the same things in the same order with the same texts, as far as a Pulumi program can tell;
// ../README.md lists the differences.
package main

import (
	"context"
	"fmt"
	"os"

	p "github.com/pulumi/pulumi-go-provider"

	"kubeadm-ha/lab/toolchain/command/provider"
)

// version is the npm package's; the engine looks for a plugin of exactly that version. The build
// sets it.
var version = "0.0.0"

func main() {
	if err := p.RunProvider(context.Background(), provider.Name, version, provider.New()); err != nil {
		fmt.Fprintf(os.Stderr, "pulumi-resource-command: %v\n", err)
		os.Exit(1)
	}
}
