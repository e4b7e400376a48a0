package remote_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"

	"kubeadm-ha/lab/toolchain/command/internal/sshtest"
)

// prints makes a server whose commands print and end with status.
func prints(t *testing.T, stdout, stderr string, status uint32) *sshtest.Server {
	t.Helper()
	return sshtest.Start(t, func(s *sshtest.Server) {
		s.Handle = func(_ sshtest.Run, out, err io.Writer) uint32 {
			_, _ = io.WriteString(out, stdout)
			_, _ = io.WriteString(err, stderr)
			return status
		}
	})
}

func TestOutputsAreKeptWithoutOneTrailingNewline(t *testing.T) {
	s, e := prints(t, "a\nb\n\n", "warning\n", 0), newEngine(t)
	require.NoError(t, e.Create(inputs(s)))
	require.Equal(t, "a\nb\n", e.Output("stdout").AsString())
	require.Equal(t, "warning", e.Output("stderr").AsString())
}

func TestAFailureNamesTheCommandAndHoldsEverythingItPrinted(t *testing.T) {
	s, e := prints(t, "step 1\n", "no space left\n", 3), newEngine(t)
	// Standard output and error come over separate streams, in either order.
	err := e.Create(with(inputs(s), values{"create": text(`sudo -n bash -s "x"`), "logging": text("none")}))
	require.ErrorContains(t, err, "Process exited with status 3: running \"sudo -n bash -s \\\"x\\\"\":\n")
	require.ErrorContains(t, err, "step 1\n")
	require.ErrorContains(t, err, "no space left\n")
	require.NotContains(t, err.Error(), "script 1", "what is on standard input is not told")
}

func TestAFailedDeleteSaysSo(t *testing.T) {
	status := uint32(0)
	s, e := sshtest.Start(t, func(s *sshtest.Server) {
		s.Handle = func(sshtest.Run, io.Writer, io.Writer) uint32 { return status }
	}), newEngine(t)
	require.NoError(t, e.Create(inputs(s)))
	status = 1
	require.EqualError(t, e.Delete(), "Process exited with status 1: running \"remove\":\n")
}

func TestALostConnectionIsAnErrorAndNothingRunsAgain(t *testing.T) {
	s, e := sshtest.Start(t, func(s *sshtest.Server) {
		s.Handle = func(_ sshtest.Run, stdout, _ io.Writer) uint32 {
			_ = stdout.(io.Closer).Close() // the channel goes before a status is sent
			return 0
		}
	}), newEngine(t)
	err := e.Create(inputs(s))
	require.ErrorContains(t, err, `running "apply"`)
	require.Len(t, s.Runs(), 1)
}

func TestTwoMegabytesOfStdinArriveWhole(t *testing.T) {
	s, e := sshtest.Start(t), newEngine(t)
	script := strings.Repeat("0123456789abcde\n", 2<<20/16)
	require.NoError(t, e.Create(with(inputs(s), values{"stdin": text(script)})))
	require.Equal(t, script, s.Runs()[0].Stdin)
}

func TestStdinMayBeLeftUnread(t *testing.T) {
	s, e := sshtest.Start(t, func(s *sshtest.Server) { s.LeaveStdin = true }), newEngine(t)
	require.NoError(t, e.Create(with(inputs(s), values{"stdin": text(strings.Repeat("x", 4<<20))})))
}

func TestALineOfAnyLengthDoesNotHoldTheCommandUp(t *testing.T) {
	long := strings.Repeat("x", 3<<20)
	s, e := prints(t, long+"\n", "", 0), newEngine(t)
	require.NoError(t, e.Create(inputs(s)))
	require.Equal(t, long, e.Output("stdout").AsString())
	require.Greater(t, strings.Count(e.Log(), "kind=status"), 40, "it is shown in pieces")
}

func TestLinesAreShownWhileTheCommandRunsAsLoggingSays(t *testing.T) {
	for logging, shown := range map[string][2]bool{
		"": {true, true}, "stdoutAndStderr": {true, true}, "stdout": {true, false}, "stderr": {false, true}, "none": {},
	} {
		t.Run(logging, func(t *testing.T) {
			s, e := prints(t, "from-stdout\n", "from-stderr", 0), newEngine(t)
			wanted := inputs(s)
			if logging != "" {
				wanted["logging"] = text(logging)
			}
			require.NoError(t, e.Create(wanted))
			require.Equal(t, shown[0], strings.Contains(e.Log(), "msg=from-stdout"), e.Log())
			require.Equal(t, shown[1], strings.Contains(e.Log(), "msg=from-stderr"), e.Log())
			require.Equal(t, "from-stdout", e.Output("stdout").AsString(), "the outputs do not depend on it")
			require.Equal(t, "from-stderr", e.Output("stderr").AsString())
		})
	}
}

