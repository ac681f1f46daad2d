// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package stackoverflow reads Stack Overflow, or any other site of the Stack Exchange network, by the API 2.3: questions
// with their answers and comments, for a whole site or for some of its tags.
//
// A page of questions brings their answers, the comments on both and all texts, because a filter is made for that (api.go).
// Questions are asked for in the order of their last activity, the oldest first, and the next page begins at the time of
// the last one's: numbered pages would skip questions that somebody answers while they are read. The next read begins
// where the last one ended. A comment is no activity for the site, so once a day the questions of the last week are read
// again for their comments.
//
// External ids are those of connector/stackexchange, so that a site's history can come from the data dump and what is new
// from here, into the same source. As there, the site is one channel, and tags stand at the end of a question's text.
//
// The API does not tell that something was deleted. A question that is read again comes with all of its answers and comments,
// so that what is missing among them was; a deleted question is no longer in the lists, and stays here.
package stackoverflow

import (
	"context"
	"net/url"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// Kind is what the connector is called.
const Kind = "stackoverflow"

const title = "Stack Overflow and Stack Exchange"

// The names of the options.
const (
	optSite     = "site"
	optTags     = "tags"
	optKey      = "key"
	optSince    = "since"
	optProfiles = "profiles"
	optStaff    = "staff"
	optAPI      = "api"
)

const help = `1. Enter the site, for example *stackoverflow.com* or *coffee.stackexchange.com*, and the tags of your product.
2. Without a key there are 300 requests a day, which is enough for a small tag. For 10,000 a day, open
   stackapps.com/apps/oauth/register with any Stack Exchange account, fill in a name and your own site's address, and
   register; no review follows.
3. Copy the **Key** that is shown (not the *Client Secret*) and enter it here.

The key is no password: it says only which application asks.`

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind: Kind, Title: title, Platform: "stackexchange", Primary: optSite, Help: help, Group: connector.GroupCommunity,
		Summary:  "Questions, answers, accepted answers and comments of a Stack Exchange site, whole or by tags.",
		Keywords: []string{"questions", "stack exchange", "server fault", "super user", "ask ubuntu"},
		Options:  options(), New: New, Incremental: true, Rhythm: time.Hour,
		Limits: `300 requests a day without a key and 10,000 with one, counted for the address of your server; the day ends at midnight UTC. A
request brings 100 questions with all their answers and comments. The site can ask to be left alone for some seconds with
any answer, which is kept to.

The API does not tell what was deleted. Answers and comments are missed when their question is read again, once a day for a week and whenever
somebody answers it; a deleted question stays.`,
	}
}

func options() []connector.Option {
	return []connector.Option{
		{Name: optSite, Label: "Site", Type: connector.Text, Required: true, Example: "stackoverflow.com", Help: "The address of the site."},
		{Name: optTags, Label: "Tags", Type: connector.List, Example: "postgresql, pgvector", Help: "Questions with at least one of these tags come in. Empty: all of the site, which is for small sites."},
		{Name: optKey, Label: "Key", Type: connector.Secret, Help: "The key of an application registered at stackapps.com, for 10,000 requests a day."},
		{Name: optSince, Label: "How far back", Type: connector.Since, Default: "all", Help: "Questions without any activity since then do not come in."},
		{Name: optProfiles, Label: "Profiles", Type: connector.Bool, Default: "true", Help: "Bring in where people live, their websites and what they write about themselves. Costs a request for a hundred people."},
		{Name: optStaff, Label: "The team", Type: connector.List, Example: "22656, 1144035", Help: "The numbers of your team's accounts, as in the addresses of their profiles."},
		{Name: optAPI, Label: "Address of the API", Type: connector.Address, Default: "https://api.stackexchange.com", Help: "Leave it as it is, unless there is a proxy."},
	}
}

// source is one site, or some tags of it.
type source struct {
	set    connector.Settings
	now    func() time.Time
	client *rest.Client
	domain string // of the site
	site   string // its address
	staff  map[string]bool
	filter string        // that brings texts, answers and comments; "" = not made yet
	note   string        // filter and what it was made for, for the cursor
	wait   time.Duration // that the site asks for before the next request
	empty  bool          // the day's requests are used up

	overlooked bool           // the API does not see the key in the header, so it stands in the address, too
	known      map[int64]bool // people whose profile was asked for
	open       []int64        // people who were seen and not asked for yet
}

// domainOf is the address of a site that is given by its address or by the short name that the API has for it
// (api_site_parameter), such as "superuser", "coffee.meta", "ru.stackoverflow" or "es.meta.stackoverflow".
func domainOf(site string) string {
	site = strings.ToLower(site)
	if _, rest, ok := strings.Cut(site, "://"); ok {
		site = rest
	}
	site, _, _ = strings.Cut(strings.TrimPrefix(site, "www."), "/")
	last := site[strings.LastIndexByte(site, '.')+1:]
	switch last {
	case "com", "net":
		return site
	case "stackoverflow", "serverfault", "superuser", "askubuntu", "stackapps", "stackexchange":
		return site + ".com"
	case "mathoverflow":
		return site + ".net"
	}
	if last == "meta" || last == site {
		return site + ".stackexchange.com"
	}
	return site
}

