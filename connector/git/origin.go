// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package git

import (
	"net/url"
	"path/filepath"
	"strings"
)

// repository is the channel that a clone's activities are in.
type repository struct {
	name   string
	page   string // "https://github.com/acme/widgets" or ""
	commit string // what stands in front of a hash in the address of a commit, "" where it is not known
}

// describe names a repository by the address that it was cloned from, else by its folder. Only of well-known hosts is
// it known where a commit's page is, unless the user gave the repository's page.
func describe(folder, origin, name, page string) repository {
	host, path := splitOrigin(origin)
	r := repository{name: name, page: page}
	if r.name == "" {
		r.name = path
	}
	if r.name == "" {
		r.name = folderName(folder)
	}
	if r.page == "" && path != "" && knownHost(host) {
		r.page = "https://" + host + "/" + path
	}
	if r.page != "" {
		r.commit = r.page + commitPath(r.page)
	}
	return r
}

// folderName is the name of a clone's folder without what git adds to it.
func folderName(folder string) string {
	base := filepath.Base(folder)
	if base == ".git" {
		base = filepath.Base(filepath.Dir(folder))
	}
	if trimmed := strings.TrimSuffix(base, ".git"); trimmed != "" {
		return trimmed
	}
	return base
}

// splitOrigin reads host and path from the forms an address may have: https://host/path.git, ssh://git@host:22/path,
// git@host:path. Anything else, such as a folder, gives "". Passwords in the address are dropped.
func splitOrigin(origin string) (host, path string) {
	origin = strings.TrimSpace(origin)
	if strings.Contains(origin, "://") {
		u, err := url.Parse(origin)
		if err != nil || u.Scheme == "file" {
			return "", ""
		}
		host, path = u.Hostname(), u.Path
	} else {
		before, after, ok := strings.Cut(origin, ":")
		if !ok || strings.ContainsAny(before, `/\`) || len(before) < 2 {
			return "", ""
		}
		host, path = before[strings.LastIndexByte(before, '@')+1:], after
	}
	path = strings.TrimSuffix(strings.Trim(path, "/"), ".git")
	if host == "" || path == "" || strings.ContainsAny(path, " ?#\\") || strings.Contains(path, "..") {
		return "", ""
	}
	return strings.ToLower(host), path
}

func knownHost(host string) bool {
	switch host {
	case "github.com", "gitlab.com", "bitbucket.org", "codeberg.org":
		return true
	}
	return strings.HasPrefix(host, "gitlab.")
}

// commitPath is what a host puts between a repository's page and a commit's hash.
func commitPath(page string) string {
	u, err := url.Parse(page)
	switch {
	case err == nil && strings.Contains(u.Hostname(), "gitlab"):
		return "/-/commit/"
	case err == nil && strings.Contains(u.Hostname(), "bitbucket"):
		return "/commits/"
	}
	return "/commit/"
}
