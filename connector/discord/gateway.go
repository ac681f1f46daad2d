// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package discord

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// The operations of the gateway.
const (
	opEvent     = 0
	opHeartbeat = 1
	opIdentify  = 2
	opResume    = 6
	opReconnect = 7
	opInvalid   = 9
	opHello     = 10
	opAlive     = 11
)

// The intents: which events Discord sends. The last two have to be turned on for the bot.
const (
	intentGuilds    = 1 << 0
	intentMessages  = 1 << 9
	intentReactions = 1 << 10
	intentMembers   = 1 << 1
	intentContent   = 1 << 15
)

// Why the gateway closes a connection, as far as opening it again is of no use or has to begin anew.
const (
	closeToken    = 4004
	closeSequence = 4007
	closeTimeout  = 4009
	closeShard    = 4010
	closeSharding = 4011
	closeVersion  = 4012
	closeIntents  = 4013
	closeRefused  = 4014
)

const maxFrame = 32 << 20 // bytes: the state of a large server comes in one piece

// resume is where a stream goes on after its connection has ended: Discord keeps what happened meanwhile for a while.
type resume struct {
	session, address string
	seq              int64
}

// Stream passes on events by the gateway until its connection ends for good. An event counts as taken once it is stored:
// only then is its number what a heartbeat names, and what the next connection resumes behind.
func (s *source) Stream(ctx context.Context, deliver func(context.Context, connector.Delivery) error) error {
	id, err := s.identity(ctx)
	if err != nil {
		return err
	}
	for {
		address := s.stream.address
		if s.stream.session == "" {
			address = id.address
		}
		again, err := s.connect(ctx, address, id, deliver)
		if err != nil || !again {
			return err
		}
		// Discord wants a little distance before another session begins.
		if err := s.env.Sleep(ctx, time.Second+rand.N(4*time.Second)); err != nil { //nolint:gosec // no secret
			return err //nolint:wrapcheck // the environment's own words
		}
	}
}

// identity is what a connection identifies itself with.
type identity struct {
	address      string
	intents      int
	shard, total int
}

// identity asks where the gateway is, and which intents the bot has. A bot in very many servers gets their events in parts,
// of which the server's is asked for.
func (s *source) identity(ctx context.Context) (*identity, error) {
	var app wireApplication
	if _, err := s.client.Into(ctx, "/applications/@me", nil, &app); err != nil {
		return nil, err
	}
	guild, err := s.server(ctx)
	if err != nil {
		return nil, err
	}
	var gateway struct {
		URL    string `json:"url"`
		Shards uint64 `json:"shards"`
		Limit  struct {
			Remaining  int   `json:"remaining"`
			ResetAfter int64 `json:"reset_after"` // milliseconds
		} `json:"session_start_limit"`
	}
	gateway.Limit.Remaining = 1
	if _, err := s.client.Into(ctx, "/gateway/bot", nil, &gateway); err != nil {
		return nil, err
	}
	if gateway.Limit.Remaining == 0 && s.stream.session == "" {
		wait := time.Duration(gateway.Limit.ResetAfter) * time.Millisecond
		return nil, &greenroom.Error{
			Code: greenroom.CodeLimited, Err: &rest.Limit{Wait: wait},
			Message: "Discord lets this bot begin no more sessions of its gateway until " + s.env.Now().Add(wait).UTC().Format("2006-01-02 15:04 UTC"),
		}
	}
	id := &identity{address: gateway.URL, intents: intentGuilds | intentMessages | intentReactions, total: int(max(1, gateway.Shards))} //nolint:gosec // a few
	id.shard = int((flake(guild) >> 22) % uint64(id.total))                                                                             //nolint:gosec // a few
	if app.Flags&flagContent != 0 {
		id.intents |= intentContent
	}
	if app.Flags&flagMembers != 0 && s.set.On(optMembers) {
		id.intents |= intentMembers
	}
	return id, nil
}

// connection is one connection to the gateway.
type connection struct {
	s    *source
	conn *websocket.Conn
	id   *identity

	mu       sync.Mutex  // guards s.stream.seq, which the heart reads
	answered atomic.Bool // the last heartbeat was
	beating  bool
}

// connect opens a connection and listens, and reports whether the next one is to be opened at once.
func (s *source) connect(ctx context.Context, address string, id *identity, deliver func(context.Context, connector.Delivery) error) (again bool, _ error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return false, greenroom.Errorf(greenroom.CodeInvalid, "Discord gave no address of its gateway")
	}
	u.RawQuery = "v=10&encoding=json"
	if u.Path == "" {
		u.Path = "/"
	}
	conn, _, err := websocket.Dial(ctx, u.String(), &websocket.DialOptions{HTTPClient: s.env.HTTP}) //nolint:bodyclose // the library closes it
	if err != nil {
		s.stream.session = ""
		return false, &greenroom.Error{Code: greenroom.CodeUnavailable, Message: "Discord's gateway cannot be reached", Err: err}
	}
	conn.SetReadLimit(maxFrame)
	defer func() { _ = conn.CloseNow() }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	g := &connection{s: s, conn: conn, id: id}
	for {
		var f frame
		_, data, err := conn.Read(ctx)
		switch {
		case err != nil && ctx.Err() != nil:
			return false, fmt.Errorf("listening was stopped: %w", ctx.Err())
		case err != nil:
			return g.closed(err)
		case rest.Unmarshal(data, &f) != nil:
			s.env.Meter.Warn("Discord sent something over its gateway that is no frame; it was passed over.")
			continue
		}
		done, err := g.frame(ctx, &f, data, deliver)
		if err != nil || done {
			return done && err == nil, err
		}
	}
}

