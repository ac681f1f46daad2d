// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package auth

import (
	"slices"
	"sync"
)

// Work is what was asked of argon2id.
type Work struct {
	mu   sync.Mutex
	done []hashing
}

// Take returns the work since the last call, as memory in KiB for each hash.
func (w *Work) Take() []uint32 {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []uint32
	for _, h := range w.done {
		all = append(all, h.memory)
	}
	w.done = nil
	return all
}

// Watch makes hashes cheap, of that many KiB, and returns what is asked of them from now on.
func (s *Service) Watch(memory uint32) *Work {
	work := &Work{}
	derive := newHasher(s.random).derive
	s.hasher.with = hashing{memory: memory, time: 1, threads: 1}
	s.hasher.derive = func(password, salt []byte, time, memory uint32, threads uint8, keyLen uint32) []byte {
		work.mu.Lock()
		work.done = append(work.done, hashing{memory, time, threads})
		work.mu.Unlock()
		return derive(slices.Clone(password), salt, time, memory, threads, keyLen)
	}
	return work
}
