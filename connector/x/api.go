// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package x

import (
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// What is asked for with each post and each account. Accounts that are only mentioned are not: each would cost.
const (
	postFields = "attachments,conversation_id,created_at,entities,id,lang,note_post,text"
	expansions = "author_id,edit_history_post_ids,referenced_posts"
	userFields = "created_at,description,entities,id,location,name,profile_image_url,public_metrics,url,username,verified,verified_type"
)

// page is an answer that holds posts or accounts.
type page struct {
	Data     []jsontext.Value `json:"data"`
	Includes struct {
		Users  []jsontext.Value `json:"users"`
		Posts  []jsontext.Value `json:"posts"`
		Tweets []jsontext.Value `json:"tweets"` // as they were called
	} `json:"includes"`
	Errors []problem `json:"errors"`
	Meta   struct {
		NextToken string `json:"next_token"`
		NewestID  string `json:"newest_id"`
	} `json:"meta"`
}

// problem says why something that was asked for is missing from an answer.
type problem struct {
	Title    string `json:"title"`
	Detail   string `json:"detail"`
	Resource string `json:"resource_type"`
	Value    string `json:"value"`
}

// wirePost is a post. X renamed tweets to posts; answers of both times are read.
type wirePost struct {
	ID             string    `json:"id"`
	Text           string    `json:"text"`
	AuthorID       string    `json:"author_id"`
	ConversationID string    `json:"conversation_id"`
	CreatedAt      time.Time `json:"created_at"`
	History        []string  `json:"edit_history_post_ids"`
	OldHistory     []string  `json:"edit_history_tweet_ids"`
	Referenced     []wireRef `json:"referenced_posts"`
	OldReferenced  []wireRef `json:"referenced_tweets"`
	Note           *wireNote `json:"note_post"`
	OldNote        *wireNote `json:"note_tweet"`
	Entities       wireFinds `json:"entities"`
}

// wireNote is the whole text of a long post.
type wireNote struct {
	Text     string    `json:"text"`
	Entities wireFinds `json:"entities"`
}

type wireRef struct {
	Type string `json:"type"` // replied_to, quoted, retweeted
	ID   string `json:"id"`
}

// wireFinds is what X found in a text.
type wireFinds struct {
	URLs []struct {
		URL      string `json:"url"`
		Expanded string `json:"expanded_url"`
	} `json:"urls"`
	Mentions []struct {
		ID       string `json:"id"`
		Username string `json:"username"`
	} `json:"mentions"`
}

type wireUser struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Username    string    `json:"username"`
	Description string    `json:"description"`
	Location    string    `json:"location"`
	URL         string    `json:"url"`
	Avatar      string    `json:"profile_image_url"`
	CreatedAt   time.Time `json:"created_at"`
	Entities    struct {
		URL wireFinds `json:"url"`
	} `json:"entities"`
	Metrics struct {
		Followers int64 `json:"followers_count"`
		Posts     int64 `json:"tweet_count"`
		NewPosts  int64 `json:"post_count"`
	} `json:"public_metrics"`
}

// epoch is where the times in X's ids begin, in milliseconds.
const epoch = 1288834974657

// made is when an id was made; zero where it is none.
func made(id string) time.Time {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || n <= 1<<22 {
		return time.Time{}
	}
	return time.UnixMilli(n>>22 + epoch).UTC()
}

// newer reports whether id a is a later one than b.
func newer(a, b string) bool { return len(a) > len(b) || len(a) == len(b) && a > b }
