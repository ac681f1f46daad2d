// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package socket_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/coder/websocket"

	"greenroom/connector/internal/socket"
)

// TestWatch wants a connection closed whose other side answers nothing any more, and one left alone that is only quiet.
func TestWatch(t *testing.T) {
	for _, answers := range []bool{true, false} {
		pings := make(chan struct{}, 1)
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{OnPingReceived: func(context.Context, []byte) bool {
				select {
				case pings <- struct{}{}:
				default:
				}
				return answers
			}})
			if err != nil {
				t.Error(err)
				return
			}
			_, _, _ = conn.Read(r.Context()) // it takes in pings, and says nothing
		}))
		ctx, cancel := context.WithCancel(t.Context())
		conn, _, err := websocket.Dial(ctx, srv.URL, nil) //nolint:bodyclose // the library closes it
		if err != nil {
			t.Fatal(err)
		}
		every := 10 * time.Millisecond
		if answers {
			every = 200 * time.Millisecond // a slow machine has time to answer
		}
		watched, read := make(chan struct{}), make(chan error, 1)
		go func() {
			defer close(watched)
			socket.Watch(ctx, conn, every)
		}()
		go func() {
			_, _, err := conn.Read(ctx)
			read <- err
		}()
		<-pings
		if answers {
			<-pings // it is asked again, so the first answer was enough
			cancel()
		}
		<-watched
		if err := <-read; err == nil {
			t.Error("reading ended without an error")
		} else if got := ctx.Err() == nil; got == answers {
			t.Errorf("answers %v: reading ended with %v", answers, err)
		}
		cancel()
		_ = conn.CloseNow()
		srv.CloseClientConnections()
		srv.Close()
	}
}
