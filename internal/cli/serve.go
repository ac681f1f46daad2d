// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/all"
	"greenroom/internal/ingest"
	"greenroom/internal/sample"
	"greenroom/internal/server"
)

func (c *command) serveCommand() *cobra.Command {
	var o server.ServeOptions
	var zone string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Start Greenroom and open it in a browser",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if o.Zone, err = time.LoadLocation(zone); err != nil {
				return &greenroom.Error{Code: greenroom.CodeInvalid, Message: zone + " is not a time zone; write one as Europe/Lisbon", Err: err}
			}
			if o.Sample && !cmd.Flags().Changed("data") && os.Getenv("GREENROOM_DATA") == "" {
				c.data += "-sample" // the sample never mixes with one's own data
			}
			return c.with(cmd.Context(), func(app *server.App) error { return c.serve(cmd.Context(), app, o) })
		},
	}
	cmd.Flags().StringVar(&o.Addr, "addr", "127.0.0.1:8095", "address to listen at, HOST:PORT")
	cmd.Flags().BoolVar(&o.Sample, "sample", false, "show a sample community of invented people")
	cmd.Flags().StringVar(&zone, "zone", "UTC", "time zone in which the community's days begin, such as Europe/Lisbon")
	cmd.Flags().StringVar(&o.Community, "name", "", "name of the community")
	return cmd
}

func (c *command) serve(ctx context.Context, app *server.App, o server.ServeOptions) error {
	if o.Sample {
		o.Community = orText(o.Community, "Lumen (sample)")
		if err := c.fillSample(ctx, app); err != nil {
			return err
		}
	}
	o.Ready = func(url string) { fmt.Fprintf(c.io.Out, "\nGreenroom is ready. Open %s\n(Ctrl-C stops it.)\n", url) }
	return app.Serve(ctx, o)
}

// sampleSeed makes everybody see the same sample.
const sampleSeed = 7

// fillSample writes the sample community and imports it through the real connectors, unless it is there already.
func (c *command) fillSample(ctx context.Context, app *server.App) error {
	have, err := app.Store.Sources(ctx)
	if err != nil || len(have) > 0 {
		return err
	}
	dir := filepath.Join(c.data, "sample")
	if _, err := os.Stat(dir); os.IsNotExist(err) {
		fmt.Fprintln(c.io.Err, "Writing a sample community …")
		if _, err := sample.Write(dir, sample.Options{Seed: sampleSeed, End: app.Now()}); err != nil {
			return fmt.Errorf("writing the sample community: %w", err)
		}
	}
	for _, s := range sampleSources(dir) {
		spec, err := all.Find(s.kind)
		if err != nil {
			continue
		}
		fmt.Fprintf(c.io.Err, "Reading %s …\n", s.name)
		if _, _, err := app.Importer.Import(ctx, ingest.Request{Spec: spec, Name: s.name, Values: connector.Values{spec.Primary: s.path}}); err != nil {
			return fmt.Errorf("reading the sample's %s: %w", s.name, err)
		}
	}
	return app.Projector.CatchUp(ctx)
}

// sampleSource is one export of the sample: which connector reads which path under which name.
type sampleSource struct {
	kind, name, path string
}

func sampleSources(dir string) []sampleSource {
	return []sampleSource{
		{"slack-export", "slack", filepath.Join(dir, "slack")},
		{"discourse", "forum", filepath.Join(dir, "discourse")},
		{"gharchive", "github", filepath.Join(dir, "gharchive")},
		{"stackexchange", "stack-overflow", filepath.Join(dir, "stackexchange")},
		{"discord-export", "discord", filepath.Join(dir, "discord")},
		{"mbox", "mailing-list", filepath.Join(dir, "mail")},
	}
}

func (c *command) sampleCommand() *cobra.Command {
	var o sample.Options
	var end string
	cmd := &cobra.Command{
		Use:   "sample FOLDER",
		Short: "Write a sample community in the platforms' own export formats",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			o.End = time.Now()
			if end != "" {
				t, err := time.Parse(time.DateOnly, end)
				if err != nil {
					return &greenroom.Error{Code: greenroom.CodeInvalid, Message: end + " is not a date; write it as 2026-11-22", Err: err}
				}
				o.End = t
			}
			sum, err := sample.Write(args[0], o)
			if err != nil {
				return err
			}
			return writeJSON(c.io.Out, sum)
		},
	}
	cmd.Flags().Uint64Var(&o.Seed, "seed", sampleSeed, "the same seed gives the same community")
	cmd.Flags().Float64Var(&o.Scale, "scale", 1, "how many times as many people and activities")
	cmd.Flags().IntVar(&o.Months, "months", 24, "how many months it covers")
	cmd.Flags().StringVar(&end, "end", "", "last day, as 2026-11-22 (default: today)")
	return cmd
}
