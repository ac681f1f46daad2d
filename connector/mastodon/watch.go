// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package mastodon

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"greenroom"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/socket"
)

// maxEvent is how large a message may be, in bytes.
const maxEvent = 4 << 20

// Watch listens to the account's notifications and to the hashtags, and tells when something happens there. A post by
// itself is not enough to be taken in: which conversation it belongs to has to be asked, which Read does.
func (s *source) Watch(ctx context.Context, news func()) error {
	if s.set.Text(optToken) == "" {
		return greenroom.Errorf(greenroom.CodeInvalid, "servers stream to accounts only, and there is no token")
	}
	address, err := s.streaming(ctx)
	if err != nil {
		return err
	}
	conn, res, err := websocket.Dial(ctx, address, &websocket.DialOptions{HTTPClient: s.env.HTTP, HTTPHeader: http.Header{"Authorization": {"Bearer " + s.set.Text(optToken)}}}) //nolint:bodyclose // the library closes it
	if err != nil {
		if res != nil && (res.StatusCode == http.StatusNotFound || res.StatusCode == http.StatusUnauthorized || res.StatusCode == http.StatusForbidden) {
			return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the server does not stream to this token", Err: err}
		}
		return &greenroom.Error{Code: greenroom.CodeUnavailable, Message: "the server's streaming API cannot be reached", Err: err}
	}
	defer func() { _ = conn.CloseNow() }()
	conn.SetReadLimit(maxEvent)
	var wanted []map[string]string
	for _, tag := range s.hashtags() {
		wanted = append(wanted, map[string]string{"type": "subscribe", "stream": "hashtag", "tag": tag})
	}
	for _, w := range wanted {
		if err := wsjson.Write(ctx, conn, w); err != nil {
			return brokeOff(ctx, err)
		}
	}
	news() // what happened before
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go socket.Watch(ctx, conn, socket.Quiet)
	for {
		var e struct {
			Event string `json:"event"`
			Error string `json:"error"`
		}
		_, data, err := conn.Read(ctx)
		if err != nil {
			return brokeOff(ctx, err)
		}
		if rest.Unmarshal(data, &e) != nil {
			continue
		}
		if e.Error != "" {
			s.env.Meter.Warn("The server does not stream all that is listened to: " + e.Error)
		}
		if e.Event != "" {
			news()
		}
	}
}

func brokeOff(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("listening was stopped: %w", ctx.Err())
	}
	return &greenroom.Error{Code: greenroom.CodeUnavailable, Message: "the stream broke off", Err: err}
}

// streaming is the address of the streaming API: a server may have another host for it, and says so.
func (s *source) streaming(ctx context.Context) (string, error) {
	var about struct {
		Configuration struct {
			URLs struct {
				Streaming string `json:"streaming"`
			} `json:"urls"`
		} `json:"configuration"`
	}
	_, err := s.client.Into(ctx, "/api/v2/instance", nil, &about)
	if err != nil && !rest.Gone(err) {
		return "", err
	}
	base := about.Configuration.URLs.Streaming
	if base == "" {
		base = s.set.Text(optAddress)
	}
	u, err := url.Parse(strings.TrimSuffix(base, "/") + "/api/v1/streaming")
	if err != nil || u.Host == "" {
		return "", greenroom.Errorf(greenroom.CodeInvalid, "the server says that it streams at %q, which is no address", base)
	}
	u.RawQuery = url.Values{"stream": {"user:notification"}}.Encode() // here, since GoToSocial subscribes to notifications by no message
	u.Scheme = strings.Replace(u.Scheme, "http", "ws", 1)
	if u.Scheme != "wss" && !strings.HasPrefix(s.set.Text(optAddress), "http://") { // the token would go in the clear
		u.Scheme = "wss"
	}
	return u.String(), nil
}
