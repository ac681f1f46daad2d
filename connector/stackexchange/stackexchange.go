// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package stackexchange reads the data dump of a Stack Exchange site: Posts.xml and, where they are present, Users.xml,
// Comments.xml and Votes.xml. Each is a list of <row …/> elements whose attributes hold everything.
//
// The files are streamed by a scanner made for this form (rows.go). Posts.xml is read twice: once for what a row tells of
// other rows (which answer was accepted, which question an answer belongs to; index.go), which takes eight bytes an
// answer, and once for the facts. So an accepted answer is known as such when its own row is read, and a comment on an
// answer finds its conversation, without holding the posts.
//
// # Tags
//
// A site is one channel. Tags are not channels: a question has up to five and none of them is its place, and an answer
// has none. They stand at the end of the question's text instead, where a search finds them.
package stackexchange

import (
	"errors"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"greenroom"
	"greenroom/connector"
)

// Kind is what the connector is called.
const Kind = "stackexchange"

// The names of the options.
const (
	optionPath = "path"
	optionSite = "site"
)

const help = `Stack Exchange offers the dumps, signed in, in your profile's settings under "Data dump access"; older ones are at
archive.org/details/stackexchange. Take the one of your site, for example coffee.stackexchange.com.7z, and unpack it first:

    7z x coffee.stackexchange.com.7z -ocoffee.stackexchange.com

Then give the folder. Posts.xml alone is enough; Users.xml adds names and profiles, Comments.xml comments, Votes.xml votes.`

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind:     Kind,
		Title:    "Stack Exchange data dump",
		Platform: "stackexchange",
		Summary:  "Questions, answers, accepted answers, comments, votes and people of a Stack Exchange site.",
		Help:     help,
		Primary:  optionPath,
		Options: []connector.Option{
			{
				Name: optionPath, Label: "Folder", Type: connector.Path, Required: true, Example: "/srv/dumps/coffee.stackexchange.com",
				Help: "The folder of the unpacked dump, in which Posts.xml stands.",
			},
			{
				Name: optionSite, Label: "Site", Type: connector.Text, Example: "coffee.stackexchange.com",
				Help: "The address of the site, for links. Empty: the folder's name, where that is an address.",
			},
		},
		New: New,
	}
}

// Source reads one unpacked dump.
type Source struct {
	log   *slog.Logger
	files []file
	name  string // of the site
	site  string // its address without a slash at the end, "" = not known
}

// file is one file of the dump.
type file struct {
	table table
	name  string
	path  string
	size  int64
}

// table is which of the files it is.
type table uint8

const (
	users table = iota
	posts
	comments
	votes
	tables
)

var tableNames = [...]string{"users.xml", "posts.xml", "comments.xml", "votes.xml"}

// New opens a source. It fails with CodeInvalid where there is no unpacked dump at the path.
func New(env connector.Env, values connector.Values) (connector.Source, error) {
	where := strings.TrimSpace(values[optionPath])
	if where == "" {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "stackexchange needs the folder of an unpacked data dump")
	}
	info, err := os.Stat(where)
	if err != nil {
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: where + " cannot be read; expected the folder of an unpacked data dump, with Posts.xml in it", Err: err}
	}
	if !info.IsDir() {
		if strings.EqualFold(filepath.Ext(where), ".7z") {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "%s is packed; unpack it first with: 7z x %s, and give the folder", where, filepath.Base(where))
		}
		where = filepath.Dir(where) // one of the files: the folder is meant
	}
	s := &Source{log: env.Log}
	if s.files, err = listFiles(where); err != nil {
		return nil, err
	}
	abs, err := filepath.Abs(where)
	if err != nil {
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: where + " is not a path", Err: err}
	}
	return s, s.setSite(values[optionSite], filepath.Base(abs))
}

// listFiles finds the files of the dump, in the order in which they are read.
func listFiles(dir string) ([]file, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the folder " + dir + " cannot be read", Err: err}
	}
	var files []file
	packed := false
	for t := range tables {
		for _, entry := range entries {
			packed = packed || strings.EqualFold(filepath.Ext(entry.Name()), ".7z")
			if !strings.EqualFold(entry.Name(), tableNames[t]) {
				continue
			}
			path := filepath.Join(dir, entry.Name())
			info, err := os.Stat(path)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: path + " cannot be read", Err: err}
			}
			if err == nil && !info.IsDir() {
				files = append(files, file{table: t, name: entry.Name(), path: path, size: info.Size()})
				break
			}
		}
	}
	if len(files) == 0 && packed {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the folder %s holds a packed dump; unpack it first with 7z x, and give the folder that has Posts.xml", dir)
	}
	if len(files) == 0 {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the folder %s has no Posts.xml; expected the folder of an unpacked data dump", dir)
	}
	return files, nil
}

var domain = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}$`)

func (s *Source) setSite(option, folder string) error {
	site := strings.ToLower(strings.TrimSpace(option))
	if u, err := url.Parse(site); err == nil && u.Host != "" {
		site = u.Host
	}
	switch {
	case domain.MatchString(site):
		s.name, s.site = site, "https://"+site
	case site != "":
		return greenroom.Errorf(greenroom.CodeInvalid, "the site %q is not an address; expected something like coffee.stackexchange.com", option)
	case domain.MatchString(strings.ToLower(folder)):
		s.name = strings.ToLower(folder)
		s.site = "https://" + s.name
	default:
		s.name = folder
	}
	return nil
}
