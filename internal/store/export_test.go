// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import "errors"

// Die leaves the store as a process that is killed leaves it: what was not committed is gone, and nobody remembers it.
func (s *Store) Die() {
	s.wmu.Lock()
	defer s.wmu.Unlock()
	if s.held.run.ID != 0 {
		_ = s.end(errors.New("killed"))
	}
	s.lost = nil
}
