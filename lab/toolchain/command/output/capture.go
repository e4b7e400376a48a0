package output

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	p "github.com/pulumi/pulumi-go-provider"
)

// maxLine bounds a line of the live display: what is longer is shown in pieces.
const maxLine = 64 * 1024

// Streams are the outputs of a command's last run, as they stand in the state.
type Streams struct {
	Stdout string `pulumi:"stdout"`
	Stderr string `pulumi:"stderr"`
}

// Capture takes both streams of one run. A command may write to both at once.
type Capture struct {
	mu       sync.Mutex
	out, err stream
	all      bytes.Buffer // both streams in the order of their arrival, for error messages
	show     func(string)
}

// NewCapture makes a Capture that shows finished lines as the resource's status.
func NewCapture(ctx context.Context, logging *Logging) *Capture {
	c := &Capture{show: p.GetLogger(ctx).InfoStatus}
	c.out = stream{capture: c, shown: logging.stdout()}
	c.err = stream{capture: c, shown: logging.stderr()}
	return c
}

// Stdout takes the command's standard output.
func (c *Capture) Stdout() io.Writer { return &c.out }

// Stderr takes the command's standard error.
func (c *Capture) Stderr() io.Writer { return &c.err }

// Result ends the run: it shows last lines that no newline ended, and returns both streams, or,
// where the command failed, an error that names the command and holds everything it printed.
func (c *Capture) Result(command string, failure error) (Streams, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range []*stream{&c.out, &c.err} {
		if len(s.pending) > 0 {
			c.show(string(s.pending))
		}
	}
	if failure != nil {
		return Streams{}, fmt.Errorf("%w: running %q:\n%s", failure, command, c.all.String())
	}
	return Streams{
		Stdout: strings.TrimSuffix(c.out.kept.String(), "\n"),
		Stderr: strings.TrimSuffix(c.err.kept.String(), "\n"),
	}, nil
}

// stream is one of a command's two.
type stream struct {
	capture *Capture
	kept    bytes.Buffer
	shown   bool
	pending []byte // the start of a line not yet shown
}

func (s *stream) Write(data []byte) (int, error) {
	s.capture.mu.Lock()
	defer s.capture.mu.Unlock()
	s.kept.Write(data)
	s.capture.all.Write(data)
	if s.shown {
		s.pending = append(s.pending, data...)
		s.showLines()
	}
	return len(data), nil
}

// showLines shows the finished lines, and pieces of a line that grows too long.
func (s *stream) showLines() {
	for {
		end, next := bytes.IndexByte(s.pending, '\n'), 0
		switch {
		case end >= 0 && end <= maxLine:
			next = end + 1
		case len(s.pending) > maxLine:
			end, next = maxLine, maxLine
		default:
			return
		}
		s.capture.show(strings.TrimSuffix(string(s.pending[:end]), "\r"))
		s.pending = s.pending[next:]
	}
}
