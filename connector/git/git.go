// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package git reads the history of a local git clone: a work tree, its .git folder or a bare repository.
//
// It runs the git program and streams its log through a pipe, since no library reads a long history as fast or knows
// as many of the forms a repository may have on disk. The program runs without the user's configuration, hooks, pager
// and network; nothing in the repository can make it run anything.
//
// # Two runs over the log
//
// The first run collects the people: which addresses wrote commits, under which name last, and how .mailmap joins them.
// The second tells the commits, oldest first. So each identity is told once and whole, however its name changed over
// the years, a second import finds nothing new to store, and the progress knows its total.
//
// # Co-authors
//
// There is exactly one activity of kind commit for each commit, by its author, so that the number of commits is what
// git itself counts. A co-author named in a Co-authored-by trailer is mentioned in it and has an activity of kind push
// with the same commit's hash in its external id: of the kinds there are, it is the one that says "brought commits
// into the repository" and counts as neither review nor response.
package git

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"greenroom"
	"greenroom/connector"
)

// The options.
const (
	optPath       = "path"
	optBranch     = "branch"
	optMailmap    = "mailmap"
	optRepository = "repository"
	optWebURL     = "web-url"
	optCoAuthors  = "co-authors"

	mailmapNone = "none"
)

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind:     "git",
		Title:    "Git repository",
		Platform: "git",
		Summary:  "Commits with their authors and co-authors from a local clone of a git repository, people joined by its .mailmap.",
		Help: `Greenroom reads a clone that lies on the server:

1. On the server, run ` + "`git clone --bare ADDRESS FOLDER`" + ` with the repository's address. No files are needed, so ` + "`--bare`" + ` saves space.
2. Give the folder here. A work tree or its ` + "`.git`" + ` folder will do as well.
3. To bring it up to date, run ` + "`git -C FOLDER fetch origin '+refs/heads/*:refs/heads/*'`" + ` and import again.

The program ` + "`git`" + ` has to be installed on the server. Nothing is sent anywhere and the clone is not changed.`,
		Primary: optPath,
		Options: []connector.Option{
			{
				Name: optPath, Label: "Clone", Type: connector.Path, Required: true,
				Help: "The folder of the clone: a work tree, its .git folder or a bare repository.", Example: "/data/acme.git",
			},
			{
				Name: optBranch, Label: "Branch", Type: connector.Text, Example: "main",
				Help: "Read only what this branch or tag contains. Without it, all branches and tags are read.",
			},
			{
				Name: optMailmap, Label: "Mailmap", Type: connector.Path, Example: "/data/acme.mailmap",
				Help: "A .mailmap file that says which addresses are one person. Without it, the repository's own is used; \"none\" uses none.",
			},
			{
				Name: optRepository, Label: "Name of the repository", Type: connector.Text, Example: "acme/widgets",
				Help: "How the channel is called. Without it, the name in the address it was cloned from, else the folder's name.",
			},
			{
				Name: optWebURL, Label: "Web address", Type: connector.Text, Example: "https://github.com/acme/widgets",
				Help: "The repository's page, for links to commits. Without it, it is derived from the address it was cloned from, for the well-known hosts.",
			},
			{
				Name: optCoAuthors, Label: "Co-authors", Type: connector.Bool, Default: "true",
				Help: "Credit the people named in Co-authored-by lines with an activity of their own.",
			},
		},
		New: newSource,
	}
}

// source is one configured clone.
type source struct {
	env       connector.Env
	path      string // absolute, symbolic links resolved
	branch    string
	mailmap   string // a file, "none" or "" for the repository's own
	name      string
	webURL    string
	coAuthors bool
}

func newSource(env connector.Env, v connector.Values) (connector.Source, error) {
	s := &source{
		env: env, branch: strings.TrimSpace(v[optBranch]), mailmap: strings.TrimSpace(v[optMailmap]),
		name: strings.TrimSpace(v[optRepository]), coAuthors: true,
	}
	var err error
	if s.path, err = cloneFolder(v[optPath]); err != nil {
		return nil, err
	}
	switch v[optCoAuthors] {
	case "", "true":
	case "false":
		s.coAuthors = false
	default:
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the option %s is true or false, not %q", optCoAuthors, v[optCoAuthors])
	}
	if s.branch != "" && (strings.HasPrefix(s.branch, "-") || strings.ContainsAny(s.branch, "\x00\n")) {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is not the name of a branch or tag", s.branch)
	}
	if s.webURL, err = webAddress(v[optWebURL]); err != nil {
		return nil, err
	}
	if s.mailmap != "" && s.mailmap != mailmapNone {
		if st, err := os.Stat(s.mailmap); err != nil || !st.Mode().IsRegular() {
			return nil, &greenroom.Error{
				Code: greenroom.CodeInvalid, Err: err,
				Message: "there is no readable file " + s.mailmap + "; give a .mailmap file, \"none\", or leave the option empty to use the repository's own",
			}
		}
	}
	return s, nil
}

// cloneFolder checks that the path is a folder and makes it absolute.
func cloneFolder(path string) (string, error) {
	path = strings.TrimSpace(path)
	if path == "" {
		return "", greenroom.Errorf(greenroom.CodeInvalid, "say where the clone is: the folder that git clone made")
	}
	st, err := os.Stat(path)
	if err != nil {
		return "", &greenroom.Error{
			Code: greenroom.CodeInvalid, Err: err,
			Message: "there is no readable folder " + path + "; give the folder that git clone made",
		}
	}
	if !st.IsDir() {
		return "", greenroom.Errorf(greenroom.CodeInvalid,
			"%s is a file; give the folder of a clone (of a bundle, make one with: git clone --bare %s FOLDER)", path, path)
	}
	if path, err = filepath.Abs(path); err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		return "", &greenroom.Error{Code: greenroom.CodeInvalid, Err: err, Message: "the folder " + path + " cannot be reached"}
	}
	return path, nil
}

func webAddress(s string) (string, error) {
	s = strings.TrimRight(strings.TrimSpace(s), "/")
	if s == "" {
		return "", nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return "", greenroom.Errorf(greenroom.CodeInvalid, "the web address %q is not one like https://github.com/acme/widgets", s)
	}
	return s, nil
}
