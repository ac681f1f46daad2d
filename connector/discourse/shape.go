// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package discourse

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// shape is what an answer of the forum holds. The order is the order in which saved answers are read.
type shape uint8

const (
	shapeCategories shape = iota // /site.json, /categories.json
	shapeCategory                // /c/ID/show.json
	shapeAbout                   // /about.json
	shapeUser                    // /u/NAME.json
	shapeUsers                   // lists of people
	shapeAccount                 // a person by itself
	shapeTopicList               // /latest.json and the like
	shapeTopic                   // /t/ID.json
	shapePosts                   // /t/ID/posts.json
	shapePostList                // /posts.json
	shapePost                    // /posts/ID.json
	shapeOther
)

// shapeOf looks at the names at the top of an object. It stops as soon as it is sure, which is early in most answers.
func shapeOf(value []byte) shape {
	if jsontext.Value(value).Kind() != '{' {
		return shapeOther
	}
	dec := jsontext.NewDecoder(bytes.NewBuffer(value), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	if _, err := dec.ReadToken(); err != nil {
		return shapeOther
	}
	seen := names(0)
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			break
		}
		seen |= nameOf(name.String())
		if seen.has(inStream|inTitle) || !seen.has(inStream) && seen.shape() == shapePost {
			break // nothing that follows can change that
		}
		if dec.SkipValue() != nil {
			break
		}
	}
	return seen.shape()
}

// names is a set of the names that tell one shape from another.
type names uint32

const (
	inStream names = 1 << iota
	inTitle
	inCooked
	inNumber
	inLatest
	inPosts
	inCategories
	inCategory
	inAbout
	inUser
	inUsers
	inTopicList
	inID
	inUsername
)

func nameOf(s string) names {
	switch s {
	case "post_stream":
		return inStream
	case "title", "fancy_title", "posts_count":
		return inTitle
	case "cooked", "raw":
		return inCooked
	case "post_number":
		return inNumber
	case "latest_posts":
		return inLatest
	case "posts":
		return inPosts
	case "category_list", "categories":
		return inCategories
	case "category":
		return inCategory
	case "about":
		return inAbout
	case "user":
		return inUser
	case "users", "members", "directory_items":
		return inUsers
	case "topic_list":
		return inTopicList
	case "id":
		return inID
	case "username":
		return inUsername
	default:
		return 0
	}
}

func (n names) has(all names) bool { return n&all == all }

func (n names) shape() shape {
	switch {
	case n.has(inStream | inTitle):
		return shapeTopic
	case n.has(inStream):
		return shapePosts
	case n.has(inCooked|inNumber) || n.has(inNumber|inID):
		return shapePost
	case n.has(inLatest):
		return shapePostList
	case n.has(inCategories):
		return shapeCategories
	case n.has(inTopicList):
		return shapeTopicList
	case n.has(inUsername | inID):
		return shapeAccount
	case n.has(inAbout):
		return shapeAbout
	case n.has(inUser):
		return shapeUser
	case n.has(inUsers):
		return shapeUsers
	case n.has(inCategory):
		return shapeCategory
	case n.has(inPosts):
		return shapePostList
	default:
		return shapeOther
	}
}
