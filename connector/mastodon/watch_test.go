// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package mastodon_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/mastodon"
)

// streamer is a server that streams: what is sent into events goes to whoever listens, and closing it breaks the stream off.
type streamer struct {
	mu     sync.Mutex
	asked  []string
	events chan string
	refuse int // a status instead of a stream
}

func (s *streamer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/api/v1/streaming" {
		http.NotFound(w, r)
		return
	}
	if s.refuse != 0 || r.Header.Get("Authorization") != "Bearer t" {
		http.Error(w, "{}", max(s.refuse, http.StatusUnauthorized))
		return
	}
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = conn.CloseNow() }()
	var wanted map[string]string
	if wsjson.Read(r.Context(), conn, &wanted) != nil {
		return
	}
	s.mu.Lock()
	s.asked = append(s.asked, r.URL.RawQuery, wanted["type"]+" "+wanted["stream"]+" "+wanted["tag"])
	s.mu.Unlock()
	for e := range s.events {
		if conn.Write(r.Context(), websocket.MessageText, []byte(e)) != nil {
			return
		}
	}
}

// TestWatch listens to notifications and hashtags, tells when something happens, and says why it ends.
func TestWatch(t *testing.T) {
	s := &streamer{events: make(chan string)}
	srv := httptest.NewServer(s)
	defer srv.Close()
	open := func(token string) connector.Watcher {
		env := connectortest.LiveEnv(t)
		env.HTTP = srv.Client()
		src, err := mastodon.New(env, connector.Values{"address": srv.URL, "token": token, "hashtags": "acme"})
		if err != nil {
			t.Fatal(err)
		}
		return src.(connector.Watcher) //nolint:errcheck,forcetypeassert // the compiler has checked it
	}
	news, ended := make(chan struct{}, 10), make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { ended <- open("t").Watch(ctx, func() { news <- struct{}{} }) }()
	told := func(what string) {
		t.Helper()
		select {
		case <-news:
		case err := <-ended:
			t.Fatalf("%s: ended with %v", what, err)
		case <-time.After(3 * time.Minute):
			t.Fatalf("%s: nothing was told", what)
		}
	}
	told("at the beginning")
	s.events <- `{"stream":["user:notification"],"event":"notification","payload":"{}"}`
	told("a notification")
	s.events <- `no JSON`
	s.events <- `{"stream":["hashtag","acme"],"event":"update","payload":"{}"}`
	told("a post")
	close(s.events)
	if err := <-ended; greenroom.ErrorCode(err) != greenroom.CodeUnavailable {
		t.Errorf("a stream that breaks off ends with %v", err)
	}
	if len(news) != 0 || !slices.Equal(s.asked, []string{"stream=user%3Anotification", "subscribe hashtag acme"}) {
		t.Errorf("was asked for %q, %d more told", s.asked, len(news))
	}
	for token, refuse := range map[string]int{"": 0, "t": http.StatusNotFound, "old": 0} {
		s.refuse = refuse
		if err := open(token).Watch(t.Context(), func() {}); greenroom.ErrorCode(err) != greenroom.CodeInvalid || strings.Contains(err.Error(), "Bearer") {
			t.Errorf("with the token %q and %d: %v", token, refuse, err)
		}
	}
}
