// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package discourse reads a Discourse forum: by its address, through the JSON that every public forum gives without a
// key and more with one, or from a folder with such answers that somebody saved; and it takes a forum's webhooks (push.go).
//
// All ways give the same facts with the same external ids: "post:27301" for a post, "user:1098" for an account,
// "category:16" for a channel. The key of a conversation is "topic:4818" and not the id of the topic's first post, as
// it is elsewhere, because every post names its topic while only the whole topic names its first post: answers that
// hold a few posts of a topic, as a saved page or the second part of a long topic do, would otherwise not find their
// conversation.
//
// # By address
//
// The list of topics is read from the one with the newest activity downwards. The cursor holds the time of the newest
// activity seen at the start of a pass; the next pass ends where it meets that time. A topic with new activity is read
// whole, since any of its posts may have been edited. Requests are spaced, and wait as long as the forum asks.
//
// With a key of an administrator the accounts are read first, with their e-mail addresses, the newest first, and topics are
// asked for with what was deleted in them.
//
// # What is newer
//
// A post says when it was edited or deleted. That it was accepted as a solution, or recovered, has no time: a webhook that
// says so counts as of when it came. The same is true of what is told of a topic as a whole.
//
// # From a folder
//
// Files are recognized by their shape, not by their names, so that they may lie in any order and nesting. They are read
// in the order categories, people, topics, posts, so that what is known of a topic does not depend on file names.
package discourse

import (
	"net/url"
	"os"
	"path"
	"regexp"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
)

// Kind is what the connector is called.
const Kind = "discourse"

const title = "Discourse forum"

// The options.
const (
	optForum      = "forum"
	optAddress    = "forum-address"
	optKey        = "api-key"
	optUser       = "api-username"
	optCategories = "categories"
	optSince      = "since"
	optPeople     = "people"
	optProfiles   = "profiles"
	optWhispers   = "include-whispers"
	optPace       = "requests-per-second"
	optSecret     = "webhook-secret"
)

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind:        Kind,
		Title:       title,
		Platform:    "discourse",
		Summary:     "Topics, posts, solved answers, likes and accounts of a Discourse forum, by its address or from saved answers.",
		Incremental: true,
		Help:        help,
		Primary:     optForum,
		Options:     options(),
		New:         newSource,
		Group:       connector.GroupCommunity,
		Keywords:    []string{"forum", "topics", "posts", "solved", "community"},
		Rhythm:      15 * time.Minute,
		Limits:      limits,
		Scopes: []connector.Scope{
			{Name: "Read-only", Why: "With an API key: topics and posts of private categories.", Optional: true},
			{Name: "administrator", Why: "With the key of an administrator: accounts that never wrote, e-mail addresses, and what was deleted.", Optional: true},
		},
		Push: &connector.Push{Help: pushHelp, Secret: optSecret},
	}
}

func options() []connector.Option {
	return []connector.Option{
		{
			Name: optForum, Label: "Forum", Type: connector.Text, Required: true,
			Help: "The address of a public forum, or a folder or file with saved answers.", Example: "https://forum.example.com",
		},
		{
			Name: optAddress, Label: "Address for links", Type: connector.Text,
			Help: "For saved answers: the address of the forum they come from, so that posts link to it.", Example: "https://forum.example.com",
		},
		{Name: optKey, Label: "API key", Type: connector.Secret, Help: "A key that may read; without one only what visitors see comes in."},
		{Name: optUser, Label: "User name of the API key", Type: connector.Text, Default: "system", Help: "Whom the key belongs to, or for a key of all users, as whom to read."},
		{Name: optCategories, Label: "Categories", Type: connector.List, FromSurvey: true, Example: "Support, announcements", Help: "Names, slugs or numbers of the categories to bring in, with those below them; empty for all."},
		{Name: optSince, Label: "How far back", Type: connector.Since, Default: "all", Help: "The first sync brings topics with activity since: a day, or a span such as 90d, 6m or 2y."},
		{Name: optPeople, Label: "All accounts", Type: connector.Bool, Default: "true", Help: "With the API key of an administrator, also bring in accounts that never wrote, and everybody's e-mail address."},
		{
			Name: optProfiles, Label: "Profiles", Type: connector.Bool, Default: "false",
			Help: "Also read each author's public profile (website, biography, location, since when). One more request for each author.",
		},
		{
			Name: optWhispers, Label: "Whispers", Type: connector.Bool, Default: "false",
			Help: "Also take over whispers, which only the staff of the forum sees. Saved answers may hold them.",
		},
		{
			Name: optPace, Label: "Requests per second", Type: connector.Number, Default: "3",
			Help: "How fast the forum is read. Forums slow down visitors above about 3 requests per second.",
		},
		{Name: optSecret, Label: "Secret of the webhook", Type: connector.Secret, Help: "The secret that you enter with the webhook; leave it empty to have one made."},
	}
}

// source is one configured forum.
type source struct {
	set      connector.Settings
	env      connector.Env
	folder   string // "" where the forum is read by its address
	base     string // "https://forum.example.com" without a slash at the end, for links; "" = not known
	api      string // the same, for requests: another one where a proxy stands between
	profiles bool
	whispers bool
	pace     float64 // requests a second
	client   *client // nil for a folder

	known memory
}

func newSource(env connector.Env, v connector.Values) (connector.Source, error) {
	set, err := connector.ReadSettings(title, options(), v, env.Now())
	if err != nil {
		return nil, err
	}
	s := &source{set: set, env: env, profiles: set.On(optProfiles), whispers: set.On(optWhispers), pace: set.Number(optPace)}
	if s.pace < 0.001 || s.pace > 10_000 {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the option %s is a number above 0, not %q", optPace, v[optPace])
	}
	if set.Text(optKey) != "" && v[optPace] == "" {
		s.pace = withKey
	}
	if set.Text(optAddress) != "" {
		if s.base, err = address(set.Text(optAddress)); err != nil {
			return nil, err
		}
	}
	forum := set.Text(optForum)
	if !strings.Contains(forum, "://") {
		if _, err := os.Stat(forum); err == nil {
			s.folder = forum
			return s, nil
		}
	}
	if !strings.Contains(forum, "://") && !looksLikeHost(forum) {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%s is neither a folder or file that can be read nor the address of a forum such as https://forum.example.com", forum)
	}
	if s.api, err = address(forum); err != nil {
		return nil, err
	}
	if s.base == "" {
		s.base = s.api
	}
	if env.HTTP == nil {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "a forum can be read by its address only where the network may be used; give a folder with saved answers")
	}
	s.client, err = newClient(s)
	return s, err
}

// looksLikeHost tells "forum.example.com" from a path that does not exist.
func looksLikeHost(s string) bool {
	host, _, _ := strings.Cut(s, "/")
	switch path.Ext(host) {
	case ".json", ".zip", ".gz":
		return false
	}
	return regexp.MustCompile(`^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:[0-9]+)?$`).MatchString(host)
}

// address brings what a person enters to one form: scheme, host and, for forums below a path, the path.
func address(s string) (string, error) {
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return "", greenroom.Errorf(greenroom.CodeInvalid, "%q is not the address of a forum such as https://forum.example.com", s)
	}
	p := u.Path
	for _, page := range []string{"/latest", "/categories", "/c/", "/t/", "/top", "/new"} { // an address copied from a page
		if i := strings.Index(p+"/", page); i >= 0 {
			p = p[:i]
		}
	}
	return u.Scheme + "://" + u.Host + strings.TrimRight(p, "/"), nil
}
