// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package health

import "sync"

// kept keeps the last few answers that take long, until something they rest on changes, which is in their key.
type kept[T any] struct {
	mu   sync.Mutex
	keys []string
	all  map[string]T
}

// keptMost is how many answers are kept.
const keptMost = 4

func (k *kept[T]) get(key string) (T, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	v, ok := k.all[key]
	return v, ok
}

func (k *kept[T]) put(key string, v T) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.all == nil {
		k.all = make(map[string]T)
	}
	if _, ok := k.all[key]; !ok {
		k.keys = append(k.keys, key)
	}
	k.all[key] = v
	if len(k.keys) > keptMost {
		delete(k.all, k.keys[0])
		k.keys = k.keys[1:]
	}
}
