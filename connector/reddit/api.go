// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package reddit

import (
	"math"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// stay returns env with a client that follows no redirects: Reddit answers for a subreddit that is not there with one to its
// search for subreddits, whose answer looks like a list of what was asked for.
func stay(env connector.Env) connector.Env {
	if env.HTTP == nil {
		return env
	}
	h := *env.HTTP
	h.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	env.HTTP = &h
	return env
}

// refuse reads that redirect as what it means.
func refuse(ans *rest.Answer) error {
	if ans.Status < 300 || ans.Status >= 400 {
		return nil
	}
	if to, err := url.Parse(ans.Header.Get("Location")); err != nil || !strings.HasPrefix(to.Path, "/subreddits/search") {
		return nil //nolint:nilerr // it is another redirect: the usual reading is right
	}
	return &greenroom.Error{
		Code: greenroom.CodeNotFound, Message: title + " has nothing at " + ans.Path,
		Err: &rest.StatusError{Platform: title, Status: http.StatusNotFound, Path: ans.Path},
	}
}

// The kinds of Reddit's things.
const (
	kindComment = "t1"
	kindPost    = "t3"
	kindMore    = "more"
)

// wireThing is anything, with its kind.
type wireThing struct {
	Kind string         `json:"kind"`
	Data jsontext.Value `json:"data"`
}

// name is a thing's name with its kind in front; "" where it has none.
func (t *wireThing) name() string {
	var n struct {
		Name string `json:"name"`
	}
	if rest.Unmarshal(t.Data, &n) != nil {
		return ""
	}
	return n.Name
}

// wireListing is a page of things.
type wireListing struct {
	Data struct {
		Children []wireThing `json:"children"`
		After    string      `json:"after"` // the name of the last thing; "" at the end
	} `json:"data"`
}

// wireItem is what posts and comments share. Reddit gives numbers where there is something and false or null where not.
type wireItem struct {
	ID            string  `json:"id"`
	Name          string  `json:"name"` // with its kind in front, e.g. "t3_2gmzqe"
	Author        string  `json:"author"`
	AuthorID      string  `json:"author_fullname"`
	Created       float64 `json:"created_utc"`
	Edited        any     `json:"edited"`
	Subreddit     string  `json:"subreddit"`
	SubredditID   string  `json:"subreddit_id"`
	Permalink     string  `json:"permalink"`
	Distinguished string  `json:"distinguished"` // moderator, admin

	Title    string `json:"title"` // these of posts only
	Text     string `json:"selftext"`
	URL      string `json:"url"`
	IsSelf   bool   `json:"is_self"`
	Comments int64  `json:"num_comments"`
	Removed  string `json:"removed_by_category"` // deleted, moderator, author, reddit, ...

	Body    string         `json:"body"` // these of comments only
	Post    string         `json:"link_id"`
	Parent  string         `json:"parent_id"`
	Replies jsontext.Value `json:"replies"` // a listing, or ""
}

// wireMore names comments that an answer leaves out.
type wireMore struct {
	ID       string   `json:"id"` // "_" where the thread goes too deep
	Parent   string   `json:"parent_id"`
	Depth    *int     `json:"depth"` // of the children, counted as in the rest of the answer; nil in old answers
	Children []string `json:"children"`
}

type wireSubreddit struct {
	Data struct {
		Name        string `json:"name"`
		Display     string `json:"display_name"`
		Subscribers int64  `json:"subscribers"`
	} `json:"data"`
}

type wireProfile struct {
	Name    string  `json:"name"`
	Created float64 `json:"created_utc"`
	Avatar  string  `json:"profile_img"`
}

// when reads one of Reddit's times: seconds of Unix, or false.
func when(v any) time.Time {
	n, ok := v.(float64)
	if !ok || n <= 0 || n > math.MaxInt32*2 {
		return time.Time{}
	}
	return time.Unix(int64(n), 0).UTC()
}

// children are the comments below a comment.
func (c *wireItem) children() []wireThing {
	var l wireListing
	if len(c.Replies) == 0 || c.Replies[0] != '{' || rest.Unmarshal(c.Replies, &l) != nil {
		return nil
	}
	return l.Data.Children
}
