// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package priority makes long work give way to short work: while an import uses all processors, a page that somebody
// opens is computed first.
//
// Go has no priorities among goroutines, but Linux has them among threads, and it shares a processor by them from one
// millisecond to the next. So a goroutine that works for long is bound to a thread of its own, and that thread takes
// what others leave. Nothing is left idle by it: where nobody opens a page, an import is as fast as ever.
//
// That is not enough by itself: a thread that waits for its turn holds what others want meanwhile. Of Go's processors a
// server has one more than there are real ones ([Spare]), background work stops between two steps while requests are being
// answered ([Gate], [Breathe]), what is shared is kept apart by contexts ([Background]), and memory is collected less often
// where there is plenty ([Memory]).
package priority

import "runtime"

// niceness is by how much the priority is lowered. At 10 a thread gets a tenth of a processor that it shares with
// another, enough to go on at any time and to let go of what others wait for.
const niceness = 10

// Lower makes the calling goroutine background work until it ends. It is called first in a goroutine that was started
// for such work, and never in one that does anything else afterwards: a priority can be lowered, but not raised again.
// On other systems than Linux it does nothing.
func Lower() {
	if !supported {
		return
	}
	runtime.LockOSThread() // and never unlocked: so the thread ends with the goroutine
	reduce()
}

// Spare is how many processors more than there are Go should think there are in a process with background work, for
// threads that wait while they hold one. More of them would be worse: Go collects memory with a quarter of what it
// thinks there are and all that it thinks idle, at the priority of requests.
const Spare = 1
