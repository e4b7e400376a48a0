// Package engine drives the provider in tests as Pulumi's engine does: Check, then Diff, then
// Create, Update or Delete, with the state in between.
package engine

import (
	"bytes"
	"log/slog"
	"sync"
	"testing"

	"github.com/blang/semver"
	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/integration"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"

	"kubeadm-ha/lab/toolchain/command/provider"
)

// Engine holds one resource.
type Engine struct {
	t      *testing.T
	server integration.Server
	urn    resource.URN
	id     string
	inputs property.Map
	state  property.Map
	log    *safeBuffer
}

// New prepares a resource of the given type. Until the test ends, what the provider logs goes to
// Log. (So tests that use it cannot run in parallel.)
func New(t *testing.T, kind tokens.Type) *Engine {
	t.Helper()
	server, err := integration.NewServer(t.Context(), provider.Name, semver.MustParse("1.2.1"),
		integration.WithProvider(provider.New()))
	require.NoError(t, err)
	log := &safeBuffer{}
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	return &Engine{
		t: t, server: server, log: log,
		urn: resource.NewURN("test", "project", "", kind, "name"),
	}
}

// Check validates inputs and fills in defaults.
func (e *Engine) Check(inputs map[string]property.Value) p.CheckResponse {
	e.t.Helper()
	checked, err := e.server.Check(p.CheckRequest{Urn: e.urn, Inputs: property.NewMap(inputs)})
	require.NoError(e.t, err)
	return checked
}

func (e *Engine) checked(inputs map[string]property.Value) property.Map {
	e.t.Helper()
	checked := e.Check(inputs)
	require.Empty(e.t, checked.Failures)
	return checked.Inputs
}

// Preview is the resource's outputs in a preview, before it exists and after.
func (e *Engine) Preview(inputs map[string]property.Value) property.Map {
	e.t.Helper()
	wanted := e.checked(inputs)
	if e.id == "" {
		created, err := e.server.Create(p.CreateRequest{Urn: e.urn, Properties: wanted, DryRun: true})
		require.NoError(e.t, err)
		return created.Properties
	}
	updated, err := e.server.Update(p.UpdateRequest{
		ID: e.id, Urn: e.urn, State: e.state, OldInputs: e.inputs, Inputs: wanted, DryRun: true,
	})
	require.NoError(e.t, err)
	return updated.Properties
}

// Diff compares new inputs with the state, as every preview and update does.
func (e *Engine) Diff(inputs map[string]property.Value) p.DiffResponse {
	e.t.Helper()
	diff, err := e.server.Diff(p.DiffRequest{
		ID: e.id, Urn: e.urn, State: e.state, OldInputs: e.inputs, Inputs: e.checked(inputs),
	})
	require.NoError(e.t, err)
	return diff
}

// Create makes the resource. When it fails there is none, as with Pulumi.
func (e *Engine) Create(inputs map[string]property.Value) error {
	e.t.Helper()
	wanted := e.checked(inputs)
	created, err := e.server.Create(p.CreateRequest{Urn: e.urn, Properties: wanted})
	if err != nil {
		return err
	}
	require.Nil(e.t, created.PartialState)
	e.id, e.inputs, e.state = created.ID, wanted, created.Properties
	return nil
}

// Update changes the resource in place if anything differs, and reports whether it did. When it
// fails the old state stays.
func (e *Engine) Update(inputs map[string]property.Value) (bool, error) {
	e.t.Helper()
	if !e.Diff(inputs).HasChanges {
		return false, nil
	}
	wanted := e.checked(inputs)
	updated, err := e.server.Update(p.UpdateRequest{
		ID: e.id, Urn: e.urn, State: e.state, OldInputs: e.inputs, Inputs: wanted,
	})
	if err != nil {
		return true, err
	}
	e.inputs, e.state = wanted, updated.Properties
	return true, nil
}

// Delete deletes the resource.
func (e *Engine) Delete() error {
	return e.server.Delete(p.DeleteRequest{ID: e.id, Urn: e.urn, Properties: e.state, OldInputs: e.inputs})
}

// Refresh reads the resource.
func (e *Engine) Refresh() p.ReadResponse {
	e.t.Helper()
	read, err := e.server.Read(p.ReadRequest{ID: e.id, Urn: e.urn, Properties: e.state, Inputs: e.inputs})
	require.NoError(e.t, err)
	return read
}

// Cancel is what the second Ctrl-C sends.
func (e *Engine) Cancel() { _ = e.server.Cancel() }

// Output is one property of the state.
func (e *Engine) Output(name string) property.Value { return e.state.Get(name) }

// Log is what the provider has logged so far: a line each, those of the live display with
// kind=status.
func (e *Engine) Log() string { return e.log.String() }

// safeBuffer is a bytes.Buffer that several goroutines may use.
type safeBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *safeBuffer) Write(data []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(data)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}
