// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package discord_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
)

type gatewayFrame struct {
	Op   int    `json:"op"`
	Data object `json:"d"`
}

// gateway is a fake of Discord's gateway: each connection says hello, takes what the client begins with, and goes on with
// what the test wants.
func gateway(t *testing.T, then ...func(conn *websocket.Conn, begin gatewayFrame)) http.HandlerFunc {
	t.Helper()
	var mu sync.Mutex
	n := 0
	return func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.CloseNow() }()
		mu.Lock()
		n++
		at := n - 1
		mu.Unlock()
		if at >= len(then) {
			t.Error("more connections than were wanted")
			_ = conn.Close(4004, "enough")
			return
		}
		if q := r.URL.Query(); q.Get("v") != "10" || q.Get("encoding") != "json" {
			t.Errorf("the gateway was opened with %s", r.URL)
		}
		send(t, conn, object{"op": 10, "d": object{"heartbeat_interval": 60_000}}) //nolint:contextcheck // the test's
		begin := receive(t, conn)                                                  //nolint:contextcheck // the test's
		then[at](conn, begin)
		for { // until the client has gone
			if _, _, err := conn.Read(r.Context()); err != nil {
				return
			}
		}
	}
}

func send(t *testing.T, conn *websocket.Conn, v any) {
	t.Helper()
	if err := wsjson.Write(t.Context(), conn, v); err != nil {
		t.Error(err)
	}
}

// receive is the next frame that is no heartbeat.
func receive(t *testing.T, conn *websocket.Conn) gatewayFrame {
	t.Helper()
	for {
		var f struct {
			Op   int `json:"op"`
			Data any `json:"d"`
		}
		if err := wsjson.Read(t.Context(), conn, &f); err != nil {
			t.Error(err)
			return gatewayFrame{}
		}
		if f.Op != 1 {
			data, _ := f.Data.(object)
			return gatewayFrame{f.Op, data}
		}
	}
}

func stream(t *testing.T, f *fake, deliver func(context.Context, connector.Delivery) error) error {
	t.Helper()
	srv := httptest.NewServer(f)
	defer srv.Close()
	streamer := open(t, connectortest.LiveEnv(t), values(srv.URL))
	return streamer.Stream(t.Context(), deliver) //nolint:wrapcheck // a test
}

// TestGateway identifies, is told to come again, resumes behind the last event that was kept, and begins anew when the
// session is over.
func TestGateway(t *testing.T) {
	f := makeFake(1)
	event := func(seq int, kind string) object { return object{"op": 0, "s": seq, "t": kind, "d": object{"id": "1"}} }
	f.gateway = gateway(t,
		func(conn *websocket.Conn, begin gatewayFrame) {
			intents, _ := begin.Data["intents"].(float64)
			if want := 1<<0 | 1<<1 | 1<<9 | 1<<10 | 1<<15; begin.Op != 2 || int(intents) != want || begin.Data["token"] != "good" {
				t.Errorf("the session began with %+v, want an identify with the intents %d", begin, want)
			}
			send(t, conn, object{"op": 0, "s": 1, "t": "READY", "d": object{"session_id": "abc", "resume_gateway_url": "ws://" + f.host + "/socket"}})
			send(t, conn, event(2, "GUILD_CREATE"))
			send(t, conn, event(3, "MESSAGE_CREATE"))
			send(t, conn, object{"op": 7})
		},
		func(conn *websocket.Conn, begin gatewayFrame) {
			if begin.Op != 6 || begin.Data["session_id"] != "abc" || begin.Data["seq"] != 3.0 {
				t.Errorf("the second connection began with %+v, want it to resume behind 3", begin)
			}
			send(t, conn, event(4, "MESSAGE_DELETE"))
			send(t, conn, object{"op": 0, "s": 5, "t": "RESUMED", "d": object{}})
			send(t, conn, object{"op": 9, "d": false})
		},
		func(conn *websocket.Conn, begin gatewayFrame) {
			if begin.Op != 2 {
				t.Errorf("after the session was over came %+v, want an identify", begin)
			}
			_ = conn.Close(4014, "Disallowed intent(s).")
		},
	)
	var kept []string
	err := stream(t, f, func(_ context.Context, d connector.Delivery) error {
		kept = append(kept, d.ID+" "+d.Path)
		return nil
	})
	if greenroom.ErrorCode(err) != greenroom.CodeForbidden || !strings.Contains(greenroom.ErrorMessage(err), "Intent") {
		t.Errorf("the stream ended with %v, want it to name the intents", err)
	}
	if want := []string{"abc/3 MESSAGE_CREATE", "abc/4 MESSAGE_DELETE"}; !slices.Equal(kept, want) {
		t.Errorf("kept %v, want %v", kept, want)
	}
}

// TestGatewayHeartbeat answers to a request for a heartbeat with the number of the last event.
func TestGatewayHeartbeat(t *testing.T) {
	f := makeFake(1)
	f.gateway = gateway(t, func(conn *websocket.Conn, _ gatewayFrame) {
		send(t, conn, object{"op": 0, "s": 41, "t": "TYPING_START", "d": object{}})
		send(t, conn, object{"op": 1})
		var beat struct {
			Op   int `json:"op"`
			Data int `json:"d"`
		}
		if err := wsjson.Read(t.Context(), conn, &beat); err != nil || beat.Op != 1 || beat.Data != 41 {
			t.Errorf("got %+v, %v; want a heartbeat with 41", beat, err)
		}
		_ = conn.Close(4004, "Authentication failed.")
	})
	if err := stream(t, f, func(context.Context, connector.Delivery) error { return nil }); greenroom.ErrorCode(err) != greenroom.CodeUnauthorized {
		t.Errorf("the stream ended with %v", err)
	}
}

// TestGatewayKeepsWhatIsNotStored ends when an event cannot be kept, and resumes before it.
func TestGatewayKeepsWhatIsNotStored(t *testing.T) {
	f := makeFake(1)
	f.gateway = gateway(t,
		func(conn *websocket.Conn, _ gatewayFrame) {
			send(t, conn, object{"op": 0, "s": 1, "t": "READY", "d": object{"session_id": "abc", "resume_gateway_url": "ws://" + f.host + "/socket"}})
			send(t, conn, object{"op": 0, "s": 2, "t": "MESSAGE_CREATE", "d": object{}})
		},
		func(conn *websocket.Conn, begin gatewayFrame) {
			if begin.Data["seq"] != 1.0 {
				t.Errorf("the next stream began with %+v, want it to resume behind 1", begin)
			}
			_ = conn.Close(4004, "enough")
		},
	)
	srv := httptest.NewServer(f)
	defer srv.Close()
	streamer := open(t, connectortest.LiveEnv(t), values(srv.URL))
	full := errors.New("the disk is full")
	if err := streamer.Stream(t.Context(), func(context.Context, connector.Delivery) error { return full }); !errors.Is(err, full) {
		t.Errorf("the stream ended with %v", err)
	}
	if err := streamer.Stream(t.Context(), func(context.Context, connector.Delivery) error { return nil }); greenroom.ErrorCode(err) != greenroom.CodeUnauthorized {
		t.Errorf("the next one ended with %v", err)
	}
}
