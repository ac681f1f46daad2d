// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime/pprof"
	"time"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/bench"
)

// benchCommand measures the product on made-up activities.
func (c *command) benchCommand() *cobra.Command {
	o := bench.Options{Now: time.Now, Memory: importLimit()}
	var profile, until string
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure import, queries and memory on made-up activities",
		Long: "Bench makes GH Archive files, imports them, puts the same rows into the same schema by a plain loop for comparison, and asks queries. " +
			"It works in a folder of its own and leaves the data folder alone.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			o.Log = c.log()
			o.Say = func(s string) { _, _ = fmt.Fprintln(c.io.Err, s) }
			if profile != "" {
				stop, err := startProfile(profile)
				if err != nil {
					return err
				}
				defer stop()
			}
			if until != "" {
				if o.Until, err = time.Parse(time.DateOnly, until); err != nil {
					return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "--until takes a date such as 2026-06-30", Err: err}
				}
			}
			rep, err := bench.Run(cmd.Context(), o)
			if err != nil {
				return err
			}
			return c.printBench(&rep)
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.Activities, "activities", 100_000, "how many activities to make")
	f.StringVar(&o.Dir, "dir", "", "work in this folder and leave what was made (default: a temporary one)")
	f.IntVar(&o.Rounds, "rounds", 20, "how often each query is asked")
	f.BoolVar(&o.SkipBare, "skip-bare", false, "leave the plain loop out")
	f.BoolVar(&o.SkipImport, "queries-only", false, "measure only queries, over what an earlier run left in --dir")
	f.BoolVar(&o.SkipQueries, "skip-queries", false, "leave the queries out")
	f.StringVar(&until, "until", "", "the day of the last events (default 2026-06-30)")
	f.IntVar(&o.KeepBack, "keep-back", 0, "leave the events of every so many-th day in the folder \"later\" of --dir, to be imported under load (0: of none)")
	f.StringVar(&profile, "cpuprofile", "", "write a CPU profile to this file")
	return cmd
}

func startProfile(path string) (stop func(), err error) {
	f, err := os.Create(path) //nolint:gosec // the path is the user's own
	if err != nil {
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the profile cannot be written", Err: err}
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, fmt.Errorf("starting the profile: %w", err)
	}
	return func() {
		pprof.StopCPUProfile()
		f.Close() //nolint:errcheck,gosec // a profile that is cut short shows when it is read
	}, nil
}

func (c *command) printBench(rep *bench.Report) error {
	if c.format == "json" || c.format == "jsonl" {
		enc := json.NewEncoder(c.io.Out)
		if c.format == "json" {
			enc.SetIndent("", "  ")
		}
		return enc.Encode(rep)
	}
	if im := rep.Import; im != nil {
		_, _ = fmt.Fprintf(c.io.Out, "import     %9d activities  %8.0f/s  %6.3f CPU s per 1,000  %5d MB at most  database %d MB\n",
			im.Stored, im.PerSecond, im.CPUPerThousand, im.PeakMemoryMegabyte, im.DatabaseBytes>>20)
	}
	if b := rep.Bare; b != nil {
		_, _ = fmt.Fprintf(c.io.Out, "plain loop %9d rows        %8.0f/s  %6.3f CPU s per 1,000  ratio %.2f\n", b.Rows, b.PerSecond, b.CPUPerThousand, rep.Ratio)
	}
	_, _ = fmt.Fprintf(c.io.Out, "queries, ms%47s %9s %9s %9s %6s\n", "p50", "p95", "max", "cpu", "rows")
	for i := range rep.Queries {
		q := &rep.Queries[i]
		_, _ = fmt.Fprintf(c.io.Out, "  %-46s %9.2f %9.2f %9.2f %9.2f %6d\n", q.Name, q.P50, q.P95, q.Max, q.CPU, q.Rows)
	}
	_, err := fmt.Fprintf(c.io.Out, "memory while asking: %d MB at most\n", rep.QueryMemory)
	return err
}
