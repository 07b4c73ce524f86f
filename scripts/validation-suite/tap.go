// Package tap writes what the validation programs of runtime-tools tell, as TAP version 13. It has the functions that they call of
// github.com/mndrix/tap-go, which Debian does not package.
package tap

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// T counts the tests of one program.
type T struct {
	out    io.Writer
	number *int
	todo   bool
}

// New starts a report on standard output.
func New() *T {
	return &T{out: os.Stdout, number: new(int)}
}

// Header writes the first lines; the plan stays open where count is 0.
func (t *T) Header(count int) {
	fmt.Fprintln(t.out, "TAP version 13")
	if count > 0 {
		fmt.Fprintf(t.out, "1..%d\n", count)
	}
}

// AutoPlan writes the plan after the last test.
func (t *T) AutoPlan() {
	fmt.Fprintf(t.out, "1..%d\n", *t.number)
}

// Ok tells of one test.
func (t *T) Ok(passed bool, description string) {
	word := "ok"
	if !passed {
		word = "not ok"
	}
	*t.number++
	directive := ""
	if t.todo {
		directive = " # TODO"
	}
	fmt.Fprintf(t.out, "%s %d -%s %s\n", word, *t.number, directive, description)
}

// Pass tells of a test that has passed.
func (t *T) Pass(description string) { t.Ok(true, description) }

// Fail tells of a test that has failed.
func (t *T) Fail(description string) { t.Ok(false, description) }

// Skip tells of tests that are not made.
func (t *T) Skip(count int, description string) {
	for ; count > 0; count-- {
		*t.number++
		fmt.Fprintf(t.out, "ok %d # SKIP %s\n", *t.number, description)
	}
}

// Todo is the same report, for tests that may fail.
func (t *T) Todo() *T {
	return &T{out: t.out, number: t.number, todo: true}
}

// Diagnostic writes comments.
func (t *T) Diagnostic(message string) {
	for _, line := range strings.Split(strings.TrimRight(message, "\n"), "\n") {
		fmt.Fprintf(t.out, "# %s\n", line)
	}
}

// Diagnosticf is Diagnostic with a format.
func (t *T) Diagnosticf(format string, values ...interface{}) {
	t.Diagnostic(fmt.Sprintf(format, values...))
}

// YAML writes a value below the last test; JSON is YAML.
func (t *T) YAML(value interface{}) error {
	text, err := json.MarshalIndent(value, "  ", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.out, "  ---\n  %s\n  ...\n", text)
	return err
}
