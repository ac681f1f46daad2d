// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package slack_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

type object = map[string]any

var day0 = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

// ts is the ts of the ith message of a channel.
func ts(i int) string { return fmt.Sprintf("%d.%06d", day0.Unix()+int64(i)*60, 100) }

// fake is a workspace that answers as Slack's Web API does: #general with n messages, of which every tenth opens a thread
// with two replies and every fifth has a reaction; #help, with one message of somebody from another workspace, private
// #team, and #elsewhere, which the app is not in.
type fake struct {
	n       int
	size    int  // messages of a page; 0 = ten, or as many as are asked for where there are many
	slow    bool // gives fifteen messages at most, as apps outside of the Marketplace get
	scopes  string
	forget  int // cursors that it says it does not know
	mu      sync.Mutex
	edited  map[int]string
	late    map[int]bool // messages whose thread has a third reply, written after everything else
	asked   map[string]int
	sockets func(w http.ResponseWriter, r *http.Request)
}

const allScopes = "channels:read,channels:history,groups:read,groups:history,users:read,users:read.email,users.profile:read,reactions:read"

func newFake(n int) http.Handler { return makeFake(n) }

func makeFake(n int) *fake {
	return &fake{n: n, scopes: allScopes, edited: map[int]string{}, late: map[int]bool{}, asked: map[string]int{}}
}

func user(i int) object {
	return object{
		"id": fmt.Sprintf("U%d", i), "team_id": "T1", "name": fmt.Sprintf("person%d", i), "deleted": i == 6, "tz": "Europe/Berlin", "is_bot": i == 5,
		"is_email_confirmed": true, "updated": day0.Unix(),
		"profile": object{"real_name": fmt.Sprintf("Person %d", i), "display_name": fmt.Sprintf("P%d", i), "email": fmt.Sprintf("P%d@Example.org", i), "title": "Engineer", "fields": nil},
	}
}

