// Package output takes what a command prints: it keeps it for the outputs and for error messages,
// and shows it line by line while the command runs.
package output

import "github.com/pulumi/pulumi-go-provider/infer"

// Logging says which of a command's streams are shown while it runs. What is kept as an output
// does not depend on it.
type Logging string

// The values of Logging. A nil *Logging means StdoutAndStderr.
const (
	Stdout          Logging = "stdout"
	Stderr          Logging = "stderr"
	StdoutAndStderr Logging = "stdoutAndStderr"
	None            Logging = "none"
)

// Values describes the enumeration for the provider's schema.
func (Logging) Values() []infer.EnumValue[Logging] {
	return []infer.EnumValue[Logging]{
		{Name: "stdout", Value: Stdout, Description: "Show what the command writes to standard output."},
		{Name: "stderr", Value: Stderr, Description: "Show what the command writes to standard error."},
		{Name: "stdoutAndStderr", Value: StdoutAndStderr, Description: "Show both (the default)."},
		{Name: "none", Value: None, Description: "Show nothing."},
	}
}

func (l *Logging) stdout() bool { return l == nil || *l == Stdout || *l == StdoutAndStderr }

func (l *Logging) stderr() bool { return l == nil || *l == Stderr || *l == StdoutAndStderr }
