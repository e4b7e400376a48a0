// Package shim opens the random provider's internal package to our plugin: Go lets only modules
// whose path lies under the provider's own import it, so this one borrows such a path (go.mod's
// replace in the parent directory points it here).
package shim

import (
	"github.com/hashicorp/terraform-plugin-framework/provider"

	internal "github.com/terraform-providers/terraform-provider-random/internal/provider"
)

// New makes the upstream random provider.
func New() provider.Provider { return internal.New() }
