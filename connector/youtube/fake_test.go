// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package youtube_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"greenroom/connector/connectortest"
)

type object = map[string]any

const acme = "UCacme0000000000000000ac"

// fake is YouTube with one channel of three videos and n comments, of which every tenth has seven replies and every
// fifth of the others one.
type fake struct {
	n      int
	mu     sync.Mutex
	edited map[int]bool
	units  int
}

func newFake(n int) http.Handler { return &fake{n: n, edited: map[int]bool{}} }

// at is when the ith comment was written, the last one an hour ago.
func (f *fake) at(i int) time.Time {
	return connectortest.Now().Add(-time.Hour - time.Duration(f.n-i)*7*time.Minute)
}

func replies(i int) int {
	switch {
	case i%10 == 0:
		return 7
	case i%5 == 0:
		return 1
	}
	return 0
}

func (f *fake) comment(id, parent, text string, author int, at time.Time) object {
	s := object{
		"authorDisplayName": fmt.Sprintf("@person%d", author), "authorChannelId": object{"value": fmt.Sprintf("UC%d", author)}, "textDisplay": text,
		"publishedAt": at.Format(time.RFC3339), "updatedAt": at.Format(time.RFC3339), "likeCount": 2,
	}
	if author == 0 {
		s["authorChannelId"] = object{"value": acme}
	}
	if parent != "" {
		s["parentId"] = parent
	}
	return object{"kind": "youtube#comment", "id": id, "snippet": s}
}

func (f *fake) thread(i int) object {
	id := "T" + strconv.Itoa(i)
	top := f.comment(id, "", "Great video, "+strconv.Itoa(i), i%9+1, f.at(i))
	if f.edited[i] {
		top["snippet"].(object)["textDisplay"], top["snippet"].(object)["updatedAt"] = "Edited", connectortest.Now() //nolint:errcheck,forcetypeassert // made above
	}
	t := object{"kind": "youtube#commentThread", "id": id, "snippet": object{"channelId": acme, "videoId": "V" + strconv.Itoa(i%3+1), "topLevelComment": top, "totalReplyCount": replies(i)}}
	if n := replies(i); n > 0 {
		var some []object
		for r := 1; r <= min(n, 5); r++ {
			some = append(some, f.reply(i, r))
		}
		t["replies"] = object{"comments": some}
	}
	return t
}

func (f *fake) reply(i, r int) object {
	id := "T" + strconv.Itoa(i)
	return f.comment(fmt.Sprintf("%s.%d", id, r), id, "I agree", r-1, f.at(i).Add(time.Duration(r)*time.Second))
}

func video(i int) object {
	return object{
		"kind": "youtube#video", "id": "V" + strconv.Itoa(i), "statistics": object{"commentCount": "10"},
		"snippet": object{"channelId": acme, "title": fmt.Sprintf("Episode %d", i), "description": "We talk.", "publishedAt": "2026-09-0" + strconv.Itoa(i) + "T08:00:00Z", "liveBroadcastContent": "none"},
	}
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.units++
	q := r.URL.Query()
	switch r.URL.Path {
	case "/youtube/v3/channels":
		give(w, object{"items": []object{{
			"id": acme, "snippet": object{"title": "Acme", "customUrl": "@acme", "publishedAt": "2020-01-01T00:00:00Z"},
			"statistics":     object{"subscriberCount": "1200", "videoCount": "3"},
			"contentDetails": object{"relatedPlaylists": object{"uploads": "UUacme"}},
		}}})
	case "/youtube/v3/playlistItems":
		f.list(w, r, 4, func(i int) object {
			o := object{"contentDetails": object{"videoId": "V" + strconv.Itoa(4-i), "videoPublishedAt": "2026-09-01T08:00:00Z"}, "status": object{"privacyStatus": "public"}}
			if i == 0 {
				o["status"] = object{"privacyStatus": "private"}
			}
			return o
		})
	case "/youtube/v3/videos":
		ids := strings.Split(q.Get("id"), ",")
		f.list(w, r, len(ids), func(i int) object {
			n, _ := strconv.Atoi(ids[i][1:])
			return video(n)
		})
	case "/youtube/v3/commentThreads":
		f.list(w, r, f.n, func(i int) object { return f.thread(f.n - i) })
	case "/youtube/v3/comments":
		i, _ := strconv.Atoi(q.Get("parentId")[1:])
		f.list(w, r, replies(i), func(r int) object { return f.reply(i, r+1) })
	default:
		http.Error(w, `{"error":{"code":404,"message":"Not found"}}`, http.StatusNotFound)
	}
}

// list gives a page, ten entries at most unless there are many.
func (f *fake) list(w http.ResponseWriter, r *http.Request, n int, make func(int) object) {
	size, err := strconv.Atoi(r.URL.Query().Get("maxResults"))
	if err != nil {
		size = 5
	}
	if f.n < 1000 {
		size = min(size, 10)
	}
	skip, err := strconv.Atoi(r.URL.Query().Get("pageToken"))
	if err != nil {
		skip = 0
	}
	items := []object{}
	for i := skip; i < min(n, skip+size); i++ {
		items = append(items, make(i))
	}
	o := object{"items": items}
	if skip+size < n {
		o["nextPageToken"] = strconv.Itoa(skip + size)
	}
	give(w, o)
}

func give(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}
