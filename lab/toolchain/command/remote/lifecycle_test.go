package remote_test

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"kubeadm-ha/lab/toolchain/command/internal/sshtest"
)

func TestCreateRunsTheCreateCommandWithItsStdin(t *testing.T) {
	s, e := sshtest.Start(t), newEngine(t)
	require.NoError(t, e.Create(inputs(s)))
	require.Equal(t, []sshtest.Run{{Command: "apply", Stdin: "script 1", Env: map[string]string{}}}, s.Runs())
}

func TestWithoutACreateCommandTheHostIsNotDialled(t *testing.T) {
	s, e := sshtest.Start(t), newEngine(t)
	require.NoError(t, e.Create(with(inputs(s), values{"create": {}})))
	require.Zero(t, s.Accepted())
	require.Equal(t, "", e.Output("stdout").AsString())

	t.Run("nor is it when such a resource changes", func(t *testing.T) {
		changed, err := e.Update(with(inputs(s), values{"create": {}, "stdin": text("script 2")}))
		require.NoError(t, err)
		require.True(t, changed)
		require.Zero(t, s.Accepted())
	})
	t.Run("its delete command still runs, with the last stdin", func(t *testing.T) {
		require.NoError(t, e.Delete())
		require.Equal(t, []sshtest.Run{{Command: "remove", Stdin: "script 2", Env: map[string]string{}}}, s.Runs())
	})
}

func TestUnchangedInputsRunNothing(t *testing.T) {
	s, e := sshtest.Start(t), newEngine(t)
	require.NoError(t, e.Create(inputs(s)))
	changed, err := e.Update(inputs(s))
	require.NoError(t, err)
	require.False(t, changed)
	require.Equal(t, 1, s.Accepted())
}

func TestAnyChangedInputRunsTheCommandAgainInPlace(t *testing.T) {
	for name, change := range map[string]values{
		"create":                 {"create": text("apply 2")},
		"update":                 {"update": text("apply")},
		"delete, only its text":  {"delete": text("remove 2")},
		"stdin":                  {"stdin": text("script 2")},
		"environment":            {"environment": property.New(values{"LC_X": text("1")})},
		"logging":                {"logging": text("none")},
		"addPreviousOutputInEnv": {"addPreviousOutputInEnv": property.New(true)},
	} {
		t.Run(name, func(t *testing.T) {
			s, e := sshtest.Start(t, func(s *sshtest.Server) { s.AcceptEnv = true }), newEngine(t)
			require.NoError(t, e.Create(inputs(s)))
			wanted := with(inputs(s), change)
			for key, difference := range e.Diff(wanted).DetailedDiff {
				require.Contains(t, []p.DiffKind{p.Add, p.Update, p.Delete}, difference.Kind, key)
			}
			changed, err := e.Update(wanted)
			require.NoError(t, err)
			require.True(t, changed)
			require.Len(t, s.Runs(), 2)
			require.NotContains(t, s.Commands(), "remove", "an update deletes nothing")
		})
	}
	for name, change := range map[string]values{
		"perDialTimeout": {"perDialTimeout": property.New(9.0)},
		"dialErrorLimit": {"dialErrorLimit": property.New(1.0)},
		"privateKey":     {"privateKey": {}, "password": text(sshtest.Password)},
		"hostKey":        {"hostKey": {}},
	} {
		t.Run("connection."+name, func(t *testing.T) {
			s, e := sshtest.Start(t), newEngine(t)
			require.NoError(t, e.Create(inputs(s)))
			changed, err := e.Update(with(inputs(s), values{"connection": connection(s, change)}))
			require.NoError(t, err)
			require.True(t, changed)
			require.Equal(t, []string{"apply", "apply"}, s.Commands())
		})
	}
}

func TestUpdateRunsTheUpdateCommandAndElseTheCreateCommand(t *testing.T) {
	s, e := sshtest.Start(t), newEngine(t)
	require.NoError(t, e.Create(with(inputs(s), values{"update": text("change")})))
	_, err := e.Update(with(inputs(s), values{"update": text("change"), "stdin": text("script 2")}))
	require.NoError(t, err)
	_, err = e.Update(with(inputs(s), values{"stdin": text("script 3")}))
	require.NoError(t, err)
	require.Equal(t, []string{"apply", "change", "apply"}, s.Commands())
}

func TestUpdateRunsOverTheNewConnection(t *testing.T) {
	before, after, e := sshtest.Start(t), sshtest.Start(t), newEngine(t)
	require.NoError(t, e.Create(inputs(before)))
	_, err := e.Update(inputs(after))
	require.NoError(t, err)
	require.Len(t, before.Runs(), 1)
	require.Len(t, after.Runs(), 1)
}

