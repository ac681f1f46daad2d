// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package tsv

import (
	"fmt"
	"io"

	"greenroom/internal/identity"
)

// Options are the settings of a run; the zero value is the shipped one.
type Options struct {
	Engine identity.Config
	// TrustBots reads the bot column; see Read.
	TrustBots bool
	// Merged lets Suggest write the engine's own merges too, each with the
	// pair that led to it, so that all its probabilities can be checked.
	Merged bool
}

// Report says what a run did, for the person who started it.
type Report struct {
	Identities, Clusters, Merges, Suggestions int
	// ExpectedWrong is how many of the merges are expected to be wrong.
	ExpectedWrong float64
	// Problems lists lines and fields that were left out.
	Problems []Problem
}

// Resolve reads identities and writes the clusters of what the engine merges
// on its own; see WriteClusters.
func Resolve(in io.Reader, out io.Writer, opts Options) (Report, error) {
	return run(in, out, opts, WriteClusters)
}

// Suggest reads identities and writes the pairs that the engine would ask a
// person about; see WriteSuggestions.
func Suggest(in io.Reader, out io.Writer, opts Options) (Report, error) {
	return run(in, out, opts, func(out io.Writer, res *identity.Result) error {
		if opts.Merged {
			return WritePairs(out, res)
		}
		return WriteSuggestions(out, res)
	})
}

func run(in io.Reader, out io.Writer, opts Options, write func(io.Writer, *identity.Result) error) (Report, error) {
	engine, err := identity.New(opts.Engine)
	if err != nil {
		return Report{}, fmt.Errorf("resolve identities: %w", err)
	}
	records, problems, err := Read(in, opts.TrustBots)
	if err != nil {
		return Report{}, fmt.Errorf("read identities: %w", err)
	}
	res := engine.Resolve(records, nil)
	report := Report{
		Identities: len(records), Clusters: len(res.Clusters), Merges: len(res.Merges), Suggestions: len(res.Suggestions),
		ExpectedWrong: res.ExpectedWrong, Problems: problems,
	}
	return report, write(out, res)
}
