// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package knowledge

import (
	"net/url"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom"
)

// Kind is what a document is for.
type Kind string

// The kinds.
const (
	HowTo       Kind = "how-to"
	Reference   Kind = "reference"
	Tutorial    Kind = "tutorial"
	Explanation Kind = "explanation"
	FAQ         Kind = "faq"
	Policy      Kind = "policy"
	Guideline   Kind = "guideline"
	Terms       Kind = "terms"
	Runbook     Kind = "runbook"
	Notes       Kind = "release-notes"
	Other       Kind = "other"
)

// Kinds lists them.
func Kinds() []Kind {
	return []Kind{HowTo, Reference, Tutorial, Explanation, FAQ, Policy, Guideline, Terms, Runbook, Notes, Other}
}

// Label is the kind as people write it.
func (k Kind) Label() string {
	switch k {
	case HowTo:
		return "How-to"
	case FAQ:
		return "FAQ"
	case Notes:
		return "Release notes"
	case "":
		return ""
	default:
		return strings.ToUpper(string(k[:1])) + string(k[1:])
	}
}

// Audience is who reads a document.
type Audience string

// The audiences.
const (
	External Audience = "external" // members and the public
	Internal Audience = "internal" // the team
)

// Audiences lists them.
func Audiences() []Audience { return []Audience{External, Internal} }

// State is where a document is in the hands of people.
type State string

// The states.
const (
	Active   State = "active"
	Draft    State = "draft"    // being written
	Archived State = "archived" // out of the queue, kept in the register
)

// States lists them.
func States() []State { return []State{Active, Draft, Archived} }

// UsualReview is how often a document is looked at while nobody says otherwise, in days.
const UsualReview = 180

// Fields are what people can say of a document.
type Fields struct {
	Title      string   `json:"title" doc:"One line."`
	Address    string   `json:"address,omitempty" doc:"Where it is: a web address, or a path in its collection. It cannot be changed later."`
	Kind       Kind     `json:"kind" doc:"What it is for."`
	Audience   Audience `json:"audience" doc:"external: members read it; internal: the team does."`
	Owner      string   `json:"owner,omitempty" doc:"Mail address of who keeps it right; left out while nobody does."`
	ReviewDays int      `json:"review_days" doc:"How often it is to be verified, in days; 0 = the usual 180."`
	Tags       []string `json:"tags,omitempty" doc:"Labels, such as a product or topic."`
	Note       string   `json:"note,omitempty" doc:"What the team should know of it."`
	State      State    `json:"state" doc:"active, draft or archived."`
}

// Document is an entry of the register.
type Document struct {
	ID int64 `json:"id" doc:"Its number."`
	Fields
	Key          string    `json:"key" doc:"Its public key, for the counter and the question whether it helped."`
	Collection   int64     `json:"collection,omitempty" doc:"The collection that it was read from; left out where somebody added it."`
	Conversation int64     `json:"conversation,omitempty" doc:"The conversation that it is, where it is a topic of a forum."`
	ChangedAt    time.Time `json:"changed_at,omitzero" doc:"When its text was last changed, as far as it is known."`
	VerifiedAt   time.Time `json:"verified_at,omitzero" doc:"When somebody last said that it is right."`
	VerifiedBy   string    `json:"verified_by,omitempty" doc:"Who."`
	GoneAt       time.Time `json:"gone_at,omitzero" doc:"Since when its collection does not have it."`
	CreatedBy    string    `json:"created_by" doc:"Who added it."`
	CreatedAt    time.Time `json:"created_at" doc:"When."`
	Version      int64     `json:"version" doc:"Grows with every change that people make; a change names the one that it was made from."`
}

// Event is something that happened to a document.
type Event struct {
	ID       int64     `json:"id" doc:"Its number."`
	Document int64     `json:"document_id" doc:"The document."`
	What     string    `json:"what" doc:"add, change, verify, or read: its collection said something new."`
	Detail   string    `json:"detail,omitempty" doc:"What changed, in words."`
	By       string    `json:"by" doc:"Who."`
	At       time.Time `json:"at" doc:"When."`
	UndoneBy string    `json:"undone_by,omitempty" doc:"Who took it back."`
	UndoneAt time.Time `json:"undone_at,omitzero" doc:"When."`
	Before   string    `json:"-"` // JSON of what undo brings back
}

