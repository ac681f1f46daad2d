// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package roadmap

import (
	"slices"
	"strings"
)

// FeedPath is where somebody's tasks and checkpoints are read from outside, as a calendar.
const FeedPath = "/calendar/plans.ics"

// Of keeps what is somebody's of plans: the tasks that name them as owner, and the checkpoints of plans that they answer for or
// do. Of "", the team's, it keeps everything of plans that are not done.
func Of(all []*View, who string) []*View {
	var kept []*View
	for _, v := range all {
		if v.State != Active && v.State != Draft {
			continue
		}
		x := *v
		if who != "" {
			x.Tasks = slices.DeleteFunc(slices.Clone(v.Tasks), func(t Row) bool { return !strings.EqualFold(t.Owner, who) })
			if !slices.ContainsFunc(append([]string{v.Owner}, v.Responsible...), func(name string) bool { return strings.EqualFold(name, who) }) {
				x.Checkpoints = nil
			}
		}
		if len(x.Tasks)+len(x.Checkpoints) > 0 {
			kept = append(kept, &x)
		}
	}
	return kept
}
