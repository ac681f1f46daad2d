// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package survey

import (
	"slices"
	"strconv"
)

// Holds reports whether a condition holds with what was answered up to now.
func (c *Condition) Holds(a Answers) bool {
	v := a[c.Question]
	if c.Answered != nil && *c.Answered == v.empty() {
		return false
	}
	if c.AtLeast != nil && (v.Number == nil || *v.Number < *c.AtLeast) || c.AtMost != nil && (v.Number == nil || *v.Number > *c.AtMost) {
		return false
	}
	if len(c.Is) == 0 {
		return true
	}
	return slices.ContainsFunc(c.Is, func(want string) bool {
		return v.Number != nil && strconv.Itoa(*v.Number) == want || slices.Contains(v.Choices, want)
	})
}

// Visible lists the questions of a page that are asked, by what was answered before.
func (d *Definition) Visible(page int, a Answers) []*Question {
	var all []*Question
	for i := range d.Pages[page].Questions {
		if q := &d.Pages[page].Questions[i]; q.ShowIf == nil || q.ShowIf.Holds(a) {
			all = append(all, q)
		}
	}
	return all
}

// after is the page that follows, whether or not something is asked on it; len(d.Pages) = the end.
func (d *Definition) after(page int, a Answers) int {
	p := &d.Pages[page]
	for i := range p.Next {
		if !p.Next[i].If.Holds(a) {
			continue
		}
		if p.Next[i].To == End {
			return len(d.Pages)
		}
		return slices.IndexFunc(d.Pages, func(other Page) bool { return other.ID == p.Next[i].To })
	}
	return page + 1
}

// Path lists the pages that somebody with these answers goes through, those left out on which nothing is asked of them.
// An answer on a page that is jumped over does not count for what follows.
func (d *Definition) Path(a Answers) []int {
	var path []int
	counted := make(Answers)
	for page := 0; page < len(d.Pages); page = d.after(page, counted) {
		visible := d.Visible(page, counted)
		if len(visible) > 0 {
			path = append(path, page)
		}
		for _, q := range visible {
			if v, ok := a[q.ID]; ok {
				counted[q.ID] = v
			}
		}
	}
	return path
}

// Counted gives the answers that count: those to questions that somebody with these answers is asked.
func (d *Definition) Counted(a Answers) Answers {
	counted := make(Answers)
	for page := 0; page < len(d.Pages); page = d.after(page, counted) {
		for _, q := range d.Visible(page, counted) {
			if v, ok := a[q.ID]; ok && !v.empty() {
				counted[q.ID] = v
			}
		}
	}
	return counted
}

// Next is the page after one, for somebody with these answers; done = it was the last one.
func (d *Definition) Next(page int, a Answers) (next int, done bool) {
	for _, p := range d.Path(a) {
		if p > page {
			return p, false
		}
	}
	return 0, true
}

// Previous is the page before one, for somebody with these answers; none = it was the first one.
func (d *Definition) Previous(page int, a Answers) (before int, none bool) {
	path := d.Path(a)
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] < page {
			return path[i], false
		}
	}
	return 0, true
}

// Open is the first page on which something that has to be answered is not; done = there is none.
func (d *Definition) Open(a Answers) (page int, done bool) {
	counted := d.Counted(a)
	for _, p := range d.Path(a) {
		for _, q := range d.Visible(p, counted) {
			if v := counted[q.ID]; q.Check(&v) != "" {
				return p, false
			}
		}
	}
	return 0, true
}
