// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package priority

// Lane is one goroutine of low priority that does what is offered to it, one thing at a time.
type Lane struct {
	work chan func()
	stop chan struct{}
	done chan struct{}
}

// NewLane starts a lane at which so many things may wait for their turn.
func NewLane(waiting int) *Lane {
	l := &Lane{work: make(chan func(), waiting), stop: make(chan struct{}), done: make(chan struct{})}
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

// Offer has something done, and reports whether it will be: it is dropped where as much waits as may. It never blocks.
func (l *Lane) Offer(do func()) bool {
	select {
	case l.work <- do:
		return true
	default:
		return false
	}
}

// Close ends the lane, after what it is doing; what waits is dropped. It is called once.
func (l *Lane) Close() {
	close(l.stop)
	<-l.done
}
