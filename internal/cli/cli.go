// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package cli is the command line: a file a command, each thin over the same services that the pages and the API use.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/server"
)

// IO is where a command reads and writes.
type IO struct {
	In       io.Reader
	Out, Err io.Writer
}

// command holds what every command shares.
type command struct {
	io        IO
	data      string
	database  string
	figuresAt string
	format    string
	verbose   bool
	started   bool             // the command line was understood and its command runs
	now       func() time.Time // its location is the zone in which days of queries begin
}

// Exit codes.
const (
	exitOK      = 0
	exitFailed  = 1
	exitUsage   = 2
	exitStopped = 130
)

// Run runs the command line and returns the exit code.
func Run(ctx context.Context, args []string, stdio IO) int {
	c := &command{io: stdio, now: func() time.Time { return time.Now().UTC() }}
	root := &cobra.Command{
		Use:           "greenroom",
		Short:         "The general manager's workplace behind a community",
		Long:          "Greenroom brings a community's channels together, makes one member out of many accounts, and shows what waits for an answer.\n\nStart with `greenroom serve --sample` to look around.",
		Version:       version(),
		SilenceUsage:  true,
		SilenceErrors: true,

		PersistentPreRun: func(*cobra.Command, []string) { c.started = true },
	}
	root.SetOut(stdio.Out)
	root.SetErr(stdio.Err)
	root.SetArgs(args)
	flags := root.PersistentFlags()
	flags.StringVar(&c.data, "data", defaultData(), "folder that holds the data")
	flags.StringVar(&c.database, "database", os.Getenv("GREENROOM_DATABASE"), "postgres:// URL of the record store instead of SQLite in the data folder")
	flags.StringVar(&c.figuresAt, "analytics", os.Getenv("GREENROOM_ANALYTICS"), "clickhouse:// URL of what figures are computed from instead of DuckDB in the data folder")
	flags.StringVar(&c.format, "format", "table", "output: table, json, jsonl or csv")
	flags.BoolVarP(&c.verbose, "verbose", "v", false, "log what is being done")
	root.AddCommand(c.serveCommand(), c.sampleCommand(), c.importCommand(), c.listCommand(), c.showCommand(), c.segmentCommand(), c.goalCommand(), c.accountCommand(), c.businessCommand(), c.impactCommand(), c.planCommand(), c.documentCommand(), c.toolCommand(), c.vendorCommand(), c.maturityCommand(), c.reportCommand(), c.programCommand(), c.eventCommand(), c.contentCommand(), c.metricCommand(), c.healthCommand(), c.digestCommand(), c.mailCommand(), c.alertCommand(), c.destinationCommand(), c.syncCommand(), c.stackCommand(), c.sourceCommand(), c.connectorsCommand(), c.keyCommand(), c.actionCommand(), c.userCommand(), c.tokenCommand(), c.retentionCommand(), c.zoneCommand(), c.identityCommand(), c.memberCommand(), c.organizationCommand(), c.rebuildCommand(), c.exportCommand(), c.benchCommand(), c.textCommand(), c.topicsCommand(), c.annotationCommand(), c.assistantCommand(), c.workflowCommand(), c.messageCommand(),
		c.apiCommand(), c.inboxCommand(), c.taskCommand(), c.recognitionCommand(), c.requestCommand(), c.surveyCommand(), c.processCommand(), c.teamCommand(),
		c.sqlCommand(), c.mcpCommand(), c.finderCommand())
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	if errors.Is(err, context.Canceled) {
		c.say("greenroom: stopped; nothing that was stored is lost\n")
		return exitStopped
	}
	c.say("greenroom: %s\n", explain(err))
	if !c.started || greenroom.ErrorCode(err) == greenroom.CodeInvalid {
		return exitUsage
	}
	return exitFailed
}

// version is what the binary was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "unknown"
	}
	return info.Main.Version
}

// say tells the person at the terminal; a terminal that is gone is no reason to stop.
func (c *command) say(format string, args ...any) { _, _ = fmt.Fprintf(c.io.Err, format, args...) }

// explain shows the message for the user, and the whole chain where it is our fault or the command was wrong.
func explain(err error) string {
	var e *greenroom.Error
	if errors.As(err, &e) && e.Code != greenroom.CodeInternal {
		if e.Err != nil {
			return e.Message + " (" + e.Err.Error() + ")"
		}
		return e.Message
	}
	return err.Error()
}

func defaultData() string {
	if dir := os.Getenv("GREENROOM_DATA"); dir != "" {
		return dir
	}
	return filepath.Join(".", "greenroom-data")
}

func (c *command) log() *slog.Logger {
	level := slog.LevelWarn
	if c.verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(c.io.Err, &slog.HandlerOptions{Level: level}))
}

// open opens the data; the caller closes what it gets.
func (c *command) open(ctx context.Context) (*server.App, error) {
	return server.Open(ctx, server.Options{Data: c.data, Database: c.database, Analytics: c.figuresAt, Log: c.log(), Now: c.now})
}

// with opens data that are there around f. A folder that holds none is a mistake in --data more often than a wish.
func (c *command) with(ctx context.Context, f func(*server.App) error) error {
	if _, err := os.Stat(filepath.Join(c.data, "greenroom.db")); c.database == "" && os.IsNotExist(err) {
		return greenroom.Errorf(greenroom.CodeInvalid, "there are no data in %s; name their folder with --data, or begin with `greenroom import` or `greenroom serve`", c.data)
	}
	return c.withNew(ctx, f)
}

// withNew opens the data around f, and makes them where there are none.
func (c *command) withNew(ctx context.Context, f func(*server.App) error) (err error) {
	app, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, app.Close()) }()
	return f(app)
}
