// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package discourse reads a Discourse forum: by its address, through the JSON that every public forum gives without a
// key, or from a folder with such answers that somebody saved.
//
// Both ways give the same facts with the same external ids: "post:27301" for a post, "user:1098" for an account,
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
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
)

// The options.
const (
	optForum    = "forum"
	optAddress  = "forum-address"
	optProfiles = "profiles"
	optWhispers = "include-whispers"
	optPace     = "requests-per-second"
)

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind:        "discourse",
		Title:       "Discourse forum",
		Platform:    "discourse",
		Summary:     "Topics, posts, solved answers, likes and accounts of a Discourse forum, by its address or from saved answers.",
		Incremental: true,
		Help: `Give the address of a public forum, such as ` + "`https://forum.example.com`" + `. No key is needed: Greenroom reads what any
visitor can read, slowly enough not to disturb the forum. A forum of 10,000 topics takes about two hours the first time;
after that only topics with new activity are read.

Or give a folder with answers of the forum's JSON interface that were saved before: ` + "`/t/ID.json`, `/t/ID/posts.json`, " +
			"`/site.json` or `/categories.json`, `/u/NAME.json`" + `, in any nesting and under any name.`,
		Primary: optForum,
		Options: []connector.Option{
			{
				Name: optForum, Label: "Forum", Type: connector.Text, Required: true,
				Help: "The address of a public forum, or a folder or file with saved answers.", Example: "https://forum.example.com",
			},
			{
				Name: optAddress, Label: "Address for links", Type: connector.Text,
				Help: "For saved answers: the address of the forum they come from, so that posts link to it.", Example: "https://forum.example.com",
			},
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
		},
		New: newSource,
	}
}

// source is one configured forum.
type source struct {
	env      connector.Env
	folder   string // "" where the forum is read by its address
	base     string // "https://forum.example.com" without a slash at the end; "" = not known
	profiles bool
	whispers bool
	pause    time.Duration // between two requests
}

func newSource(env connector.Env, v connector.Values) (connector.Source, error) {
	s := &source{env: env}
	var err error
	if s.profiles, err = boolOption(v, optProfiles); err != nil {
		return nil, err
	}
	if s.whispers, err = boolOption(v, optWhispers); err != nil {
		return nil, err
	}
	if s.pause, err = pace(v[optPace]); err != nil {
		return nil, err
	}
	if v[optAddress] != "" {
		if s.base, err = address(v[optAddress]); err != nil {
			return nil, err
		}
	}
	forum := strings.TrimSpace(v[optForum])
	if forum == "" {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "say which forum: its address such as https://forum.example.com, or a folder with saved answers")
	}
	if !strings.Contains(forum, "://") {
		if _, err := os.Stat(forum); err == nil {
			s.folder = forum
			return s, nil
		}
	}
	if !strings.Contains(forum, "://") && !looksLikeHost(forum) {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%s is neither a folder or file that can be read nor the address of a forum such as https://forum.example.com", forum)
	}
	if s.base, err = address(forum); err != nil {
		return nil, err
	}
	if env.HTTP == nil {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "a forum can be read by its address only where the network may be used; give a folder with saved answers")
	}
	return s, nil
}

func boolOption(v connector.Values, name string) (bool, error) {
	switch v[name] {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	default:
		return false, greenroom.Errorf(greenroom.CodeInvalid, "the option %s is true or false, not %q", name, v[name])
	}
}

func pace(s string) (time.Duration, error) {
	if s == "" {
		s = "3"
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || n < 0.001 || n > 10_000 {
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "the option %s is a number above 0, not %q", optPace, s)
	}
	return time.Duration(float64(time.Second) / n), nil
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