// The events.
const (
	WhatAdd    = "add"
	WhatChange = "change"
	WhatVerify = "verify"
	WhatRead   = "read"
)

// The most that texts hold.
const (
	maxTitle   = 300
	maxNote    = 10_000
	maxAddress = 2000 // bytes
	maxTags    = 20
	maxReview  = 3660
	// MaxText is how much of a document's text is kept for finding it, in bytes.
	MaxText = 40_000
)

// Validate says what is wrong with fields, as an error of CodeInvalid, and fills in what is usual.
func (f *Fields) Validate() error {
	bad := func(format string, args ...any) error {
		return greenroom.Errorf(greenroom.CodeInvalid, format, args...)
	}
	f.Title, f.Address, f.Owner, f.Note = oneLine(f.Title), strings.TrimSpace(f.Address), strings.TrimSpace(f.Owner), strings.TrimSpace(f.Note)
	if f.Kind == "" {
		f.Kind = Other
	}
	if f.Audience == "" {
		f.Audience = External
	}
	if f.State == "" {
		f.State = Active
	}
	if f.ReviewDays == 0 {
		f.ReviewDays = UsualReview
	}
	f.Tags = tidyTags(f.Tags)
	switch {
	case f.Title == "" || utf8.RuneCountInString(f.Title) > maxTitle:
		return bad("a document needs a title of at most %d characters", maxTitle)
	case len(f.Address) > maxAddress || strings.ContainsAny(f.Address, "\x00\r\n"):
		return bad("an address is one line of at most %d bytes", maxAddress)
	case strings.Contains(f.Address, "://") && !webAddress(f.Address):
		return bad("%q is not an address of the web; it begins with https://", f.Address)
	case !slices.Contains(Kinds(), f.Kind):
		return bad("%q is no kind of document; there are %s", f.Kind, list(Kinds()))
	case !slices.Contains(Audiences(), f.Audience):
		return bad("a document is external or internal, not %q", f.Audience)
	case !slices.Contains(States(), f.State):
		return bad("a document is active, draft or archived, not %q", f.State)
	case f.ReviewDays < 1 || f.ReviewDays > maxReview:
		return bad("a document is verified every 1 to %d days, not every %d", maxReview, f.ReviewDays)
	case len(f.Tags) > maxTags:
		return bad("a document has at most %d tags", maxTags)
	case utf8.RuneCountInString(f.Note) > maxNote:
		return bad("a note has at most %d characters", maxNote)
	}
	return nil
}

func list[T ~string](all []T) string {
	words := make([]string, len(all))
	for i, v := range all {
		words[i] = string(v)
	}
	return strings.Join(words, ", ")
}

func oneLine(s string) string { return strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ") }

func tidyTags(tags []string) []string {
	var all []string
	for _, t := range tags {
		if t = oneLine(t); t != "" && len(t) <= 100 && !slices.Contains(all, t) {
			all = append(all, t)
		}
	}
	return all
}

// webAddress reports whether a text is an address of the web.
func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// tracking are parameters that say where a reader came from, and not what they read.
func tracking(name string) bool {
	return strings.HasPrefix(name, "utm_") || name == "gclid" || name == "fbclid" || name == "mc_cid" || name == "mc_eid"
}

// AddressKey is what tells documents apart: an address without scheme, fragment, tracking, a closing slash or an index page,
// and with the host in lower case. Anything else than a web address is itself.
func AddressKey(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Host == "" {
		return strings.TrimSpace(address)
	}
	p := u.EscapedPath()
	switch path.Base(p) {
	case "index.html", "index.htm", "index.php":
		p = path.Dir(p)
	}
	key := strings.TrimPrefix(strings.ToLower(u.Host), "www.") + strings.TrimRight(p, "/")
	q := u.Query()
	for name := range q {
		if tracking(name) {
			q.Del(name)
		}
	}
	if rest := q.Encode(); rest != "" {
		key += "?" + rest
	}
	return key
}
