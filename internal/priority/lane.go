// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package priority

// Lane is one goroutine of low priority that does what is offered to it, one thing at a time.
type Lane struct {
	work chan func()
	stop chan struct{}
	done chan struct{}
}

// NewLane starts a lane.
func NewLane() *Lane {
	l := &Lane{work: make(chan func()), stop: make(chan struct{}), done: make(chan struct{})}
	go l.run()
	return l
}

func (l *Lane) run() {
	Lower()
	defer close(l.done)
	for {
		select {
		case do := <-l.work:
			do()
		case <-l.stop:
			return
		}
	}
}

// Offer has something done where the lane has nothing to do; otherwise it is dropped. It never blocks.
func (l *Lane) Offer(do func()) {
	select {
	case l.work <- do:
	default:
	}
}

// Close ends the lane, after what it is doing. It is called once.
func (l *Lane) Close() {
	close(l.stop)
	<-l.done
}
