// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package hackernews finds what is said on Hacker News about a product: stories, job posts, polls and comments that name one
// of its words, and stories that link to one of its sites, with the whole discussion below each.
//
// Search and discussions come from the Algolia API, which Hacker News points to for searching; it gives a discussion in one
// answer. What people tell of themselves comes from Hacker News' own API. Neither takes a credential.
//
// A search gives the newest first, so a read goes backwards from now to where the last one began, and each page begins at
// the time at which the one before ended. A discussion goes on for two weeks, after which Hacker News closes it: stories of
// that age are read again each time.
//
// Nothing can be edited after two hours, and neither API says that it was; the newest telling counts. The search has a new
// comment, and which story it belongs to, some time after it was written; so comments of the last hours are told again.
package hackernews

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// Kind is what the connector is called.
const Kind = "hackernews"

const title = "Hacker News"

// The names of the options.
const (
	optWords    = "words"
	optDomains  = "domains"
	optSince    = "since"
	optProfiles = "profiles"
	optStaff    = "staff"
	optSearch   = "search-api"
	optItems    = "item-api"
)

const help = `1. Enter the words by which people name your product and company. A word of several parts, such as *acme cloud*, is found
   only as it stands.
2. Enter the sites that belong to you, such as *acme.example* or *blog.acme.example*: stories that link to a page of theirs
   come in.

Nothing has to be registered, and no token is needed.`

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind: Kind, Title: title, Platform: "hackernews", Primary: optWords, Help: help, Group: connector.GroupCommunity,
		Summary:  "Stories, job posts, polls and comments on Hacker News that name your words or link to your sites, with their discussions.",
		Keywords: []string{"hn", "y combinator", "mentions", "news"},
		Options:  options(), New: New, Incremental: true, Rhythm: time.Hour,
		Limits: `The search allows 10,000 requests an hour for the address of your server. A request brings 100 stories or comments; each story
with a discussion takes one more.`,
	}
}

func options() []connector.Option {
	return []connector.Option{
		{Name: optWords, Label: "Words", Type: connector.List, Example: "acme cloud, acmedb", Help: "Stories and comments with one of these words come in."},
		{Name: optDomains, Label: "Sites", Type: connector.List, Example: "acme.example", Help: "Stories that link to one of these sites come in."},
		{Name: optSince, Label: "How far back", Type: connector.Since, Default: "all", Help: "Stories and comments from before then do not come in."},
		{Name: optProfiles, Label: "Profiles", Type: connector.Bool, Default: "false", Help: "Bring in what people write about themselves and when they joined. Costs a request for each person."},
		{Name: optStaff, Label: "The team", Type: connector.List, Example: "ana, ben", Help: "The names of your team's accounts on Hacker News."},
		{Name: optSearch, Label: "Address of the search", Type: connector.Address, Default: "https://hn.algolia.com", Help: "Leave it as it is, unless there is a proxy."},
		{Name: optItems, Label: "Address of the API", Type: connector.Address, Default: "https://hacker-news.firebaseio.com", Help: "Leave it as it is, unless there is a proxy."},
	}
}

// source is a set of searches.
type source struct {
	set    connector.Settings
	now    func() time.Time
	search *rest.Client
	items  *rest.Client
	terms  []term
	staff  map[string]bool
	known  map[string]bool // people whose profile was asked for
}

// term is what is searched for.
type term struct {
	text   string
	domain bool // it is a site that stories link to
}

