// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"context"
	"errors"
	"flag"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"greenroom/connector/all"
	"greenroom/internal/cli"
)

var update = flag.Bool("update", false, "write the wanted output in the scripts anew")

// TestMain makes the test binary be the command line when it is called by the name greenroom: in the scripts, and in
// the test that kills it.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"greenroom": greenroomMain})
}

func greenroomMain() {
	os.Exit(cli.Run(context.Background(), os.Args[1:], cli.IO{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}

// TestScripts runs the scripts of testdata/script, each a user's session with files of its own.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("GREENROOM_DATA", env.WorkDir+"/data")
			env.Setenv("GREENROOM_DATABASE", "")
			env.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
			env.Setenv("GIT_CONFIG_NOSYSTEM", "1")
			return nil
		},
		UpdateScripts: *update,
		Cmds:          map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
	})
}

// exits runs a command that has to end with one exit code: exits CODE PROGRAM ARG...
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARG...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%s could not be run: %v", args[1], err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("%s ended with exit code %d, want %d", strings.Join(args[1:], " "), got, want)
	}
}

// TestEveryConnectorHasAScript makes sure that a new connector comes with a script that imports a sample of it.
func TestEveryConnectorHasAScript(t *testing.T) {
	t.Parallel()
	for _, spec := range all.Specs() {
		path := "testdata/script/import_" + strings.ReplaceAll(spec.Kind, "-", "_") + ".txtar"
		if _, err := os.Stat(path); err != nil && spec.Rhythm == 0 && spec.Push == nil && spec.Kind != "github" { // live ones have no export to read: their own tests serve a platform
			t.Errorf("connector %s has no script %s", spec.Kind, path)
		}
	}
}
