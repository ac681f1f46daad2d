// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package health

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
)

// Path is a way that members begin on.
type Path struct {
	Steps   []string `json:"steps"`
	Members int64    `json:"members"`
	Share   float64  `json:"share"` // of all who began in the time
}

const (
	pathSteps  = 5
	pathsShown = 15
)

// Paths are the most common first five kinds of activity, or channels, of the members who began in the last year. What
// comes several times in a row counts once.
func (s *Service) Paths(ctx context.Context, by string) ([]Path, int64, error) {
	if by != "kind" && by != "channel" {
		return nil, 0, greenroom.Errorf(greenroom.CodeInvalid, "paths go by kind or by channel, not by %q", by)
	}
	crowd, now := s.figures.Crowd(), s.here()
	since := now.AddDate(-1, 0, 0)
	before := make(map[int64]bool)
	if err := crowd.Each(ctx, time.Time{}, since, false, func(a analytics.Act) { before[a.Member] = true }); err != nil {
		return nil, 0, err
	}
	type stop struct {
		at  uint32
		key uint32
	}
	ways := make(map[int64][]stop)
	if err := crowd.Each(ctx, since, now.Add(time.Second), false, func(a analytics.Act) {
		if before[a.Member] || crowd.Staff(a.Member) {
			return
		}
		key := uint32(a.Kind)
		if by == "channel" {
			key = a.Place
		}
		ways[a.Member] = append(ways[a.Member], stop{uint32(a.At), key}) //nolint:gosec // the columns hold 32 bits
	}); err != nil {
		return nil, 0, err
	}
	counts := make(map[string]int64)
	for _, way := range ways {
		slices.SortStableFunc(way, func(a, b stop) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.key, b.key)) })
		var names []string
		for i, st := range way {
			if i > 0 && way[i-1].key == st.key {
				continue
			}
			name := greenroom.Kind(st.key).Info().Label //nolint:gosec // of a kind, unless it is a place
			if by == "channel" {
				source, channel := crowd.Place(st.key)
				name = cmp.Or(channel, source)
			}
			if names = append(names, name); len(names) == pathSteps {
				break
			}
		}
		counts[strings.Join(names, "\x00")]++
	}
	all := make([]Path, 0, len(counts))
	for key, n := range counts {
		all = append(all, Path{Steps: strings.Split(key, "\x00"), Members: n, Share: float64(n) / float64(len(ways))})
	}
	slices.SortFunc(all, func(a, b Path) int {
		return cmp.Or(cmp.Compare(b.Members, a.Members), slices.Compare(a.Steps, b.Steps))
	})
	return all[:min(len(all), pathsShown)], int64(len(ways)), nil
}