// frame treats what came. It reports whether the connection is to be left for another one.
func (g *connection) frame(ctx context.Context, f *frame, data []byte, deliver func(context.Context, connector.Delivery) error) (done bool, _ error) {
	s := g.s
	switch f.Op {
	case opHello:
		var hello struct {
			Interval int64 `json:"heartbeat_interval"` // milliseconds
		}
		if rest.Unmarshal(f.Data, &hello) == nil && hello.Interval > 0 && !g.beating {
			g.beating = true
			g.answered.Store(true)
			go g.beat(ctx, time.Duration(hello.Interval)*time.Millisecond)
		}
		return false, g.begin(ctx)
	case opHeartbeat:
		return false, g.heartbeat(ctx)
	case opAlive:
		g.answered.Store(true)
	case opReconnect:
		return true, nil
	case opInvalid:
		if string(f.Data) != "true" {
			s.stream = resume{}
		}
		return true, nil
	case opEvent:
		return false, g.event(ctx, f, data, deliver)
	}
	return false, nil
}

// begin goes on with the last session, or begins one.
func (g *connection) begin(ctx context.Context) error {
	token := strings.TrimPrefix(g.s.set.Text(optToken), "Bot ")
	if st := g.s.stream; st.session != "" {
		return g.send(ctx, opResume, map[string]any{"token": token, "session_id": st.session, "seq": st.seq})
	}
	return g.send(ctx, opIdentify, map[string]any{
		"token": token, "intents": g.id.intents, "shard": []int{g.id.shard, g.id.total},
		"properties": map[string]string{"os": "linux", "browser": "greenroom", "device": "greenroom"},
	})
}

func (g *connection) send(ctx context.Context, op int, d any) error {
	if err := wsjson.Write(ctx, g.conn, map[string]any{"op": op, "d": d}); err != nil {
		return &greenroom.Error{Code: greenroom.CodeUnavailable, Message: "the connection to Discord broke off", Err: err}
	}
	return nil
}

// event delivers an event, and then counts it as taken.
func (g *connection) event(ctx context.Context, f *frame, data []byte, deliver func(context.Context, connector.Delivery) error) error {
	st := &g.s.stream
	if f.Type == "READY" {
		var ready struct {
			Session string `json:"session_id"`
			Address string `json:"resume_gateway_url"`
		}
		if err := rest.Unmarshal(f.Data, &ready); err == nil {
			st.session, st.address = ready.Session, ready.Address
		}
	}
	if wantedEvents[f.Type] {
		d := connector.Delivery{ID: st.session + "/" + strconv.FormatInt(f.Seq, 10), ReceivedAt: g.s.env.Now(), Method: http.MethodPost, Path: f.Type, Body: data}
		if err := deliver(ctx, d); err != nil {
			return err
		}
	}
	g.mu.Lock()
	st.seq = f.Seq
	g.mu.Unlock()
	return nil
}

// heartbeat says that this side is there, and up to which event it has taken.
func (g *connection) heartbeat(ctx context.Context) error {
	g.mu.Lock()
	seq := any(g.s.stream.seq)
	if g.s.stream.seq == 0 {
		seq = nil
	}
	g.mu.Unlock()
	return g.send(ctx, opHeartbeat, seq)
}

// beat sends heartbeats, the first after a random part of the interval. When one was not answered before the next, the
// other side is gone, and the connection is closed; listening then opens another one.
func (g *connection) beat(ctx context.Context, interval time.Duration) {
	timer := time.NewTimer(rand.N(interval)) //nolint:gosec // no secret
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		if !g.answered.Swap(false) || g.heartbeat(ctx) != nil {
			_ = g.conn.CloseNow()
			return
		}
		timer.Reset(interval)
	}
}

// closed says what follows when the connection has ended.
func (g *connection) closed(err error) (again bool, _ error) {
	fail := func(code greenroom.Code, message string) (bool, error) {
		g.s.stream = resume{}
		return false, &greenroom.Error{Code: code, Message: message, Err: err}
	}
	var end websocket.CloseError
	if !errors.As(err, &end) { // broken off, or given up on by beat: the next call resumes
		return false, &greenroom.Error{Code: greenroom.CodeUnavailable, Message: "the connection to Discord broke off", Err: err}
	}
	switch end.Code {
	case closeToken:
		return fail(greenroom.CodeUnauthorized, "Discord refuses the bot token; make a new one and enter it in the settings of the source")
	case closeRefused, closeIntents:
		return fail(greenroom.CodeForbidden, "Discord refuses the bot's intents; turn on Server Members Intent and Message Content Intent on the page Bot of the developer portal")
	case closeShard, closeSharding, closeVersion:
		return fail(greenroom.CodeInvalid, "Discord refuses the connection: "+end.Reason)
	case closeSequence, closeTimeout, websocket.StatusNormalClosure, websocket.StatusGoingAway: // the session has ended
		g.s.stream = resume{}
	default:
	}
	return true, nil
}
