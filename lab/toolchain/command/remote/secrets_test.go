package remote_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"
)

func TestTheConnectionIsAlwaysSecret(t *testing.T) {
	s, e := prints(t, "out", "", 0), newEngine(t)
	require.True(t, e.Check(inputs(s)).Inputs.Get("connection").Secret())
	require.NoError(t, e.Create(inputs(s)))
	require.True(t, e.Output("connection").Secret())
	_, err := e.Update(with(inputs(s), values{"stdin": text("script 2")}))
	require.NoError(t, err)
	require.True(t, e.Output("connection").Secret())
}

func TestOtherInputsAreSecretIffTheyAreGivenAsSecret(t *testing.T) {
	s, e := prints(t, "out", "", 0), newEngine(t)
	require.NoError(t, e.Create(with(inputs(s), values{"stdin": text("password").WithSecret(true)})))
	require.True(t, e.Output("stdin").Secret())
	require.False(t, e.Output("create").Secret())
	require.False(t, e.Output("delete").Secret())
}

func TestOutputsAreNotSecretOnTheirOwnEvenIfEveryInputIs(t *testing.T) {
	s, e := prints(t, "the password", "again", 0), newEngine(t)
	secret := values{}
	for name, value := range inputs(s) {
		secret[name] = value.WithSecret(true)
	}
	require.NoError(t, e.Create(secret))
	require.True(t, e.Output("create").Secret())
	require.Equal(t, "the password", e.Output("stdout").AsString())
	require.False(t, e.Output("stdout").Secret(), "that takes additionalSecretOutputs in the program")
	require.False(t, e.Output("stderr").Secret())
}

func TestAnUnknownFieldOfTheConnectionIsRefusedBeforeAnythingRuns(t *testing.T) {
	s, e := prints(t, "", "", 0), newEngine(t)
	checked := e.Check(with(inputs(s), values{
		"connection": connection(s, values{"hostkey": text("x")}),
	}))
	require.NotEmpty(t, checked.Failures)
	require.Contains(t, checked.Failures[0].Property+checked.Failures[0].Reason, "hostkey")
}

func TestAConnectionWithoutAHostIsRefused(t *testing.T) {
	e := newEngine(t)
	checked := e.Check(values{"connection": property.New(values{"user": text("admin")})})
	require.NotEmpty(t, checked.Failures)
}
