// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package priority

import "syscall"

const supported = true

// reduce lowers the priority of the calling thread. That cannot fail for a thread of one's own, and if it ever did, the
// work would go on as important as any other.
func reduce() {
	const highest = 20 // the system call gives this number less the niceness
	have, err := syscall.Getpriority(syscall.PRIO_PROCESS, syscall.Gettid())
	if err == nil {
		_ = syscall.Setpriority(syscall.PRIO_PROCESS, syscall.Gettid(), highest-have+niceness)
	}
}
