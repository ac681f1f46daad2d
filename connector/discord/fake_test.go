// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package discord_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

type object = map[string]any

var day0 = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

func at(i int) time.Time { return day0.Add(time.Duration(i) * time.Second) }

// flake is the id of the ith message.
func flake(i int) string { return flakeAt(at(i)) }

func flakeAt(t time.Time) string {
	return strconv.FormatUint(uint64(t.UnixMilli()-1_420_070_400_000)<<22, 10) //nolint:gosec // after 2015
}

const (
	guild   = "900"
	general = "911"
	forum   = "912"
	secret  = "913"
)

// fake is a server that answers as Discord's API does: #general with n messages, of which every tenth answers the one
// before and every fifth has a reaction, and on the fourth of which hangs an active thread; the forum #help with two archived
// posts, one of them solved; #secret, which the bot may not view.
type fake struct {
	n       int
	flags   int64
	perms   string
	mu      sync.Mutex
	edited  map[int]string
	woken   bool // somebody has written in the first archived post, which makes it active
	limited bool // every answer says that its route's budget is used up for a quarter of a second
	asked   map[string]int
	host    string // at which it was last asked
	gateway http.HandlerFunc
}

func newFake(n int) http.Handler { return makeFake(n) }

func makeFake(n int) *fake {
	return &fake{n: n, flags: 1<<15 | 1<<19, perms: "66560", edited: map[int]string{}, asked: map[string]int{}}
}

func user(i int) object {
	return object{"id": strconv.Itoa(200 + i), "username": fmt.Sprintf("person%d", i), "global_name": fmt.Sprintf("Person %d", i), "discriminator": "0", "avatar": "a1b2", "bot": i == 9}
}

func member(i int) object {
	o := object{"user": user(i), "nick": nil, "roles": []string{}, "joined_at": "2025-01-02T03:04:05.678000+00:00", "avatar": nil}
	if i == 1 {
		o["nick"], o["roles"] = "Nick", []string{"950"}
	}
	return o
}

