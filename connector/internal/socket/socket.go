// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package socket keeps watch over the WebSocket connections over which platforms push. A connection can be dead without
// either side noticing, such as when a router has forgotten it: nothing comes any more, and reading waits forever. So the
// other side is asked now and then whether it is still there.
package socket

import (
	"context"
	"time"

	"github.com/coder/websocket"
)

// Quiet is after how long a connection is usually asked whether it is still there, and how long an answer may take.
const Quiet = 45 * time.Second

// Watch asks the other side every so often whether it is still there, until ctx ends. Where no answer comes within the same
// time, it closes the connection, so that whoever reads from it gets an error. Somebody has to read from it meanwhile:
// answers are taken in by reading.
func Watch(ctx context.Context, conn *websocket.Conn, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		wait, cancel := context.WithTimeout(ctx, every)
		err := conn.Ping(wait)
		cancel()
		if err != nil {
			_ = conn.CloseNow()
			return
		}
	}
}
