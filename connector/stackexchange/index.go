// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package stackexchange

import (
	"context"
	"fmt"
	"math"
	"os"
	"slices"
)

// index is what the rows of Posts.xml tell of each other: eight bytes an answer and four an accepted one.
type index struct {
	answers  []answer // by id
	accepted []uint32 // ids of answers, in order
}

type answer struct{ id, question uint32 }

// question returns the question that a post belongs to: the answer's, or the post itself.
func (x *index) question(id int64) int64 {
	i, ok := slices.BinarySearchFunc(x.answers, id, func(a answer, id int64) int { return int(int64(a.id) - id) })
	if !ok {
		return id
	}
	return int64(x.answers[i].question)
}

func (x *index) isAccepted(id int64) bool {
	if id < 0 || id > math.MaxUint32 {
		return false
	}
	_, ok := slices.BinarySearch(x.accepted, uint32(id))
	return ok
}

// readIndex goes through Posts.xml once. What is wrong with the file is said when it is read for its facts.
func readIndex(ctx context.Context, path string) (*index, error) {
	x := &index{}
	f, err := os.Open(path) //nolint:gosec // the path is the user's own setting
	if err != nil {
		return x, nil
	}
	defer f.Close() //nolint:errcheck // nothing was written
	s := newRows(f, 0, 1)
	for n := 0; s.next(); n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return nil, fmt.Errorf("reading was stopped: %w", ctx.Err())
		}
		if s.bad != "" {
			continue
		}
		id, parent, accepted := s.num("Id"), s.num("ParentId"), s.num("AcceptedAnswerId")
		if string(s.raw("PostTypeId")) == "2" && fits(id) && fits(parent) {
			x.answers = append(x.answers, answer{uint32(id), uint32(parent)}) //nolint:gosec // it fits
		}
		if fits(accepted) {
			x.accepted = append(x.accepted, uint32(accepted)) //nolint:gosec // it fits
		}
	}
	byID := func(a, b answer) int { return int(int64(a.id) - int64(b.id)) }
	if !slices.IsSortedFunc(x.answers, byID) {
		slices.SortStableFunc(x.answers, byID)
	}
	slices.Sort(x.accepted)
	return x, nil
}

func fits(id int64) bool { return id > 0 && id <= math.MaxUint32 }
