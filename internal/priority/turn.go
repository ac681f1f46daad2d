// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package priority

import "context"

// Turn lets long background work of a process come one after the other. Each piece of it is lowered already and takes only
// what others leave; but a lowered thread that waits for its turn holds one of Go's processors, and where more of them wait
// than there are spare ones, a request finds none. A nil Turn lets everything in.
type Turn struct{ slot chan struct{} }

// NewTurn returns a turn that is free.
func NewTurn() *Turn { return &Turn{slot: make(chan struct{}, 1)} }

// Take waits for the turn, and returns what gives it back. Its error is ctx's.
func (t *Turn) Take(ctx context.Context) (give func(), err error) {
	if t == nil {
		return func() {}, nil
	}
	select {
	case t.slot <- struct{}{}:
		return t.give, nil
	case <-ctx.Done():
		return nil, ctx.Err() //nolint:wrapcheck // it says that the work was told to end
	}
}

// Try takes the turn if it is free.
func (t *Turn) Try() (give func(), ok bool) {
	if t == nil {
		return func() {}, true
	}
	select {
	case t.slot <- struct{}{}:
		return t.give, true
	default:
		return nil, false
	}
}

func (t *Turn) give() { <-t.slot }
