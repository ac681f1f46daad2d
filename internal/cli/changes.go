// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"github.com/spf13/cobra"

	"greenroom/internal/analytics"
	"greenroom/internal/health"
)

// healthChanges says what changed, why, and what to do.
func (c *command) healthChanges() *cobra.Command {
	var by string
	cmd := &cobra.Command{Use: "changes", Short: "What changed in the last whole week or month by more than noise, why, and what to do", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return c.health(cmd.Context(), func(s *health.Service) error {
			ch, err := s.Changes(cmd.Context(), analytics.Granularity(by))
			if err != nil {
				return err
			}
			return printRows(c, ch, []string{"what", "says", "entity", "query"}, changeLines(ch), func(l *[4]string) []string { return l[:] })
		})
	}}
	cmd.Flags().StringVar(&by, "by", "week", "week or month")
	return cmd
}

// changeLines are changes as a table: what changed, its parts, who to talk to, what to do.
func changeLines(ch *health.Changes) [][4]string {
	var lines [][4]string
	for i := range ch.Moved {
		v := &ch.Moved[i]
		lines = append(lines, [4]string{"changed", v.Says, string(v.Entity), v.Records})
		for j := range v.Parts {
			lines = append(lines, [4]string{"why", v.Parts[j].Says, string(v.Parts[j].Entity), v.Parts[j].Records})
		}
		for _, text := range []string{v.Spread, v.Season} {
			if text != "" {
				lines = append(lines, [4]string{"why", text})
			}
		}
	}
	if len(ch.Moved) == 0 {
		lines = append(lines, [4]string{"changed", ch.Nothing()})
	}
	for i := range ch.People {
		g := &ch.People[i]
		for j := range g.People {
			lines = append(lines, [4]string{g.Title, g.People[j].Name + ": " + g.People[j].Says, string(g.Entity), g.Query})
		}
	}
	for i := range ch.Next {
		lines = append(lines, [4]string{"next", ch.Next[i].Says, string(ch.Next[i].Entity), ch.Next[i].Query})
	}
	return lines
}
