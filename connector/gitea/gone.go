// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package gitea

import (
	"context"
	"slices"

	"github.com/go-json-experiment/json"

	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/walk"
)

// Forgejo, and Gitea before 1.25, push nothing when an issue or a pull request is deleted, and no list says it. But both
// share one row of numbers, of which none is left out: what is missing between the newest ones was deleted.

const (
	maxRow   = 1000 // numbers that are looked through; a page of a list spans far fewer
	maxGaps  = 50   // numbers that are asked for in a read
	keptGaps = 1000 // numbers that are remembered to be missing
)

// row is what is kept of a repository's numbers for the next read.
type row struct {
	To   int64   `json:"to"`             // the greatest that was seen
	Gaps []int64 `json:"gaps,omitempty"` // that are known to be missing
}

// gone is the section of what was deleted among a repository's newest issues and pull requests.
func (s *source) gone(r *wireRepo, out *connector.Sink) walk.Section {
	return walk.Section{Name: "deleted/" + r.key(), Title: r.FullName + ": deletions", Read: func(ctx context.Context, at *walk.At) (string, error) {
		var before row
		first := json.Unmarshal([]byte(at.Mark), &before) != nil // a time, or nothing: no read has come here before
		var now *row
		var err error
		if r.HasIssues && r.HasPulls { // where one of them is turned off, its numbers are missing, too
			now, err = s.missing(ctx, r, before, first, out)
		}
		if err != nil || now == nil {
			at.Leave(at.Mark)
			return "", err
		}
		text, err := json.Marshal(now, json.Deterministic(true))
		if err == nil { // numbers always marshal
			at.Leave(string(text))
		}
		return "", nil
	}}
}

// missing looks for numbers that are not there any more and passes on what they were. It returns nil where the server does
// not show the list.
func (s *source) missing(ctx context.Context, r *wireRepo, before row, first bool, out *connector.Sink) (*row, error) {
	base := "/repos/" + r.FullName + "/issues"
	var newest []wireIssue
	ans, err := s.client.Into(ctx, base, page("", "state", "all"), &newest)
	if rest.Gone(err) || rest.Refused(err) {
		return nil, nil //nolint:nilnil // said with the issues
	}
	if err != nil {
		return nil, err
	}
	there := make(map[int64]bool, len(newest))
	now, from := row{To: before.To}, int64(1)
	for i := range newest {
		there[newest[i].Number] = true
		now.To = max(now.To, newest[i].Number)
	}
	if following(ans, "", len(newest)) != "" { // there are older ones
		from = now.To
		for n := range there {
			from = min(from, n)
		}
	}
	asked, shown := 0, false
	for n := max(from, now.To-maxRow); n <= now.To; n++ {
		switch {
		case there[n]:
		case first, slices.Contains(before.Gaps, n):
			now.Gaps = append(now.Gaps, n)
		case asked < maxGaps:
			if !shown { // to a token that may not see them, pull requests are missing as well
				_, err := s.client.Get(ctx, "/repos/"+r.FullName+"/pulls", page("", "limit", "1"))
				if rest.Gone(err) || rest.Refused(err) {
					return nil, nil //nolint:nilnil // said with the pull requests
				}
				if err != nil {
					return nil, err
				}
				shown = true
			}
			asked++
			_, err := s.client.Get(ctx, base+"/"+id(n), nil)
			switch {
			case rest.Gone(err):
				now.Gaps = append(now.Gaps, n)
				out.Conversation(connector.Conversation{Thread: thread(r, n), Deleted: true, UpdatedAt: s.now().UTC()})
			case err != nil && !rest.Refused(err):
				return nil, err
			}
		}
	}
	now.Gaps = now.Gaps[max(0, len(now.Gaps)-keptGaps):]
	return &now, nil
}