// New opens a source; nothing is asked yet.
func New(env connector.Env, values connector.Values) (connector.Source, error) {
	set, err := connector.ReadSettings(title, options(), values, env.Now())
	if err != nil {
		return nil, err
	}
	s := &source{set: set, now: env.Now, domain: domainOf(set.Text(optSite)), staff: map[string]bool{}, known: map[int64]bool{}}
	if strings.ContainsAny(s.domain, " ;&?#@") {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is not a site; expected an address such as stackoverflow.com", set.Text(optSite))
	}
	for _, tag := range set.List(optTags) {
		if strings.ContainsAny(tag, " ;[]") {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is not a tag; expected one such as postgresql, with commas between several", tag)
		}
	}
	for _, number := range set.List(optStaff) {
		s.staff[number] = true
	}
	s.site = "https://" + s.domain
	s.client, err = rest.New(rest.Config{
		Name: title, Base: set.Text(optAPI) + "/2.3", Env: env, Token: "key", Authorize: s.authorize, Refuse: refuse, PerSecond: 20, Burst: 5,
	})
	return s, err
}

// Test asks the site who it is, whether the key is good, and whether the tags exist.
func (s *source) Test(ctx context.Context) (connector.Check, error) {
	var check connector.Check
	a, err := s.ask(ctx, "/info", nil)
	if err != nil {
		return check, err
	}
	check.Account = s.domain
	if s.set.Text(optKey) == "" {
		check.Notes = append(check.Notes, "There is no key, so 300 requests a day are allowed, shared with all others at the server's address.")
	}
	check.Notes = append(check.Notes, plural(a.QuotaRemaining, "request")+" of "+plural(a.QuotaMax, "")+"are left today.")
	tags, err := s.tags(ctx)
	if err != nil {
		return check, err
	}
	for _, tag := range s.set.List(optTags) {
		n, known := tags[strings.ToLower(tag)]
		if !known {
			check.Missing = append(check.Missing, connector.Missing{Name: tag, Then: "No questions come in for this tag.", Do: "There is no such tag on " + s.domain + "; check how it is written there."})
			continue
		}
		check.Notes = append(check.Notes, plural(n, "question")+"with the tag "+tag+".")
	}
	return check, nil
}

// tags is how many questions each of the wanted tags has, by their names in lower case; synonyms have their own name.
func (s *source) tags(ctx context.Context) (map[string]int64, error) {
	counts := map[string]int64{}
	wanted := s.set.List(optTags)
	for from := 0; from < len(wanted); from += tagsAtOnce {
		names := wanted[from:min(len(wanted), from+tagsAtOnce)]
		escaped := make([]string, len(names))
		for i, name := range names {
			escaped[i] = url.PathEscape(name)
		}
		a, err := s.ask(ctx, "/tags/"+strings.Join(escaped, ";")+"/info", nil)
		if err != nil {
			return nil, err
		}
		for _, item := range a.Items {
			var t struct {
				Name     string   `json:"name"`
				Count    int64    `json:"count"`
				Synonyms []string `json:"synonyms"`
			}
			if rest.Unmarshal(item, &t) == nil {
				counts[strings.ToLower(t.Name)] = t.Count
			}
		}
	}
	return counts, nil
}

// tagsAtOnce is how many tags one request may name.
const tagsAtOnce = 20

// Survey tells the site's own counts.
func (s *source) Survey(ctx context.Context) (connector.Survey, error) {
	v := connector.Survey{}
	questions := int64(0)
	if len(s.set.List(optTags)) > 0 {
		tags, err := s.tags(ctx)
		if err != nil {
			return v, err
		}
		for _, n := range tags {
			questions += n
		}
		if len(tags) == 1 { // several tags share questions
			v.Counts = append(v.Counts, connector.Count{What: "question", Place: channelID, Platform: questions, Query: "kind:question", Of: "activities"})
		}
		v.Items = 3 * questions
	} else {
		a, err := s.ask(ctx, "/info", nil)
		if err != nil {
			return v, err
		}
		var info struct {
			Questions int64 `json:"total_questions"`
			Answers   int64 `json:"total_answers"`
			Accepted  int64 `json:"total_accepted"`
			Comments  int64 `json:"total_comments"`
		}
		if len(a.Items) > 0 {
			if err := rest.Unmarshal(a.Items[0], &info); err != nil {
				return v, &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the site's own figures cannot be read", Err: err}
			}
		}
		questions = info.Questions
		v.Items = info.Questions + info.Answers + info.Comments
		v.Counts = append(v.Counts,
			connector.Count{What: "question", Place: channelID, Platform: info.Questions, Query: "kind:question", Of: "activities"},
			connector.Count{What: "answers, accepted ones among them", Place: channelID, Platform: info.Answers, Query: "(kind:answer OR kind:accepted_answer)", Of: "activities"},
			connector.Count{What: "accepted_answer", Place: channelID, Platform: info.Accepted, Query: "kind:accepted_answer", Of: "activities"},
			connector.Count{What: "comment", Place: channelID, Platform: info.Comments, Query: "kind:comment", Of: "activities"},
		)
	}
	v.Places = []connector.Place{{ExternalID: channelID, Name: s.domain, Covered: true, Members: -1, Items: v.Items}}
	v.Requests = questions/pageSize + 2
	if s.set.On(optProfiles) {
		v.Requests += questions / pageSize
	}
	allowed := "300"
	if s.set.Text(optKey) != "" {
		allowed = "10,000"
	}
	v.Cost = plural(v.Requests, "request") + "of " + allowed + " a day"
	return v, nil
}

var _ interface {
	connector.Tester
	connector.Surveyor
} = (*source)(nil)
