package main

import (
	"context"
	"errors"
	"unicode"

	tls "github.com/hashicorp/terraform-provider-tls/shim"
	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	random "github.com/terraform-providers/terraform-provider-random/shim"
)

// Versions of the npm packages that these plugins serve; the plugin must say exactly its package's
// version, or the engine looks for another one. The build sets them.
var (
	randomVersion = "0.0.0"
	tlsVersion    = "0.0.0"
)

var providers = map[string]func() tfbridge.ProviderInfo{
	"random": randomProvider,
	"tls":    tlsProvider,
}

func randomProvider() tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		Name:         "random",
		Version:      randomVersion,
		P:            pf.ShimProvider(random.New()),
		MetadataInfo: tfbridge.NewProviderMetadata([]byte("{}")),
		Resources: map[string]*tfbridge.ResourceInfo{
			"random_bytes": {ComputeID: randomBytesID},
		},
	}
	// random_id becomes RandomId: the package's name stays part of the type's.
	info.MustComputeTokens(tokens.SingleModule("random_", "index", func(module, name string) (string, error) {
		return token("random", module, "Random"+name), nil
	}))
	return info
}

// randomBytesID names a RandomBytes after its value, as Pulumi's random provider does: the upstream
// resource has no id of its own.
func randomBytesID(_ context.Context, state resource.PropertyMap) (resource.ID, error) {
	value := state["base64"]
	if value.IsSecret() {
		value = value.SecretValue().Element
	}
	if !value.IsString() {
		return "", errors.New("random_bytes has no base64 value to take its id from")
	}
	return resource.ID(value.StringValue()), nil
}

func tlsProvider() tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		Name:         "tls",
		Version:      tlsVersion,
		P:            pf.ShimProvider(tls.New()),
		MetadataInfo: tfbridge.NewProviderMetadata([]byte("{}")),
	}
	info.MustComputeTokens(tokens.SingleModule("tls_", "index", func(module, name string) (string, error) {
		return token("tls", module, name), nil
	}))
	return info
}

// token is the form Pulumi gives type names: tls:index/privateKey:PrivateKey.
func token(pkg, module, name string) string {
	file := []rune(name)
	file[0] = unicode.ToLower(file[0])
	return pkg + ":" + module + "/" + string(file) + ":" + name
}
