// Command bridged is both pulumi-resource-random and pulumi-resource-tls: the upstream Terraform
// providers behind Pulumi's own bridge, in one binary that is told by its name which one to be.
//
// Pulumi's released plugins are made of the same parts. They add documentation and the schema for
// code generation, which running a program does not need.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
)

func main() {
	name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(os.Args[0]), "pulumi-resource-"), ".exe")
	provider, known := providers[name]
	if !known {
		fmt.Fprintf(os.Stderr, "bridged: call me pulumi-resource-random or pulumi-resource-tls, not %q\n", os.Args[0])
		os.Exit(2)
	}
	info := provider()
	tfbridge.Main(context.Background(), info.Name, info, tfbridge.ProviderMetadata{
		PackageSchema: fmt.Appendf(nil, `{"name":%q,"version":%q}`, info.Name, info.Version),
	})
}
