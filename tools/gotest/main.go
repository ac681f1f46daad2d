// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Command gotest runs go test and tells which tests were skipped and why.
//
// Usage: go run tools/gotest/main.go [flags and packages of go test]
//
// It prints what go test prints without -v: the output of the tests that failed
// and one line for each package. Then it lists the tests that skipped
// themselves, and closes with a line that counts. With GREENROOM_REQUIRE_ALL=1
// in the environment, a skipped test makes the run fail, and so does a run
// without any test: a machine that lacks something must not pass for one where
// all is well.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// event is one line of go test -json (go doc test2json).
type event struct {
	Action     string
	Package    string
	ImportPath string // for build-output
	Test       string
	Output     string
}

// run is what is known of the tests so far.
type run struct {
	out     io.Writer
	pending map[string][]string // output of tests that have not ended, by package and test
	skips   []string
	passed  int
	failed  int
	broken  int // packages that failed, with or without a failed test
}

func main() {
	strict := os.Getenv("GREENROOM_REQUIRE_ALL") == "1"
	code, err := test(context.Background(), os.Stdout, os.Args[1:], strict)
	if err != nil {
		fmt.Fprintf(os.Stderr, "gotest: %v\n", err)
		code = 1
	}
	os.Exit(code)
}

// test runs go test with the arguments and returns the code to exit with.
func test(ctx context.Context, out io.Writer, args []string, strict bool) (int, error) {
	cmd := exec.CommandContext(ctx, "go", append([]string{"test", "-json"}, args...)...)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return 0, fmt.Errorf("connect to go test: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return 0, fmt.Errorf("start go test: %w", err)
	}
	r := run{out: out, pending: map[string][]string{}}
	lines := bufio.NewReader(stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			r.line(line)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return 0, fmt.Errorf("read from go test: %w", err)
		}
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return 0, fmt.Errorf("run go test: %w", err)
	}
	return r.close(err == nil, strict), nil
}

// printf prints to out. Where that fails there is nobody left to tell; the exit
// code still does.
func (r *run) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(r.out, format, args...)
}

// line takes one line of go test's output. What is not an event is passed on.
func (r *run) line(line []byte) {
	var e event
	if err := json.Unmarshal(line, &e); err != nil {
		r.printf("%s", line)
		return
	}
	key := e.Package + " " + e.Test
	switch e.Action {
	case "build-output":
		r.printf("%s", e.Output)
	case "output":
		if e.Test == "" {
			r.packageOutput(e.Output)
		} else if !strings.HasPrefix(e.Output, "=== ") {
			r.pending[key] = append(r.pending[key], e.Output)
		}
	case "pass", "fail", "skip":
		r.ended(e, key)
	}
}

// packageOutput passes on a package's closing line and what its TestMain said.
func (r *run) packageOutput(output string) {
	if output != "PASS\n" {
		r.printf("%s", output)
	}
}

// ended counts a test or a package that has ended.
func (r *run) ended(e event, key string) {
	if e.Test == "" {
		if e.Action == "fail" {
			r.broken++
			r.unfinished(e.Package)
		}
		return
	}
	output := strings.Join(r.pending[key], "")
	delete(r.pending, key)
	switch e.Action {
	case "pass":
		r.passed++
	case "fail":
		r.failed++
		r.printf("%s", output)
	case "skip":
		r.skips = append(r.skips, fmt.Sprintf("%s %s: %s", e.Package, e.Test, reason(output)))
	}
}

// unfinished prints what the tests said that were running when the package
// ended by a panic or a timeout.
func (r *run) unfinished(pkg string) {
	for _, key := range slices.Sorted(maps.Keys(r.pending)) {
		if strings.HasPrefix(key, pkg+" ") {
			r.failed++
			r.printf("--- FAIL (did not end): %s\n%s", key, strings.Join(r.pending[key], ""))
			delete(r.pending, key)
		}
	}
}

// close prints the skipped tests and the count, and returns the exit code.
func (r *run) close(ok, strict bool) int {
	if len(r.skips) > 0 {
		r.printf("\nSkipped:\n")
		for _, s := range r.skips {
			r.printf("  %s\n", s)
		}
	}
	if r.broken > 0 {
		r.printf("\n%d packages failed.\n", r.broken)
	}
	r.printf("\ntests: %d passed, %d failed, %d skipped\n", r.passed, r.failed, len(r.skips))
	switch {
	case !ok:
		return 1
	case strict && len(r.skips) > 0:
		r.printf("GREENROOM_REQUIRE_ALL=1: a skipped test is a failure.\n")
		return 1
	case strict && r.passed == 0:
		r.printf("GREENROOM_REQUIRE_ALL=1: no test ran.\n")
		return 1
	}
	return 0
}

// reason takes what t.Skip was given out of a test's output.
func reason(output string) string {
	var said []string
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "--- SKIP") {
			continue
		}
		said = append(said, line)
	}
	if len(said) == 0 {
		return "no reason given"
	}
	return strings.Join(said, " ")
}