func (f *fake) message(i int) object {
	o := object{
		"id": flake(i), "channel_id": general, "type": 0, "content": fmt.Sprintf("Message %d for <@201> in <#912>", i), "timestamp": at(i).Format("2006-01-02T15:04:05.000000+00:00"),
		"edited_timestamp": nil, "author": user(i%4 + 1), "mentions": []object{user(1)}, "attachments": []object{}, "embeds": []object{},
	}
	if i%10 == 0 {
		o["type"], o["message_reference"] = 19, object{"type": 0, "message_id": flake(i - 1), "channel_id": general, "guild_id": guild}
	}
	if i%5 == 0 && (f.n <= 1000 || i%100 == 0) {
		o["reactions"] = []object{{"emoji": object{"id": nil, "name": "👍"}, "count": 2, "count_details": object{"burst": 0, "normal": 2}}}
	}
	if i == 4 {
		o["thread"] = f.thread()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if text, ok := f.edited[i]; ok {
		o["content"], o["edited_timestamp"] = text, "2026-11-22T11:00:00.000000+00:00"
	}
	return o
}

// thread hangs on the fourth message.
func (f *fake) thread() object {
	return object{
		"id": flake(4), "type": 11, "guild_id": guild, "parent_id": general, "name": "Side talk", "last_message_id": flake(5003), "total_message_sent": 3,
		"thread_metadata": object{"archived": false, "archive_timestamp": at(150).Format(time.RFC3339), "create_timestamp": at(5000).Format(time.RFC3339)},
	}
}

// post is an archived post of the forum, the kth from the newest.
func (f *fake) post(k int) object {
	o := object{
		"id": flake(300 + k), "type": 11, "guild_id": guild, "parent_id": forum, "name": fmt.Sprintf("How do I %d?", k), "last_message_id": flake(310 + k), "applied_tags": []string{},
		"thread_metadata": object{"archived": true, "archive_timestamp": at(1000 - k).Format(time.RFC3339), "create_timestamp": at(300 + k).Format(time.RFC3339)},
	}
	if k == 1 {
		o["applied_tags"] = []string{"970"}
		f.mu.Lock()
		if f.woken {
			o["last_message_id"] = flakeAt(late)
		}
		f.mu.Unlock()
	}
	return o
}

var late = time.Date(2026, 11, 22, 11, 58, 0, 0, time.UTC)

// inThread are the messages of a thread.
func (f *fake) inThread(id string) []object {
	one := func(at time.Time, author, kind int, text string) object {
		return object{"id": flakeAt(at), "channel_id": id, "type": kind, "content": text, "timestamp": at.Format(time.RFC3339), "author": user(author), "mentions": []object{}}
	}
	switch id {
	case flake(4):
		return []object{one(at(5001), 1, 21, ""), one(at(5002), 2, 0, "Aside"), one(at(5003), 3, 0, "Indeed")}
	case flake(301), flake(302):
		k := 1
		if id == flake(302) {
			k = 2
		}
		all := []object{one(at(300+k), 1, 0, "I wonder"), one(at(310+k), 2, 0, "So")}
		f.mu.Lock()
		defer f.mu.Unlock()
		if k == 1 && f.woken {
			all = append(all, one(late, 3, 0, "Late"))
		}
		return all
	}
	return nil
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/api/v10")
	f.mu.Lock()
	f.asked[path]++
	f.host = r.Host
	f.mu.Unlock()
	if path == "/socket" {
		f.gateway(w, r)
		return
	}
	if r.Header.Get("Authorization") != "Bot good" {
		fail(w, http.StatusUnauthorized, 0, "401: Unauthorized")
		return
	}
	if f.limited {
		w.Header().Set("X-RateLimit-Limit", "5")
		w.Header().Set("X-RateLimit-Remaining", "0")
		w.Header().Set("X-RateLimit-Reset-After", "0.250")
		w.Header().Set("X-RateLimit-Reset", "1800000000.250")
	}
	switch path {
	case "/users/@me":
		give(w, user(9))
	case "/users/@me/guilds":
		give(w, []object{{"id": guild, "name": "Harbor"}})
	case "/applications/@me":
		give(w, object{"id": "909", "name": "Greenroom", "flags": f.flags})
	case "/gateway/bot":
		give(w, object{"url": "ws://" + r.Host + "/socket", "shards": 1, "session_start_limit": object{"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}})
	case "/guilds/" + guild:
		give(w, object{"id": guild, "name": "Harbor", "owner_id": "1", "approximate_member_count": 5, "roles": []object{
			{"id": guild, "name": "@everyone", "permissions": f.perms}, {"id": "950", "name": "Team", "permissions": "0"},
		}})
	case "/guilds/" + guild + "/channels":
		give(w, []object{
			{"id": "910", "type": 4, "name": "Community"},
			{"id": general, "type": 0, "name": "general", "parent_id": "910", "last_message_id": flake(f.n)},
			{"id": forum, "type": 15, "name": "help", "parent_id": "910", "last_message_id": flake(302), "available_tags": []object{{"id": "970", "name": "Solved"}}},
			{"id": secret, "type": 0, "name": "secret", "last_message_id": flake(1), "permission_overwrites": []object{{"id": guild, "type": 0, "allow": "0", "deny": "1024"}}},
		})
	case "/guilds/" + guild + "/members":
		give(w, []object{member(1), member(2), member(3), member(9)})
	case "/guilds/" + guild + "/threads/active":
		all := []object{f.thread()}
		if f.woken {
			all = append(all, f.post(1))
		}
		give(w, object{"threads": all, "members": []object{}})
	case "/guilds/" + guild + "/messages/search":
		give(w, object{"total_results": f.n, "messages": []object{}})
	default:
		f.more(w, r, path)
	}
}

func (f *fake) more(w http.ResponseWriter, r *http.Request, path string) {
	q := r.URL.Query()
	parts := strings.Split(strings.Trim(path, "/"), "/")
	switch {
	case strings.HasPrefix(path, "/guilds/"+guild+"/members/"):
		i, _ := strconv.Atoi(parts[3])
		if i -= 200; i != 1 && i != 2 && i != 3 && i != 9 {
			fail(w, http.StatusNotFound, 10007, "Unknown Member")
			return
		}
		give(w, member(i))
	case strings.Contains(path, "/threads/archived/"):
		f.archived(w, parts[1], q.Get("before"))
	case strings.Contains(path, "/reactions/"):
		give(w, []object{user(2), user(3)})
	case len(parts) == 3 && parts[2] == "messages" && parts[1] == general:
		after, err := strconv.ParseUint(q.Get("after"), 10, 64)
		limit, bad := strconv.Atoi(q.Get("limit"))
		if err != nil || bad != nil {
			fail(w, http.StatusBadRequest, 50035, "Invalid Form Body")
			return
		}
		first := 1
		if ms := int64(after>>22) + 1_420_070_400_000; ms >= day0.UnixMilli() { //nolint:gosec // 42 bits
			first = int((ms-day0.UnixMilli())/1000) + 1
		}
		page := []object{}
		for i := min(first+limit-1, f.n); i >= first; i-- {
			page = append(page, f.message(i))
		}
		give(w, page)
	case len(parts) == 3 && parts[2] == "messages" && parts[1] != secret:
		page := f.inThread(parts[1])
		page = slices.DeleteFunc(page, func(o object) bool {
			id, _ := o["id"].(string)
			return len(id) == len(q.Get("after")) && id <= q.Get("after")
		})
		slices.Reverse(page)
		give(w, page)
	case len(parts) == 2 && parts[0] == "channels" && parts[1] == flake(302):
		give(w, f.post(2))
	case parts[0] == "channels" && parts[1] == secret:
		fail(w, http.StatusForbidden, 50001, "Missing Access")
	default:
		fail(w, http.StatusNotFound, 10003, "Unknown Channel")
	}
}

// archived gives the archived posts one a page.
func (f *fake) archived(w http.ResponseWriter, channel, before string) {
	list := []object{}
	more := false
	if channel == forum {
		for k := 1; k <= 2; k++ {
			stamp := at(1000 - k).Format(time.RFC3339)
			switch {
			case k == 1 && f.woken, before != "" && stamp >= before:
			case len(list) == 0:
				list = append(list, f.post(k))
			default:
				more = true
			}
		}
	}
	give(w, object{"threads": list, "members": []object{}, "has_more": more})
}

func give(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func fail(w http.ResponseWriter, status, code int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(object{"message": message, "code": code})
}
