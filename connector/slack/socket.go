// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package slack

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/socket"
)

// maxEnvelope is how large a message may be, in bytes.
const maxEnvelope = 4 << 20

// envelope is what Slack sends over the connection.
type envelope struct {
	Type    string         `json:"type"` // hello, disconnect, events_api, and interactive kinds that are not used
	ID      string         `json:"envelope_id"`
	Reason  string         `json:"reason"` // of a disconnect: warning, refresh_requested, link_disabled, …
	Payload jsontext.Value `json:"payload"`
}

// Stream passes on events by Socket Mode until the connection ends. Slack closes connections every few hours and says so
// ten seconds before; the next one is opened before the old one is left. An event is acknowledged once it is stored;
// Slack sends one that was not to the next connection.
func (s *source) Stream(ctx context.Context, deliver func(context.Context, connector.Delivery) error) error {
	if s.set.Text(optAppToken) == "" {
		return greenroom.Errorf(greenroom.CodeInvalid, "Socket Mode needs the app-level token, which begins with xapp-")
	}
	for {
		conn, err := s.dial(ctx)
		if err != nil {
			return err
		}
		again, err := s.listen(ctx, conn, deliver)
		if err != nil || !again {
			return err
		}
	}
}

// dial asks for the address of a connection and opens it.
func (s *source) dial(ctx context.Context) (*websocket.Conn, error) {
	var answer struct {
		URL string `json:"url"`
	}
	ans, err := s.client.Do(ctx, rest.Request{
		Method: http.MethodPost, Path: "/apps.connections.open", Type: "application/x-www-form-urlencoded",
		Header: http.Header{"Authorization": {"Bearer " + s.set.Text(optAppToken)}},
	})
	if err == nil {
		err = s.client.Decode(ans, &answer)
	}
	if err != nil {
		return nil, err
	}
	conn, _, err := websocket.Dial(ctx, answer.URL, &websocket.DialOptions{HTTPClient: s.env.HTTP}) //nolint:bodyclose // the library closes it
	if err != nil {
		return nil, &greenroom.Error{Code: greenroom.CodeUnavailable, Message: "Slack's Socket Mode cannot be reached", Err: err}
	}
	conn.SetReadLimit(maxEnvelope)
	return conn, nil
}

// listen passes on what comes over a connection, and reports whether the next one is to be opened at once.
func (s *source) listen(ctx context.Context, conn *websocket.Conn, deliver func(context.Context, connector.Delivery) error) (again bool, _ error) {
	defer func() { _ = conn.CloseNow() }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go socket.Watch(ctx, conn, socket.Quiet)
	for {
		var e envelope
		_, data, err := conn.Read(ctx)
		if err == nil {
			if bad := rest.Unmarshal(data, &e); bad != nil {
				s.env.Meter.Warn("Slack sent something over Socket Mode that is no envelope; it was passed over.")
				continue
			}
		}
		switch {
		case ctx.Err() != nil:
			return false, fmt.Errorf("listening was stopped: %w", ctx.Err())
		case err != nil && websocket.CloseStatus(err) == websocket.StatusNormalClosure:
			return true, nil
		case err != nil:
			return false, &greenroom.Error{Code: greenroom.CodeUnavailable, Message: "the connection to Slack broke off", Err: err}
		case e.Type == "disconnect" && e.Reason == "link_disabled":
			return false, greenroom.Errorf(greenroom.CodeForbidden, "Socket Mode is turned off for the app; turn it on at api.slack.com/apps, or enter the public address there")
		case e.Type == "disconnect":
			return true, nil
		case e.Type == "hello" || e.ID == "":
			continue
		}
		if err := s.envelope(ctx, conn, &e, deliver); err != nil {
			return false, err
		}
	}
}

// envelope delivers an event and acknowledges it. What is no event has nothing to be kept and is acknowledged alone.
func (s *source) envelope(ctx context.Context, conn *websocket.Conn, e *envelope, deliver func(context.Context, connector.Delivery) error) error {
	if e.Type == "events_api" {
		var b delivery
		if rest.Unmarshal(e.Payload, &b) != nil {
			b.EventID = e.ID
		}
		if err := deliver(ctx, connector.Delivery{ID: b.EventID, ReceivedAt: s.env.Now(), Method: http.MethodPost, Body: e.Payload}); err != nil {
			return err
		}
	}
	if err := wsjson.Write(ctx, conn, map[string]string{"envelope_id": e.ID}); err != nil {
		return &greenroom.Error{Code: greenroom.CodeUnavailable, Message: "the connection to Slack broke off", Err: err}
	}
	return nil
}

var (
	errNoMessage = errors.New("the edited message is missing")
	errNoTS      = errors.New("the ts of the message is missing or is not a time")
)
