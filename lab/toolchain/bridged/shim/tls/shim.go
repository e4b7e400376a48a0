// Package shim opens the tls provider's internal package to our plugin: Go lets only modules whose
// path lies under the provider's own import it, so this one borrows such a path (go.mod's replace
// in the parent directory points it here).
package shim

import (
	"github.com/hashicorp/terraform-plugin-framework/provider"

	internal "github.com/hashicorp/terraform-provider-tls/internal/provider"
)

// New makes the upstream tls provider.
func New() provider.Provider { return internal.New() }
