package local_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"

	"kubeadm-ha/lab/toolchain/command/internal/engine"
)

type values = map[string]property.Value

func text(s string) property.Value { return property.New(s) }

func newEngine(t *testing.T) *engine.Engine {
	t.Helper()
	return engine.New(t, "command:local:Command")
}

func TestCreateUpdateAndDeleteRunInTheirTurn(t *testing.T) {
	e, journal := newEngine(t), filepath.Join(t.TempDir(), "journal")
	wanted := func(stdin string) values {
		return values{
			"create":      text(`printf '%s %s;' create "$(cat)" >> "$JOURNAL"; echo created; echo loudly >&2`),
			"update":      text(`printf '%s %s;' "update after $PULUMI_COMMAND_STDOUT" "$(cat)" >> "$JOURNAL"`),
			"delete":      text(`printf '%s %s;' delete "$(cat)" >> "$JOURNAL"`),
			"stdin":       text(stdin),
			"environment": property.New(values{"JOURNAL": text(journal)}),
		}
	}
	require.NoError(t, e.Create(wanted("one")))
	require.Equal(t, "created", e.Output("stdout").AsString())
	require.Equal(t, "loudly", e.Output("stderr").AsString())

	changed, err := e.Update(wanted("one"))
	require.NoError(t, err)
	require.False(t, changed, "nothing differs")
	changed, err = e.Update(wanted("two"))
	require.NoError(t, err)
	require.True(t, changed)
	require.NoError(t, e.Delete())

	written, err := os.ReadFile(journal)
	require.NoError(t, err)
	require.Equal(t, "create one;update after created two;delete two;", string(written))
}

func TestWithoutUpdateTheCreateCommandRunsAgain(t *testing.T) {
	e := newEngine(t)
	require.NoError(t, e.Create(values{"create": text("echo $((1 + 1))")}))
	_, err := e.Update(values{"create": text("echo $((2 + 2))")})
	require.NoError(t, err)
	require.Equal(t, "4", e.Output("stdout").AsString())
}

func TestPreviewRunsNothing(t *testing.T) {
	e, made := newEngine(t), filepath.Join(t.TempDir(), "made")
	wanted := values{"create": text("touch " + made)}
	require.True(t, e.Preview(wanted).Get("stdout").IsComputed())
	require.NoFileExists(t, made)
	require.NoError(t, e.Create(wanted))
	require.FileExists(t, made)
}

func TestAFailureNamesTheCommandAndHoldsEverythingItPrinted(t *testing.T) {
	err := newEngine(t).Create(values{"create": text("echo step 1; echo broken >&2; exit 3")})
	// Standard output and error come over separate pipes, in either order.
	require.ErrorContains(t, err, "exit status 3: running \"echo step 1; echo broken >&2; exit 3\":\n")
	require.ErrorContains(t, err, "step 1\n")
	require.ErrorContains(t, err, "broken\n")
}

func TestInterpreterAndDirAreUsed(t *testing.T) {
	e, directory := newEngine(t), t.TempDir()
	require.NoError(t, e.Create(values{
		"create":      text("pwd; echo $0"),
		"dir":         text(directory),
		"interpreter": property.New([]property.Value{text("/bin/bash"), text("-c")}),
	}))
	require.Equal(t, directory+"\n/bin/bash", e.Output("stdout").AsString())
}

func TestCancellingKillsARunningCommand(t *testing.T) {
	e, started := newEngine(t), filepath.Join(t.TempDir(), "started")
	result := make(chan error, 1)
	go func() { result <- e.Create(values{"create": text("touch " + started + "; exec sleep 600")}) }()
	require.Eventually(t, func() bool { _, err := os.Stat(started); return err == nil },
		10*time.Second, 10*time.Millisecond)
	e.Cancel()
	require.ErrorContains(t, <-result, "signal: killed")
}

func TestWhatThisPluginDoesNotOfferIsRefused(t *testing.T) {
	checked := newEngine(t).Check(values{
		"create":     text("true"),
		"assetPaths": property.New([]property.Value{text("*")}),
	})
	require.NotEmpty(t, checked.Failures)
}
