// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"greenroom/internal/ask"
)

// TestWriterComesBack loses the connection that writes to PostgreSQL, between two writes and while a question is being
// prepared that nobody waits for any more: what is written next is stored.
func TestWriterComesBack(t *testing.T) {
	s := openPostgres(t)
	for range 2 {
		pid, err := s.Writer(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Terminate(t.Context(), pid); err != nil {
			t.Fatal(err)
		}
		if err := s.SetAlertRetention(t.Context(), int(pid%300)+1); err != nil {
			t.Fatalf("after the connection was lost: %v", err)
		}
		if days, err := s.AlertRetention(t.Context()); err != nil || days != int(pid%300)+1 {
			t.Errorf("%d days are kept, %v", days, err)
		}
		if now, err := s.Writer(t.Context()); err != nil || now == pid {
			t.Errorf("process %d still writes, %v", now, err)
		}
	}
	pid, err := s.Writer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for wait := time.Millisecond; wait < 200*time.Millisecond; wait *= 2 {
		ctx, stop := context.WithTimeout(t.Context(), wait)
		if _, err := asker(s).Ask(ctx, ask.Query{SQL: "SELECT 1"}); err != nil && !errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			t.Error(err)
		}
		stop()
	}
	if now, err := s.Writer(t.Context()); err != nil || now != pid {
		t.Errorf("preparing questions that were stopped lost the connection: %d writes instead of %d, %v", now, pid, err)
	}
}