// New opens a source; nothing is asked yet.
func New(env connector.Env, values connector.Values) (connector.Source, error) {
	set, err := connector.ReadSettings(title, options(), values, env.Now())
	if err != nil {
		return nil, err
	}
	s := &source{set: set, now: env.Now, staff: map[string]bool{}, known: map[string]bool{}}
	for _, word := range set.List(optWords) {
		s.terms = append(s.terms, term{text: strings.Trim(word, `"`)})
	}
	for _, domain := range set.List(optDomains) {
		_, after, ok := strings.Cut(domain, "://")
		if !ok {
			after = domain
		}
		host, _, _ := strings.Cut(strings.TrimPrefix(strings.ToLower(after), "www."), "/")
		if !strings.Contains(host, ".") {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is not a site; expected something like acme.example", domain)
		}
		s.terms = append(s.terms, term{text: host, domain: true})
	}
	if len(s.terms) == 0 {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%s needs words such as acmedb, or sites such as acme.example", title)
	}
	for _, name := range set.List(optStaff) {
		s.staff[name] = true
	}
	if s.search, err = rest.New(rest.Config{Name: title, Base: set.Text(optSearch) + "/api/v1", Env: env, PerSecond: 2.7, Burst: 200}); err != nil {
		return nil, err
	}
	s.items, err = rest.New(rest.Config{Name: title, Base: set.Text(optItems) + "/v0", Env: env})
	return s, err
}

// found is a page of a search.
type found struct {
	Hits []rawHit `json:"hits"`
	All  int64    `json:"nbHits"`
}

// find asks for stories or comments with a term, the newest first, from before a time (0 = now) and after another.
func (s *source) find(ctx context.Context, t term, kind string, before, after int64, size int) (*found, error) {
	tags := kind
	if kind == "story" { // the search keeps these apart: job posts and polls are no stories there
		tags = "(story,poll,job)"
	}
	q := url.Values{
		"tags": {tags}, "hitsPerPage": {strconv.Itoa(size)}, "typoTolerance": {"false"}, "advancedSyntax": {"true"},
		"query": {`"` + t.text + `"`},
	}
	if t.domain {
		q.Set("query", t.text)
		q.Set("restrictSearchableAttributes", "url")
	}
	var limits []string
	if before > 0 {
		limits = append(limits, "created_at_i<="+strconv.FormatInt(before, 10))
	}
	if after > 0 {
		limits = append(limits, "created_at_i>="+strconv.FormatInt(after, 10))
	}
	if len(limits) > 0 {
		q.Set("numericFilters", strings.Join(limits, ","))
	}
	var f found
	_, err := s.search.Into(ctx, "/search_by_date", q, &f)
	return &f, err
}

// Test says how much each search finds.
func (s *source) Test(ctx context.Context) (connector.Check, error) {
	check := connector.Check{Account: "nobody: Hacker News is open to everyone"}
	for _, t := range s.terms {
		for _, kind := range t.kinds() {
			f, err := s.find(ctx, t, kind, 0, 0, 1)
			if err != nil {
				return check, err
			}
			check.Notes = append(check.Notes, "The search for "+t.text+" finds about "+strconv.FormatInt(f.All, 10)+" of kind "+kind+".")
		}
	}
	return check, nil
}

// kinds are what is searched through for a term.
func (t term) kinds() []string {
	if t.domain {
		return []string{"story"}
	}
	return []string{"story", "comment"}
}

// Survey tells how much there is to read. The search counts roughly, and finds nothing that could be compared item by item.
func (s *source) Survey(ctx context.Context) (connector.Survey, error) {
	v := connector.Survey{Places: []connector.Place{{ExternalID: channelID, Name: title, Covered: true, Members: -1, Items: -1}}}
	after := s.after(time.Time{})
	for _, t := range s.terms {
		for _, kind := range t.kinds() {
			f, err := s.find(ctx, t, kind, 0, after, 1)
			if err != nil {
				return v, err
			}
			v.Items += f.All
			v.Requests += f.All/pageSize + 1
			if kind == "story" {
				v.Requests += f.All
			}
		}
	}
	return v, nil
}

// after is the time from which on things are wanted: the later of the last read and of how far back to go.
func (s *source) after(last time.Time) int64 {
	if limit := s.set.Since(optSince); limit.After(last) {
		last = limit
	}
	if last.IsZero() {
		return 0
	}
	return last.Unix()
}

var _ interface {
	connector.Tester
	connector.Surveyor
} = (*source)(nil)