func (f *fake) message(i int) object {
	o := object{"type": "message", "user": fmt.Sprintf("U%d", i%4+1), "ts": ts(i), "text": fmt.Sprintf("Message %d for <@U2> &amp; all", i), "client_msg_id": strconv.Itoa(i)}
	if i%10 == 0 {
		o["thread_ts"], o["reply_count"], o["latest_reply"] = ts(i), 2, reply(i, 2)["ts"]
	}
	if i%5 == 0 {
		o["reactions"] = []object{{"name": "eyes", "users": []string{"U3"}, "count": 1}}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if text, ok := f.edited[i]; ok {
		o["text"], o["edited"] = text, object{"user": o["user"], "ts": ts(1_000_000)}
	}
	if f.late[i] {
		o["latest_reply"] = lateReply(i)["ts"]
	}
	return o
}

func reply(i, k int) object {
	return object{"type": "message", "user": fmt.Sprintf("U%d", (i+k)%4+1), "ts": fmt.Sprintf("%s%d", strings.TrimSuffix(ts(i), "0"), k), "thread_ts": ts(i), "text": fmt.Sprintf("Reply %d", k)}
}

func lateReply(i int) object {
	return object{"type": "message", "user": "U4", "ts": fmt.Sprintf("%d.000300", time.Date(2026, 11, 22, 11, 58, 0, 0, time.UTC).Unix()), "thread_ts": ts(i), "text": "Late"}
}

func (f *fake) channels() []object {
	return []object{
		{"id": "C1", "name": "general", "is_channel": true, "is_member": true, "num_members": 5},
		{"id": "C2", "name": "elsewhere", "is_channel": true, "is_member": false, "num_members": 3},
		{"id": "C3", "name": "help", "is_channel": true, "is_member": true, "num_members": 2},
		{"id": "C4", "name": "team", "is_private": true, "is_member": true, "num_members": 2},
	}
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method := strings.TrimPrefix(r.URL.Path, "/api/")
	f.mu.Lock()
	f.asked[method]++
	f.mu.Unlock()
	q := r.URL.Query()
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch {
	case method == "socket":
		f.sockets(w, r)
	case token != "xoxb-good" && (method != "apps.connections.open" || token != "xapp-good"):
		give(w, object{"ok": false, "error": "invalid_auth"})
	case method == "auth.test":
		w.Header().Set("X-OAuth-Scopes", f.scopes)
		give(w, object{"ok": true, "url": "https://acme.slack.com/", "team": "Acme", "team_id": "T1", "user": "greenroom", "user_id": "U5", "bot_id": "B5"})
	case method == "apps.connections.open":
		give(w, object{"ok": true, "url": "ws://" + r.Host + "/api/socket"})
	case method == "conversations.list":
		if !strings.Contains(f.scopes, "groups:read") && strings.Contains(q.Get("types"), "private") {
			give(w, object{"ok": false, "error": "missing_scope", "needed": "groups:read", "provided": f.scopes})
			return
		}
		f.list(w, r, "channels", f.channels())
	case method == "users.list":
		f.list(w, r, "members", []object{user(1), user(2), user(3), user(4), user(5), user(6)})
	case method == "users.info":
		f.info(w, q.Get("user"))
	case method == "conversations.info" && q.Get("channel") == "C9":
		give(w, object{"ok": true, "channel": object{"id": "C9", "name": "new", "is_channel": true, "is_member": true}})
	case method == "conversations.info":
		give(w, object{"ok": false, "error": "channel_not_found"})
	case method == "users.profile.get":
		give(w, object{"ok": true, "profile": object{"fields": object{"X1": object{"value": "https://github.com/" + strings.ToLower(q.Get("user")), "alt": ""}}}})
	case method == "conversations.history":
		f.history(w, r)
	case method == "conversations.replies":
		f.replies(w, r)
	case method == "reactions.get":
		give(w, object{"ok": true, "type": "message", "message": object{"reactions": []object{{"name": "tada", "users": []string{"U1", "U2", "U3"}, "count": 3}}}})
	default:
		give(w, object{"ok": false, "error": "unknown_method"})
	}
}

func (f *fake) info(w http.ResponseWriter, id string) {
	if id != "U77" {
		give(w, object{"ok": false, "error": "user_not_found"})
		return
	}
	o := user(77)
	o["team_id"] = "T9"
	give(w, object{"ok": true, "user": o})
}

// list gives two entries a page, with cursors.
func (f *fake) list(w http.ResponseWriter, r *http.Request, name string, all []object) {
	from, _ := strconv.Atoi(r.URL.Query().Get("cursor"))
	to := min(from+2, len(all))
	next := ""
	if to < len(all) {
		next = strconv.Itoa(to)
	}
	give(w, object{"ok": true, name: all[from:to], "response_metadata": object{"next_cursor": next}})
}

// history gives a channel from its newest message backwards.
func (f *fake) history(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	n := f.n
	make := f.message
	switch q.Get("channel") {
	case "C1":
	case "C3":
		n, make = 1, func(int) object {
			return object{"type": "message", "user": "U77", "ts": ts(3), "text": "Hello from <@U77> elsewhere", "reactions": []object{{"name": "tada", "users": []string{"U1"}, "count": 3}}}
		}
	case "C4":
		n, make = 1, func(int) object {
			return object{"type": "message", "subtype": "channel_join", "user": "U2", "ts": ts(4), "text": "<@U2> has joined the channel"}
		}
	default:
		give(w, object{"ok": false, "error": "not_in_channel"})
		return
	}
	size, _ := strconv.Atoi(q.Get("limit"))
	switch {
	case f.slow:
		size = min(size, 15)
	case f.size > 0:
		size = f.size
	case n <= 1000:
		size = 10
	}
	first := 1
	for ; q.Get("oldest") != "" && first <= n && q.Get("channel") == "C1" && ts(first) < q.Get("oldest"); first++ {
	}
	last := n
	if c := q.Get("cursor"); c != "" {
		f.mu.Lock()
		f.forget--
		stale := f.forget >= 0
		f.mu.Unlock()
		if stale {
			give(w, object{"ok": false, "error": "invalid_cursor"})
			return
		}
		last, _ = strconv.Atoi(c)
	}
	page := []object{}
	for ; last >= first && len(page) < size; last-- {
		page = append(page, make(last))
	}
	next := ""
	if last >= first {
		next = strconv.Itoa(last)
	}
	give(w, object{"ok": true, "messages": page, "has_more": next != "", "response_metadata": object{"next_cursor": next}})
}

// replies gives a thread: its first message, and the replies not older than what is asked for, one a page.
func (f *fake) replies(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	at, _, _ := strings.Cut(q.Get("ts"), ".")
	seconds, err := strconv.ParseInt(at, 10, 64)
	i := int(seconds-day0.Unix()) / 60
	if err != nil || i%10 != 0 {
		give(w, object{"ok": false, "error": "thread_not_found"})
		return
	}
	all := []object{reply(i, 1), reply(i, 2)}
	f.mu.Lock()
	if f.late[i] {
		all = append(all, lateReply(i))
	}
	f.mu.Unlock()
	from, _ := strconv.Atoi(q.Get("cursor"))
	next := ""
	if from+1 < len(all) {
		next = strconv.Itoa(from + 1)
	}
	give(w, object{"ok": true, "messages": []object{f.message(i), all[from]}, "has_more": next != "", "response_metadata": object{"next_cursor": next}})
}

func give(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}
