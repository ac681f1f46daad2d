// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"time"

	"greenroom"
)

// How far back a pace looks, and how long it has to have looked before it says anything.
const (
	paceWindow = 30 * time.Second
	paceLeast  = time.Second
)

// pace tells how fast a run goes, by what it told in the last half minute.
type pace struct{ told []stand }

// stand is how far a run had come at a moment.
type stand struct {
	at         time.Time
	read, done int64
}

// add notes how far a run has come.
func (p *pace) add(now time.Time, run *greenroom.Run) {
	first := 0
	for first < len(p.told)-1 && now.Sub(p.told[first].at) > paceWindow {
		first++
	}
	p.told = append(p.told[first:], stand{now, run.Read, run.Done})
}

// rate gives the records a second and the time that is left; 0 where they are not known. A run that says nothing gets
// slower with every moment.
func (p *pace) rate(now time.Time, run *greenroom.Run) (perSecond float64, left time.Duration) {
	if len(p.told) < 2 {
		return 0, 0
	}
	first, last := p.told[0], p.told[len(p.told)-1]
	span := now.Sub(first.at)
	if span < paceLeast {
		return 0, 0
	}
	perSecond = float64(last.read-first.read) / span.Seconds()
	if done := last.done - first.done; done > 0 && run.Total > run.Done {
		left = time.Duration(float64(run.Total-run.Done) / float64(done) * float64(span))
	}
	return perSecond, left
}