func TestTriggersThatAppearOrGoReplaceAndTheSDKReplacesForAChangedElement(t *testing.T) {
	s, e := sshtest.Start(t), newEngine(t)
	one := property.New([]property.Value{text("1")})
	require.NoError(t, e.Create(inputs(s)))
	require.Equal(t, p.AddReplace, e.Diff(with(inputs(s), values{"triggers": one})).DetailedDiff["triggers"].Kind)

	require.NoError(t, e.Create(with(inputs(s), values{"triggers": one})))
	require.Equal(t, p.DeleteReplace, e.Diff(inputs(s)).DetailedDiff["triggers"].Kind)

	// The plugin calls this an update of "triggers[0]"; @pulumi/command registers each Command with
	// replaceOnChanges ["triggers[*]"], from which the engine makes a replacement.
	two := property.New([]property.Value{text("2")})
	diff := e.Diff(with(inputs(s), values{"triggers": two})).DetailedDiff
	require.Len(t, diff, 1)
	require.Equal(t, p.Update, diff["triggers[0]"].Kind)
}

func TestDeleteRunsWhollyFromTheOldState(t *testing.T) {
	old, e := sshtest.Start(t, func(s *sshtest.Server) { s.AcceptEnv = true }), newEngine(t)
	require.NoError(t, e.Create(with(inputs(old), values{
		"environment": property.New(values{"LC_X": text("old")}),
	})))
	require.NoError(t, e.Delete())
	require.Equal(t, sshtest.Run{
		Command: "remove", Stdin: "script 1", Env: map[string]string{"LC_X": "old"},
	}, old.Runs()[1])
}

func TestWithoutADeleteCommandDeletingDialsNothing(t *testing.T) {
	s, e := sshtest.Start(t), newEngine(t)
	require.NoError(t, e.Create(with(inputs(s), values{"delete": {}})))
	require.NoError(t, e.Delete())
	require.Equal(t, 1, s.Accepted())
}

func TestAFailedUpdateKeepsTheOldStateAndRunsAgainNextTime(t *testing.T) {
	failing := true
	s, e := sshtest.Start(t, func(s *sshtest.Server) {
		s.Handle = func(run sshtest.Run, stdout, _ io.Writer) uint32 {
			if run.Stdin == "script 2" && failing {
				return 1
			}
			_, _ = io.WriteString(stdout, "did "+run.Stdin)
			return 0
		}
	}), newEngine(t)
	require.NoError(t, e.Create(inputs(s)))
	wanted := with(inputs(s), values{"stdin": text("script 2")})
	_, err := e.Update(wanted)
	require.Error(t, err)
	require.Equal(t, "did script 1", e.Output("stdout").AsString())

	failing = false
	changed, err := e.Update(wanted)
	require.NoError(t, err)
	require.True(t, changed)
	require.Equal(t, "did script 2", e.Output("stdout").AsString())
}

func TestRefreshHandsTheStateBackAndDialsNothing(t *testing.T) {
	s, e := sshtest.Start(t), newEngine(t)
	require.NoError(t, e.Create(inputs(s)))
	read := e.Refresh()
	require.Equal(t, e.Output("stdin"), read.Properties.Get("stdin"))
	require.Equal(t, 1, s.Accepted())
}

func TestPreviewDialsNothing(t *testing.T) {
	s, e := sshtest.Start(t), newEngine(t)

	t.Run("before the resource exists: its outputs are not known yet, its inputs are", func(t *testing.T) {
		preview := e.Preview(inputs(s))
		require.True(t, preview.Get("stdout").IsComputed())
		require.True(t, preview.Get("stderr").IsComputed())
		require.Equal(t, "script 1", preview.Get("stdin").AsString())
		require.Zero(t, s.Accepted())
	})
	require.NoError(t, e.Create(inputs(s)))
	require.Equal(t, 1, s.Accepted(), "the count does see a connection")

	t.Run("with a changed input: the outputs are not known", func(t *testing.T) {
		preview := e.Preview(with(inputs(s), values{"stdin": text("script 2")}))
		require.True(t, preview.Get("stdout").IsComputed())
		require.True(t, preview.Get("stderr").IsComputed())
	})
	t.Run("with an input that is not known yet", func(t *testing.T) {
		preview := e.Preview(with(inputs(s), values{"stdin": property.New(property.Computed)}))
		require.True(t, preview.Get("stdout").IsComputed())
	})
	require.Equal(t, 1, s.Accepted())
}
