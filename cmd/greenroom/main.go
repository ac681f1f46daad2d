// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Command greenroom is the whole product in one binary: the server, the importers and the command line over them.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // days begin in a time zone also on machines that have no zones installed

	"greenroom/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cli.Run(ctx, os.Args[1:], cli.IO{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	stop()
	os.Exit(code)
}
