// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package linkedin

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// The sizes of pages.
const (
	pagePosts    = 50
	pageComments = 100
	pagePeople   = 50
)

// wireList is a page of anything.
type wireList struct {
	Elements []jsontext.Value `json:"elements"`
	Paging   struct {
		Total int64 `json:"total"`
		Links []struct {
			Rel string `json:"rel"`
		} `json:"links"`
	} `json:"paging"`
}

// more reports whether LinkedIn says that a page follows.
func (l *wireList) more() bool {
	for _, link := range l.Paging.Links {
		if link.Rel == "next" {
			return len(l.Elements) > 0
		}
	}
	return false
}

// wirePost is a post of a page. Times are milliseconds of Unix.
type wirePost struct {
	ID        string `json:"id"` // a URN of a share or a ugcPost
	Author    string `json:"author"`
	Text      string `json:"commentary"`
	Published int64  `json:"publishedAt"`
	Created   int64  `json:"createdAt"`
	Modified  int64  `json:"lastModifiedAt"`
	State     string `json:"lifecycleState"` // PUBLISHED, DRAFT, PUBLISH_REQUESTED, ...
	StateInfo struct {
		Edited bool `json:"isEditedByAuthor"`
	} `json:"lifecycleStateInfo"`
	Content struct {
		Article struct {
			Title  string `json:"title"`
			Source string `json:"source"`
		} `json:"article"`
		Media struct {
			Title string `json:"title"`
		} `json:"media"`
		Poll struct {
			Question string `json:"question"`
		} `json:"poll"`
	} `json:"content"`
	Reshare struct {
		Parent string `json:"parent"`
	} `json:"reshareContext"`
}

func (p *wirePost) at() int64 {
	if p.Published != 0 {
		return p.Published
	}
	return p.Created
}

type wireStamp struct {
	Actor string `json:"actor"`
	Time  int64  `json:"time"`
}

type wireComment struct {
	ID       string    `json:"id"`
	URN      string    `json:"commentUrn"`
	Actor    string    `json:"actor"`
	Object   string    `json:"object"`
	Parent   string    `json:"parentComment"`
	Created  wireStamp `json:"created"`
	Modified wireStamp `json:"lastModified"`
	Message  struct {
		Text       string         `json:"text"`
		Attributes jsontext.Value `json:"attributes"`
	} `json:"message"`
	Replies struct {
		Count int64 `json:"totalFirstLevelComments"`
		All   int64 `json:"aggregatedTotalComments"`
	} `json:"commentsSummary"`
}

type wireReaction struct {
	ID       string    `json:"id"`
	Created  wireStamp `json:"created"`
	Modified wireStamp `json:"lastModified"`
	Type     string    `json:"reactionType"`
}

// wireMetadata are the numbers of a post.
type wireMetadata struct {
	Comments struct {
		Count int64 `json:"count"`
	} `json:"commentSummary"`
	Reactions map[string]struct {
		Count int64 `json:"count"`
	} `json:"reactionSummaries"`
}

type wireOrganization struct {
	ID      int64  `json:"id"`
	Name    string `json:"localizedName"`
	Vanity  string `json:"vanityName"`
	Website string `json:"localizedWebsite"`
	Text    string `json:"localizedDescription"`
}

type wirePerson struct {
	ID       string `json:"id"`
	First    string `json:"localizedFirstName"`
	Last     string `json:"localizedLastName"`
	Headline string `json:"localizedHeadline"`
	Vanity   string `json:"vanityName"`
}

type wireGain struct {
	Range struct {
		Start int64 `json:"start"`
		End   int64 `json:"end"`
	} `json:"timeRange"`
	Gains struct {
		Organic int64 `json:"organicFollowerGain"`
		Paid    int64 `json:"paidFollowerGain"`
	} `json:"followerGains"`
}

// when reads one of LinkedIn's times.
func when(ms int64) time.Time {
	if ms <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
