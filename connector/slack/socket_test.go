// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package slack_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
)

// TestSocketMode lets Slack end the first connection, as it does every few hours: the event that was not acknowledged
// comes again with the second one, and every event is acknowledged after it was kept.
func TestSocketMode(t *testing.T) {
	f := makeFake(1)
	var mu sync.Mutex
	var kept, acknowledged []string
	connections := 0
	send := func(conn *websocket.Conn, r *http.Request, i int) {
		id := "envelope" + string(rune('0'+i))
		e := object{"type": "events_api", "envelope_id": id, "payload": event(i, object{"type": "message", "channel": "C1", "ts": ts(i)})}
		if err := wsjson.Write(r.Context(), conn, e); err != nil {
			t.Error(err)
			return
		}
		var ack struct {
			ID string `json:"envelope_id"`
		}
		if err := wsjson.Read(r.Context(), conn, &ack); err == nil {
			mu.Lock()
			acknowledged = append(acknowledged, ack.ID)
			mu.Unlock()
		}
	}
	f.sockets = func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.CloseNow() }()
		connections++
		_ = wsjson.Write(r.Context(), conn, object{"type": "hello", "num_connections": 1})
		_ = conn.Write(r.Context(), websocket.MessageText, []byte("no envelope"))
		if connections == 1 {
			send(conn, r, 1)
			_ = wsjson.Write(r.Context(), conn, object{"type": "disconnect", "reason": "refresh_requested"})
			_, _, _ = conn.Read(r.Context())
			return
		}
		send(conn, r, 2)
		_ = wsjson.Write(r.Context(), conn, object{"type": "disconnect", "reason": "link_disabled"})
		_, _, _ = conn.Read(r.Context())
	}
	srv := httptest.NewServer(f)
	defer srv.Close()
	streamer := open(t, connectortest.LiveEnv(t), values(srv.URL))
	err := streamer.Stream(t.Context(), func(_ context.Context, d connector.Delivery) error {
		var b struct {
			Type string `json:"type"`
		}
		if err := json.Unmarshal(d.Body, &b); err != nil || b.Type != "event_callback" {
			t.Errorf("delivered %s", d.Body)
		}
		mu.Lock()
		defer mu.Unlock()
		if len(acknowledged) != len(kept) {
			t.Error("an event was acknowledged before it was kept")
		}
		kept = append(kept, d.ID)
		return nil
	})
	if greenroom.ErrorCode(err) != greenroom.CodeForbidden {
		t.Errorf("the stream ended with %v, want it to say that Socket Mode is turned off", err)
	}
	if want := []string{"Ev1", "Ev2"}; !slices.Equal(kept, want) || len(acknowledged) != 2 {
		t.Errorf("kept %v and acknowledged %v, want %v", kept, acknowledged, want)
	}
}

// TestSocketModeKeepsWhatIsNotStored does not acknowledge an event that could not be kept.
func TestSocketModeKeepsWhatIsNotStored(t *testing.T) {
	f := makeFake(1)
	answers := make(chan error, 1)
	f.sockets = func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.CloseNow() }()
		_ = wsjson.Write(r.Context(), conn, object{"type": "events_api", "envelope_id": "e", "payload": event(1, object{"type": "message"})})
		_, _, err = conn.Read(r.Context())
		answers <- err
	}
	srv := httptest.NewServer(f)
	defer srv.Close()
	streamer := open(t, connectortest.LiveEnv(t), values(srv.URL))
	full := errors.New("the disk is full")
	err := streamer.Stream(t.Context(), func(context.Context, connector.Delivery) error { return full })
	if !errors.Is(err, full) {
		t.Errorf("the stream ended with %v", err)
	}
	if err := <-answers; err == nil {
		t.Error("an event that was not kept was acknowledged")
	}
}
