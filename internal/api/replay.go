// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"container/list"
	"context"
	"crypto/sha256"
	"net/http"
	"sync"
	"time"

	"greenroom"
)

// How long and how many answers are kept for repeated requests.
const (
	replayLife = 24 * time.Hour
	maxReplays = 10_000
	maxKey     = 255
)

const headerKey = "Idempotency-Key"

// replays keeps the answers of requests that carry a key, so that one that is sent again does nothing again.
type replays struct {
	now   func() time.Time
	mu    sync.Mutex
	byKey map[string]*list.Element
	order *list.List // of *replay, the oldest first
}

// replay is what is kept of one request.
type replay struct {
	key    string
	body   [sha256.Size]byte
	at     time.Time
	answer *rendered // nil = still being worked on
}

func newReplays(now func() time.Time) *replays {
	return &replays{now: now, byKey: make(map[string]*list.Element), order: list.New()}
}

// begin takes note of a request, or returns the answer that it got before.
func (r *replays) begin(key string, body [sha256.Size]byte) (*rendered, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for oldest := r.order.Front(); oldest != nil; oldest = r.order.Front() {
		old, ok := oldest.Value.(*replay)
		if ok && r.order.Len() < maxReplays && r.now().Sub(old.at) < replayLife {
			break
		}
		r.drop(oldest)
	}
	if e, found := r.byKey[key]; found {
		before, ok := e.Value.(*replay)
		switch {
		case !ok || before.body != body:
			return nil, greenroom.Errorf(greenroom.CodeConflict, "this %s was used for another request; make a new one for each", headerKey)
		case before.answer == nil:
			return nil, greenroom.Errorf(greenroom.CodeConflict, "the first request with this %s is still being worked on", headerKey)
		}
		return before.answer, nil
	}
	r.byKey[key] = r.order.PushBack(&replay{key: key, body: body, at: r.now()})
	return nil, nil
}

// end keeps the answer of a request; without one, the request may be tried again.
func (r *replays) end(key string, ans *rendered) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e, found := r.byKey[key]
	if !found {
		return // it was the oldest of too many
	}
	if kept, ok := e.Value.(*replay); ok && ans != nil {
		kept.answer = ans
		return
	}
	r.drop(e)
}

func (r *replays) drop(e *list.Element) {
	if old, ok := r.order.Remove(e).(*replay); ok {
		delete(r.byKey, old.key)
	}
}

// repeatable does what an operation does, once for each key of a caller, and writes the answer.
func (a *api) repeatable(ctx context.Context, w http.ResponseWriter, c *call, do func() (answer, error)) error {
	key := c.r.Header.Get(headerKey)
	if key == "" || !c.op.repeatable {
		ans, err := do()
		if err != nil {
			return err
		}
		if ans.stream != nil {
			return a.send(ctx, w, c, ans)
		}
		r, err := c.render(ans)
		if err == nil {
			r.write(w, c)
		}
		return err
	}
	if len(key) > maxKey {
		return greenroom.Errorf(greenroom.CodeInvalid, "an %s has %d characters at most", headerKey, maxKey)
	}
	key = c.by() + "\n" + c.op.method + " " + c.r.URL.Path + "\n" + key
	before, err := a.replays.begin(key, sha256.Sum256(c.body))
	if err != nil {
		return err
	}
	if before != nil {
		w.Header().Set("Idempotency-Replayed", "true")
		before.write(w, c)
		return nil
	}
	var kept *rendered
	defer func() { a.replays.end(key, kept) }() // also when do panics
	ans, err := do()
	if err != nil {
		return err
	}
	r, err := c.render(ans)
	if err != nil {
		return err
	}
	kept = &r
	r.write(w, c)
	return nil
}
