// Command noop is the command plugin without its commands: every resource is accepted and kept in
// the state as the real one keeps it, and nothing is ever dialled. The benchmark measures with it
// what a stack of many hosts costs Pulumi itself.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"kubeadm-ha/lab/toolchain/command/provider"
)

// version is the npm package's; the build sets it.
var version = "0.0.0"

func main() {
	real := provider.New()
	noop := real
	noop.Create = func(ctx context.Context, req p.CreateRequest) (p.CreateResponse, error) {
		given := req.Properties
		// Without commands, the real one dials nobody.
		req.Properties = given.Delete("create", "update")
		resp, err := real.Create(ctx, req)
		if err != nil || req.DryRun {
			return resp, err
		}
		resp.Properties = kept(resp.Properties, given, printed(req.Urn.Name()))
		return resp, nil
	}
	noop.Update = func(ctx context.Context, req p.UpdateRequest) (p.UpdateResponse, error) {
		given := req.Inputs
		req.Inputs = given.Delete("create", "update")
		resp, err := real.Update(ctx, req)
		if err != nil || req.DryRun {
			return resp, err
		}
		resp.Properties = kept(resp.Properties, given, printed(req.Urn.Name()))
		return resp, nil
	}
	noop.Delete = func(context.Context, p.DeleteRequest) error { return nil }
	if err := p.RunProvider(context.Background(), provider.Name, version, noop); err != nil {
		fmt.Fprintf(os.Stderr, "pulumi-resource-command (noop): %v\n", err)
		os.Exit(1)
	}
}

// kept is what the real plugin would keep: the inputs with their commands, and what these printed.
func kept(state, given property.Map, stdout string) property.Map {
	for _, name := range []string{"create", "update"} {
		if value, ok := given.GetOk(name); ok {
			state = state.Set(name, value)
		}
	}
	return state.Set("stdout", property.New(stdout)).Set("stderr", property.New(""))
}

// printed is what a step prints that others take in: as long as the real thing.
func printed(name string) string {
	switch {
	case strings.HasSuffix(name, "-join"):
		return "00000000-0000-4000-8000-000000000000"
	case strings.HasSuffix(name, "-verify"):
		return `{"nodes":5,"controlPlanes":3,"etcdMembers":3,"podNetwork":true}`
	default:
		return ""
	}
}
