// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/all"
	"greenroom/internal/ingest"
	"greenroom/internal/server"
)

// importCommand has a subcommand for each connector, with flags made from the connector's options.
func (c *command) importCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import KIND PATH",
		Short: "Bring in an export, an archive or a public place",
		Long: "Import reads an export, an archive or a public place into the record store. Importing the same again changes nothing; " +
			"an import that was interrupted goes on where it was when it is started again.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return greenroom.Errorf(greenroom.CodeInvalid, "name what to import, such as `greenroom import slack-export export.zip`")
			}
			_, err := all.Find(args[0])
			return err
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	for _, spec := range all.Specs() {
		cmd.AddCommand(c.importKind(spec))
	}
	return cmd
}

func (c *command) importKind(spec connector.Spec) *cobra.Command {
	var name string
	values := make(map[string]*string)
	cmd := &cobra.Command{
		Use:   spec.Kind + " " + strings.ToUpper(spec.Primary),
		Short: spec.Summary,
		Long:  spec.Summary + "\n\n" + spec.Help,
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			given := make(connector.Values)
			for option, v := range values {
				if cmd.Flags().Changed(option) {
					given[option] = *v
				}
			}
			if len(args) == 1 {
				given[spec.Primary] = args[0]
			}
			if err := absolutePaths(spec, given); err != nil {
				return err
			}
			if name == "" {
				name = sourceName(spec, given)
			}
			return c.withNew(cmd.Context(), func(app *server.App) error { return c.runImport(cmd.Context(), app, spec, name, given) })
		},
	}
	cmd.Flags().StringVar(&name, "source", "", "name of the source (default: made from the kind and the path)")
	for _, o := range spec.Options {
		if o.Name == "source" || o.Name == "data" || o.Name == "format" || o.Name == "database" || o.Name == "analytics" {
			continue
		}
		values[o.Name] = cmd.Flags().String(o.Name, o.Default, o.Help)
	}
	return cmd
}

// absolutePaths makes paths independent of the folder that the command was started in, since they are kept with the
// source. What names no file stays as it was written: it is a word such as "none", or a mistake that the connector tells.
func absolutePaths(spec connector.Spec, given connector.Values) error {
	for _, o := range spec.Options {
		if o.Type != connector.Path || given[o.Name] == "" {
			continue
		}
		if _, err := os.Stat(given[o.Name]); err != nil {
			continue
		}
		abs, err := filepath.Abs(given[o.Name])
		if err != nil {
			return fmt.Errorf("finding %s: %w", given[o.Name], err)
		}
		given[o.Name] = abs
	}
	return nil
}

// sourceName is the name of a source that was given none: its kind and the last part of its path or address.
func sourceName(spec connector.Spec, v connector.Values) string {
	base := strings.Trim(filepath.Base(strings.TrimRight(v[spec.Primary], "/")), ".")
	for _, ext := range []string{".zip", ".gz", ".json", ".jsonl", ".mbox", ".txt", ".csv", ".xml"} {
		base = strings.TrimSuffix(base, ext)
	}
	return spec.Kind + ":" + base
}

// importSummary is what an import ends with under --format json.
type importSummary struct {
	Source     string           `json:"source"`
	State      string           `json:"state"`
	Read       int64            `json:"read"`
	Stored     int64            `json:"stored"`
	Unchanged  int64            `json:"unchanged"`
	Rejected   int64            `json:"rejected"`
	LeftOut    int64            `json:"left_out"`
	Reasons    map[string]int64 `json:"left_out_by_reason,omitempty"`
	Identities int64            `json:"identities"`
	Members    int64            `json:"members"`
}

// importMemory is what an import's garbage may grow to before it is collected more eagerly, in bytes. What is in use takes
// two thirds of it, however much is read.
const importMemory = 176 << 20

// importLimit is Go's memory limit for an import; 0 where GOMEMLIMIT says it.
func importLimit() int64 {
	if os.Getenv("GOMEMLIMIT") != "" {
		return 0
	}
	return importMemory
}

func (c *command) runImport(ctx context.Context, app *server.App, spec connector.Spec, name string, values connector.Values) error {
	if limit := importLimit(); limit > 0 {
		debug.SetMemoryLimit(limit)
	}
	// Figures follow in this process, unless a running server holds their file: then it follows by itself.
	if err := app.AnalyticsFile(ctx); err != nil && greenroom.ErrorCode(err) != greenroom.CodeUnavailable {
		return err
	}
	bar := newProgressBar(c.io.Err, name)
	background, stop := context.WithCancel(ctx)
	projected := make(chan struct{})
	go func() {
		defer close(projected)
		app.Projector.RunUnmatched(background)
	}()
	src, run, err := app.Importer.Import(ctx, ingest.Request{Spec: spec, Name: name, Values: values, Progress: func(r greenroom.Run) {
		bar.show(r)
		app.Projector.Wake()
	}})
	stop()
	<-projected
	bar.end()
	if err != nil {
		return err
	}
	if err := app.Projector.CatchUp(ctx); err != nil {
		return err
	}
	sum := importSummary{
		Source: src.Name, State: string(run.State), Read: run.Read, Stored: run.Stored, Unchanged: run.Unchanged, Rejected: run.Rejected, LeftOut: run.LeftOut,
	}
	if sum.Reasons, err = app.Store.LeftOut(ctx, run.ID); err != nil {
		return err
	}
	if sum.Identities, sum.Members, err = app.Store.SourcePeople(ctx, src.ID); err != nil {
		return err
	}
	rejects, err := app.Store.Rejects(ctx, run.ID, 0, 20)
	if err != nil {
		return err
	}
	return c.printImport(&sum, rejects)
}

func (c *command) printImport(sum *importSummary, rejects []greenroom.Reject) error {
	for i := range rejects {
		r := &rejects[i]
		c.say("rejected %s:%d: %s", r.File, r.Line, r.Reason)
		if r.Expected != "" {
			c.say(" (expected %s)", r.Expected)
		}
		c.say("\n")
	}
	if sum.Rejected > int64(len(rejects)) {
		c.say("… and %d more, listed on the page of the source\n", sum.Rejected-int64(len(rejects)))
	}
	if c.format == "json" || c.format == "jsonl" {
		return writeJSON(c.io.Out, sum)
	}
	_, err := fmt.Fprintf(c.io.Out, "%s: read %d records; stored %d, unchanged %d, rejected %d, left out %d; %d identities of %d members\n",
		sum.Source, sum.Read, sum.Stored, sum.Unchanged, sum.Rejected, sum.LeftOut, sum.Identities, sum.Members)
	return err
}
