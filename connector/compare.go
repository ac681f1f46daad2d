// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package connector

import "slices"

// This file is what the writers of all platforms have in common: what is there is read first, and only what differs is sent.

// InChunks calls write with some of what is to be written at a time, and returns what it tells of all of it.
func InChunks[T any](all []T, size int, write func([]T) ([]Written, error)) ([]Written, error) {
	results := make([]Written, 0, len(all))
	for some := range slices.Chunk(all, size) {
		written, err := write(some)
		if err != nil {
			return nil, err
		}
		results = append(results, written...)
	}
	return results, nil
}

// Differing are the values of a change that are not what the contact has.
func (c *ContactChange) Differing(present map[string]string, properties []Property) map[string]string {
	differ := make(map[string]string)
	for i := range properties {
		p := &properties[i]
		if v, ok := c.Set[p.Name]; ok && !p.Same(v, present[p.Name]) {
			differ[p.Name] = v
		}
	}
	return differ
}

// Differ is a change that has something to send.
type Differ struct {
	*ContactChange

	At  int               // where it stands among the changes
	Set map[string]string // what differs only
}

// Compare sets changes against the values that are present, by external id and property. It tells of each what becomes of it if all
// that is to be sent arrives; gone is why one fails of what is not there any more.
func Compare(changes []ContactChange, present map[string]map[string]string, properties []Property, gone string) (results []Written, send []Differ) {
	results = make([]Written, len(changes))
	for i := range changes {
		c := &changes[i]
		have, ok := present[c.Contact]
		results[i] = Written{Contact: c.Contact, Before: make(map[string]string), Outcome: OutcomeUnchanged}
		if !ok {
			results[i].Fail(gone)
			continue
		}
		for name := range c.Set {
			results[i].Before[name] = have[name]
		}
		if differ := c.Differing(have, properties); len(differ) > 0 {
			results[i].Outcome = OutcomeDone
			send = append(send, Differ{c, i, differ})
		}
	}
	return results, send
}

// Fail says that it came to nothing, and why.
func (w *Written) Fail(why string) { w.Outcome, w.Reason, w.Link = OutcomeFailed, why, "" }

// CompareTasks sets tasks against the companies that are present, and against the tasks that are there: seen gives where one that
// holds the task's key is seen. It tells of each what becomes of it if all that is to be sent arrives, and lists those, by where they
// stand; gone is as for Compare.
func CompareTasks(tasks []AccountTask, present map[string]map[string]string, gone string, seen func(t *AccountTask) (link string, there bool)) (results []Written, send []int) {
	results = make([]Written, len(tasks))
	for i := range tasks {
		t := &tasks[i]
		results[i] = Written{Contact: t.Account, Outcome: OutcomeDone}
		if _, ok := present[t.Account]; !ok {
			results[i].Fail(gone)
			continue
		}
		link, there := seen(t)
		if there {
			results[i].Outcome, results[i].Link = OutcomeUnchanged, link
			continue
		}
		send = append(send, i)
	}
	return results, send
}

// Companies names the companies of tasks, each once.
func Companies(tasks []AccountTask) []string {
	ids := make([]string, len(tasks))
	for i := range tasks {
		ids[i] = tasks[i].Account
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
