// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package trend

import (
	"cmp"
	"slices"
)

// Event is a burst with the messages in it, by their numbers in ascending order.
type Event struct {
	Burst
	Name     string
	Messages []int
}

// shared is which part of the smaller one's messages two events have to have in common to be one.
const shared = 0.4

// Merge joins events that overlap in time and share messages: "Magento" and "checkout page" rise together because they
// are in the same messages. The strongest
// stands for all, with its own messages, which are surest to be about one thing. The order is by evidence.
func Merge(events []Event) []Event {
	events = slices.Clone(events)
	slices.SortStableFunc(events, func(a, b Event) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Start, b.Start), cmp.Compare(a.Name, b.Name))
	})
	var out []Event
	for _, e := range events {
		at := slices.IndexFunc(out, func(o Event) bool {
			if e.Start > o.End+1 || o.Start > e.End+1 {
				return false
			}
			common := overlap(e.Messages, o.Messages)
			return float64(common) >= shared*float64(min(len(e.Messages), len(o.Messages)))
		})
		if at < 0 {
			out = append(out, e)
		}
	}
	return out
}

// overlap counts what two ascending lists share.
func overlap(a, b []int) (n int) {
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			n++
			i++
			j++
		case a[i] < b[j]:
			i++
		default:
			j++
		}
	}
	return n
}
