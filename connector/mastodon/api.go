// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package mastodon

import (
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// The sizes of pages.
const (
	pageSize   = "40"
	pageByID   = 20
	noticeSize = "80"
)

type wireAccount struct {
	ID          string    `json:"id"`
	Username    string    `json:"username"`
	Acct        string    `json:"acct"` // with the server, where that is another one
	DisplayName string    `json:"display_name"`
	Bot         bool      `json:"bot"`
	Suspended   bool      `json:"suspended"`
	CreatedAt   time.Time `json:"created_at"`
	Note        string    `json:"note"` // HTML
	URL         string    `json:"url"`
	Avatar      string    `json:"avatar"`
	Followers   int64     `json:"followers_count"`
	Statuses    int64     `json:"statuses_count"`
	Fields      []struct {
		Name  string `json:"name"`
		Value string `json:"value"` // HTML
	} `json:"fields"`
	Moved *struct {
		URL string `json:"url"`
	} `json:"moved"`
}

type wireStatus struct {
	ID         string      `json:"id"`
	CreatedAt  time.Time   `json:"created_at"`
	EditedAt   *time.Time  `json:"edited_at"`
	InReplyTo  string      `json:"in_reply_to_id"`
	Spoiler    string      `json:"spoiler_text"`
	Visibility string      `json:"visibility"` // public, unlisted, private, direct
	URL        string      `json:"url"`
	URI        string      `json:"uri"`
	Replies    int64       `json:"replies_count"`
	Content    string      `json:"content"` // HTML
	Account    wireAccount `json:"account"`
	Mentions   []struct {
		ID       string `json:"id"`
		Acct     string `json:"acct"`
		Username string `json:"username"`
		URL      string `json:"url"`
	} `json:"mentions"`
	Tags []struct {
		Name string `json:"name"`
	} `json:"tags"`
	Media []struct {
		Description string `json:"description"`
		URL         string `json:"url"`
	} `json:"media_attachments"`
	Reblog *struct {
		ID string `json:"id"`
	} `json:"reblog"`
}

// status is a post with what it was read from.
type status struct {
	wireStatus
	raw jsontext.Value
}

func (s *wireStatus) edited() time.Time {
	if s.EditedAt == nil {
		return time.Time{}
	}
	return s.EditedAt.UTC()
}

func (s *wireStatus) mentioned(id string) bool {
	for i := range s.Mentions {
		if s.Mentions[i].ID == id {
			return true
		}
	}
	return false
}

func (s *wireStatus) tagged(names []string) bool {
	for i := range s.Tags {
		if slices.Contains(names, strings.ToLower(s.Tags[i].Name)) {
			return true
		}
	}
	return false
}

type wireNotice struct {
	ID        string         `json:"id"`
	Type      string         `json:"type"`
	CreatedAt time.Time      `json:"created_at"`
	Account   wireAccount    `json:"account"`
	Status    jsontext.Value `json:"status"`
}

type wireContext struct {
	Ancestors   []jsontext.Value `json:"ancestors"`
	Descendants []jsontext.Value `json:"descendants"`
}

// newer reports whether id a is a later one than b. Ids are numbers that grow with time, or texts of one length that do.
func newer(a, b string) bool { return len(a) > len(b) || len(a) == len(b) && a > b }
