// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Command greenroom is the whole product in one binary: the server, the importers and the command line over them.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	_ "time/tzdata" // days begin in a time zone also on machines that have no zones installed

	"greenroom/internal/cli"
)

// garbage is how much memory may be garbage before it is collected, in percent of what is in use. Half of Go's own
// figure: collecting takes some percent of an import's time, and the machine is shared with the pages.
const garbage = 50

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cli.Run(ctx, os.Args[1:], cli.IO{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	stop()
	os.Exit(code)
}
