// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package inbox

import (
	"slices"
	"sync"
	"time"
)

// lookFor is how long somebody counts as looking at an item after they were last heard of.
const lookFor = 12 * time.Second

// presence says who looks at what. It is kept in memory only: who looks is told again every few seconds.
type presence struct {
	mu   sync.Mutex
	seen map[int64]map[string]time.Time // by conversation and person
}

// look notes that somebody looks at an item, and lists who else does, by name.
func (p *presence) look(id int64, person string, now time.Time) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.seen == nil {
		p.seen = make(map[int64]map[string]time.Time)
	}
	for item, all := range p.seen { // few are open at once
		for who, at := range all {
			if now.Sub(at) > lookFor {
				delete(all, who)
			}
		}
		if len(all) == 0 {
			delete(p.seen, item)
		}
	}
	if p.seen[id] == nil {
		p.seen[id] = make(map[string]time.Time)
	}
	p.seen[id][person] = now
	var others []string
	for who := range p.seen[id] {
		if who != person {
			others = append(others, who)
		}
	}
	slices.Sort(others)
	return others
}

// leave notes that somebody looks no more.
func (p *presence) leave(id int64, person string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.seen[id], person)
}
