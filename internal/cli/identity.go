// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/identity/tsv"
)

// engineMemory is what the engine's garbage may grow to before it is collected more eagerly, in bytes: a million
// identities fit.
const engineMemory = 1300 << 20

// shownProblems is how many unusable lines are named one by one.
const shownProblems = 20

func (c *command) identityCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "identity",
		Short: "Run the identity engine over a file of accounts",
		Long:  "Identity runs the engine that tells who is who over a tab-separated file, without a data folder: for benchmarks and for trying it out.",
	}
	var opts tsv.Options
	suggest := c.identityRun("suggest", "Write the pairs that the engine would ask a person about, with probability and reasons", &opts, tsv.Suggest)
	suggest.Flags().BoolVar(&opts.Merged, "merged", false, "write the pairs that the engine merges on its own, too")
	cmd.AddCommand(
		c.identityRun("resolve", "Write which accounts are one person: identity_id, tab, cluster_id; automatic decisions only", &opts, tsv.Resolve),
		suggest,
	)
	return cmd
}

func (c *command) identityRun(
	name, short string, opts *tsv.Options, run func(io.Reader, io.Writer, tsv.Options) (tsv.Report, error),
) *cobra.Command {
	var in, out string
	cmd := &cobra.Command{
		Use: name, Short: short, Args: cobra.NoArgs,
		RunE: func(_ *cobra.Command, _ []string) error {
			if in == "" {
				return greenroom.Errorf(greenroom.CodeInvalid, "name the file to read with --in identities.tsv")
			}
			debug.SetMemoryLimit(engineMemory)
			return c.runEngine(in, out, *opts, run)
		},
	}
	cmd.Flags().StringVar(&in, "in", "", "tab-separated file with a header: identity_id name email first_seen last_seen commits tz bot")
	cmd.Flags().StringVar(&out, "out", "", "file to write (default: standard output)")
	return cmd
}

func (c *command) runEngine(
	in, out string, opts tsv.Options, run func(io.Reader, io.Writer, tsv.Options) (tsv.Report, error),
) (err error) {
	from, err := os.Open(in) //nolint:gosec // the path is the user's own
	if err != nil {
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: in + " cannot be read", Err: err}
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to := c.io.Out
	if out != "" {
		f, cerr := os.Create(out) //nolint:gosec // the path is the user's own
		if cerr != nil {
			return &greenroom.Error{Code: greenroom.CodeInvalid, Message: out + " cannot be written", Err: cerr}
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		to = f
	}
	report, err := run(from, to, opts)
	if err != nil {
		return fmt.Errorf("%s: %w", in, err)
	}
	for i, p := range report.Problems {
		if i == shownProblems {
			c.say("… and %d more\n", len(report.Problems)-shownProblems)
			break
		}
		c.say("%s: %s\n", in, p)
	}
	c.say("%d identities, %d persons; %d merges of which %.1f are expected to be wrong, %d suggestions\n",
		report.Identities, report.Clusters, report.Merges, report.ExpectedWrong, report.Suggestions)
	return nil
}
