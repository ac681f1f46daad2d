// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package gharchive reads GH Archive (gharchive.org): files that hold one public GitHub event a line, an hour a file.
//
// The files are large, gigabytes a day, and this connector sets the pace of the whole product, so it is built as a
// pipeline (pipeline.go): one goroutine unpacks and cuts the stream into blocks of whole lines, one goroutine per core
// decodes and maps the lines of a block, and the reading goroutine passes the results on in the order of the lines. The
// blocks in flight are few and bounded, so memory does not grow with the files.
//
// What the events mean is known to package githubevent, which the other GitHub connector shares.
//
// The cursor is the name of a file and the last line read of it. A line that stands twice is passed on once: window.go
// remembers the ids of a bounded number of lines, and going on from a cursor reads those lines again.
package gharchive

import (
	"log/slog"
	"path"
	"strings"

	"greenroom"
	"greenroom/connector"
)

// Kind is what the connector is called.
const Kind = "gharchive"

// The names of the options.
const (
	optionPath  = "path"
	optionRepos = "repos"
)

const help = `Download the hours you want from gharchive.org, for example

    wget https://data.gharchive.org/2025-01-01-{0..23}.json.gz

and give the file, or the folder that holds them. Files are read as they are; there is no need to unpack them. An hour
holds the events of all of GitHub: name your own repositories, or your whole organization as "acme/*", so that only
theirs come in.`

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind:     Kind,
		Title:    "GH Archive",
		Platform: "github",
		Summary:  "Public GitHub events of any year from 2011 on: issues, pull requests, comments, reviews, stars, forks, releases, pushes and discussions.",
		Help:     help,
		Primary:  optionPath,
		Options: []connector.Option{
			{
				Name: optionPath, Label: "File or folder", Type: connector.Path, Required: true,
				Help:    "One .json.gz, .jsonl.gz, .json or .jsonl file, or a folder that holds such files; folders below it are read too.",
				Example: "/srv/gharchive/2025-01-01-15.json.gz",
			},
			{
				Name: optionRepos, Label: "Repositories", Type: connector.Text,
				Help:    "Only the events of these repositories, comma-separated: owner/name, or owner/* for all of an owner. Empty: every event in the files.",
				Example: "acme/website, acme-labs/*",
			},
		},
		New: New,
	}
}

// Source reads GH Archive files.
type Source struct {
	log    *slog.Logger
	files  []file
	filter filter
}

// New opens a source. It fails with CodeInvalid where the path or the list of repositories cannot be used.
func New(env connector.Env, values connector.Values) (connector.Source, error) {
	where := strings.TrimSpace(values[optionPath])
	if where == "" {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "gharchive needs the path of an event file or of a folder of them")
	}
	f, err := parseFilter(values[optionRepos])
	if err != nil {
		return nil, err
	}
	files, err := listFiles(where)
	if err != nil {
		return nil, err
	}
	return &Source{log: env.Log, files: files, filter: f}, nil
}

// filter is the set of repositories that are wanted; empty wants all.
type filter struct {
	repos  map[string]bool // owner/name in lower case
	owners map[string]bool
}

func parseFilter(list string) (filter, error) {
	f := filter{repos: map[string]bool{}, owners: map[string]bool{}}
	for _, item := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\t' }) {
		name := strings.TrimSuffix(strings.TrimPrefix(strings.ToLower(item), "https://github.com/"), "/")
		owner, repo := path.Split(name)
		owner = strings.TrimSuffix(owner, "/")
		if owner == "" || repo == "" || strings.Contains(owner, "/") {
			return f, greenroom.Errorf(greenroom.CodeInvalid, "the repository %q is not of the form owner/name or owner/*", item)
		}
		if repo == "*" {
			f.owners[owner] = true
		} else {
			f.repos[name] = true
		}
	}
	return f, nil
}

func (f *filter) wants(name string) bool {
	if len(f.repos) == 0 && len(f.owners) == 0 {
		return true
	}
	name = strings.ToLower(name)
	owner, _, _ := strings.Cut(name, "/")
	return f.repos[name] || f.owners[owner]
}
