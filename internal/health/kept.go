// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package health

import (
	"context"
	"errors"
	"sync"

	"golang.org/x/sync/singleflight"
)

// kept keeps the last few answers that take long, until something they rest on changes, which is in their key.
type kept[T any] struct {
	mu   sync.Mutex
	keys []string
	all  map[string]T
	once singleflight.Group
}

// keptMost is how many answers are kept.
const keptMost = 4

func (k *kept[T]) get(key string) (T, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	v, ok := k.all[key]
	return v, ok
}

// do gives the answer of a key. Where it is not known yet, it is computed once, however many ask for it meanwhile; that
// goes on when who asked first has left, since others may wait for it.
func (k *kept[T]) do(ctx context.Context, key string, compute func(context.Context) (T, error)) (T, error) {
	if v, ok := k.get(key); ok {
		return v, nil
	}
	v, err, _ := k.once.Do(key, func() (any, error) {
		if v, ok := k.get(key); ok {
			return v, nil
		}
		v, err := compute(context.WithoutCancel(ctx))
		if err == nil {
			k.put(key, v)
		}
		return v, err
	})
	answer, ok := v.(T)
	if err == nil && !ok {
		err = errors.New("an answer of another kind was kept")
	}
	return answer, err //nolint:wrapcheck // it is compute's
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