func TestTheEnvironmentGoesAsSSHRequests(t *testing.T) {
	s, e := sshtest.Start(t, func(s *sshtest.Server) { s.AcceptEnv = true }), newEngine(t)
	require.NoError(t, e.Create(with(inputs(s), values{"environment": property.New(values{"LC_X": text("1")})})))
	require.Equal(t, "apply", s.Runs()[0].Command, "the command's text is as given")
	require.Equal(t, map[string]string{"LC_X": "1"}, s.Runs()[0].Env)
}

func TestARefusedVariableIsAnErrorBeforeTheCommandRuns(t *testing.T) {
	s, e := sshtest.Start(t), newEngine(t)
	err := e.Create(with(inputs(s), values{"environment": property.New(values{"TOKEN": text("secret")})}))
	require.ErrorContains(t, err, `could not set environment variable "TOKEN"`)
	require.NotContains(t, err.Error(), "secret")
	require.Empty(t, s.Runs())
}

func TestThePreviousOutputIsOfferedToUpdateAndDeleteUnlessSwitchedOff(t *testing.T) {
	accept := func(s *sshtest.Server) {
		s.AcceptEnv = true
		s.Handle = func(_ sshtest.Run, out, err io.Writer) uint32 {
			_, _ = io.WriteString(out, "out\n")
			_, _ = io.WriteString(err, "err\n")
			return 0
		}
	}
	previous := map[string]string{"PULUMI_COMMAND_STDOUT": "out", "PULUMI_COMMAND_STDERR": "err"}
	for _, c := range []struct {
		name  string
		value property.Value
		want  map[string]string
	}{
		{"by default it is", property.Value{}, previous},
		{"switched off it is not", property.New(false), map[string]string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, e := sshtest.Start(t, accept), newEngine(t)
			wanted := with(inputs(s), values{"addPreviousOutputInEnv": c.value})
			require.NoError(t, e.Create(wanted))
			_, err := e.Update(with(wanted, values{"stdin": text("script 2")}))
			require.NoError(t, err)
			require.NoError(t, e.Delete())
			require.Empty(t, s.Runs()[0].Env, "there is none before create")
			require.Equal(t, c.want, s.Runs()[1].Env)
			require.Equal(t, c.want, s.Runs()[2].Env)
		})
	}
}

func TestARefusedPreviousOutputIsOnlyAWarning(t *testing.T) {
	s, e := prints(t, "out", "", 0), newEngine(t)
	wanted := with(inputs(s), values{"addPreviousOutputInEnv": property.Value{}})
	require.NoError(t, e.Create(wanted))
	require.NotContains(t, e.Log(), "level=WARN")
	_, err := e.Update(with(wanted, values{"stdin": text("script 2")}))
	require.NoError(t, err)
	require.Len(t, s.Runs(), 2)
	require.Contains(t, e.Log(), "level=WARN")
	require.Contains(t, e.Log(), "PULUMI_COMMAND_STDOUT")
}

func TestARunningCommandIsWaitedForWhenTheOperationIsCancelled(t *testing.T) {
	started, finish := make(chan struct{}), make(chan struct{})
	s, e := sshtest.Start(t, func(s *sshtest.Server) {
		s.Handle = func(_ sshtest.Run, out, _ io.Writer) uint32 {
			close(started)
			<-finish
			_, _ = io.WriteString(out, "finished")
			return 0
		}
	}), newEngine(t)
	result := make(chan error, 1)
	go func() { result <- e.Create(inputs(s)) }()
	<-started
	e.Cancel()
	select {
	case err := <-result:
		require.Fail(t, "the command was left behind", fmt.Sprint(err))
	case <-time.After(300 * time.Millisecond):
	}
	close(finish)
	require.NoError(t, <-result)
	require.Equal(t, "finished", e.Output("stdout").AsString())
}

func TestTheConnectionIsClosedWhenTheCommandHasEnded(t *testing.T) {
	s, e := sshtest.Start(t), newEngine(t)
	require.NoError(t, e.Create(inputs(s)))
	require.Eventually(t, func() bool { return s.Open() == 0 }, 5*time.Second, 10*time.Millisecond)
}
