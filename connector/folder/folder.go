// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package folder watches a folder on the server: each file that appears there is read by another connector, such as CSV
// with a saved mapping, once for its contents.
//
// It knows a file by its size and time of change, and looks at the contents only where one of them is new. A file whose
// contents came before, under whatever name, is left out; one that was changed is read again, which changes only what
// differs. A file that was changed in the last minute may still be written to, and waits for the next time.
//
// Which connectors it can use is told by whoever makes it (Spec), so that it imports none of them.
package folder

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
)

// Kind is what the connector is called.
const Kind = "folder"

const title = "Watched folder"

// The names of the options.
const (
	optPath    = "path"
	optKind    = "kind"
	optPattern = "pattern"
	optOptions = "options"
	optSettle  = "settle"
)

const help = `1. Make a folder on the server that Greenroom may read, e.g. ` + "`/data/incoming`" + `, and let the other program write its exports there, each into a file of its own.
2. Choose what kind of file they are. For CSV files, import one by hand first and look at its preview.
3. Enter what you chose there as lines in *Options of the files*, for example:

       type    = members
       mapping = email=Mail,name=Full name

New files are read every five minutes. Nothing in the folder is changed or removed: clean it up when you like.`

// Spec describes the connector, which reads files by the given kinds: those whose main option is a path.
func Spec(kinds []connector.Spec) connector.Spec {
	usable := make(map[string]connector.Spec)
	var names []string
	for i := range kinds {
		k := &kinds[i]
		if slices.ContainsFunc(k.Options, func(o connector.Option) bool { return o.Name == k.Primary && o.Type == connector.Path }) {
			usable[k.Kind] = *k
			names = append(names, k.Kind)
		}
	}
	all := options(names)
	return connector.Spec{
		Kind: Kind, Title: title, Platform: "folder", Primary: optPath, Help: help, Group: connector.GroupDoor, Options: all,
		Summary:  "Files that another program puts into a folder on the server, such as a nightly CSV export, each read once.",
		Keywords: []string{"csv", "file", "import", "sftp", "directory", "drop"}, Incremental: true, Rhythm: 5 * time.Minute,
		New: func(env connector.Env, v connector.Values) (connector.Source, error) {
			return open(env, v, all, usable)
		},
	}
}

func options(kinds []string) []connector.Option {
	return []connector.Option{
		{Name: optPath, Label: "Folder", Type: connector.Path, Required: true, Example: "/data/incoming", Help: "The folder on the server. Folders inside of it are not looked at."},
		{Name: optKind, Label: "Kind of the files", Type: connector.Choice, Required: true, Choices: kinds, Help: "What reads them."},
		{Name: optPattern, Label: "Names of the files", Type: connector.Text, Default: "*", Example: "members-*.csv", Help: "Which files are read; * stands for anything."},
		{Name: optOptions, Label: "Options of the files", Type: connector.Long, Example: "type = members", Help: "The options of the kind, a line for each: name = value."},
		{Name: optSettle, Label: "Seconds of rest", Type: connector.Number, Default: "60", Help: "How long a file must not have changed before it is read."},
	}
}

// source is one folder.
type source struct {
	env     connector.Env
	path    string
	pattern string
	inner   connector.Spec
	values  connector.Values // of the inner connector, without its path
	settle  time.Duration
}

func open(env connector.Env, v connector.Values, all []connector.Option, kinds map[string]connector.Spec) (connector.Source, error) {
	set, err := connector.ReadSettings(title, all, v, env.Now())
	if err != nil {
		return nil, err
	}
	s := &source{env: env, path: set.Text(optPath), pattern: set.Text(optPattern), inner: kinds[set.Text(optKind)], settle: time.Duration(set.Number(optSettle) * float64(time.Second))}
	if st, err := os.Stat(s.path); err != nil || !st.IsDir() {
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Err: err, Message: "there is no folder " + s.path + " that can be read"}
	}
	if _, err := filepath.Match(s.pattern, "x"); err != nil || strings.ContainsAny(s.pattern, `/\`) {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is not a pattern of names; expected one such as members-*.csv", s.pattern)
	}
	s.values, err = s.innerValues(set.Text(optOptions))
	return s, err
}

// innerValues reads the options of the files.
func (s *source) innerValues(text string) (connector.Values, error) {
	values := make(connector.Values)
	number := 0
	for line := range strings.Lines(text) {
		number++
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		name = strings.TrimSpace(name)
		if !ok || name == s.inner.Primary || !slices.ContainsFunc(s.inner.Options, func(o connector.Option) bool { return o.Name == name }) {
			var names []string
			for _, o := range s.inner.Options {
				if o.Name != s.inner.Primary {
					names = append(names, o.Name)
				}
			}
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "line %d of the options of the files, %q, is not one of %s; expected name = value with one of %s", number, line, s.inner.Title, strings.Join(names, ", "))
		}
		values[name] = strings.TrimSpace(value)
	}
	return values, nil
}

// found is a file of the folder.
type found struct {
	name string
	size int64
	at   time.Time
}

// list lists the files that are wanted, the oldest first, and counts those that may still be written to.
func (s *source) list() (files []found, fresh int, err error) {
	entries, err := os.ReadDir(s.path)
	if err != nil {
		return nil, 0, &greenroom.Error{Code: greenroom.CodeUnavailable, Err: err, Message: "the folder " + s.path + " cannot be read now"}
	}
	for _, e := range entries {
		name := e.Name()
		if ok, _ := filepath.Match(s.pattern, name); !ok || !e.Type().IsRegular() || unfinished(name) { // links could lead anywhere
			continue
		}
		st, err := e.Info()
		if err != nil {
			continue // it has gone meanwhile
		}
		if s.env.Now().Sub(st.ModTime()) < s.settle {
			fresh++
			continue
		}
		files = append(files, found{name, st.Size(), st.ModTime().UTC()})
	}
	slices.SortFunc(files, func(a, b found) int { return cmp.Or(a.at.Compare(b.at), strings.Compare(a.name, b.name)) })
	return files, fresh, nil
}

// unfinished knows the names that programs give to what they are still writing.
func unfinished(name string) bool {
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~") || strings.HasSuffix(name, "~") {
		return true
	}
	switch strings.ToLower(filepath.Ext(name)) {
	case ".tmp", ".part", ".partial", ".filepart", ".crdownload", ".swp", ".lock":
		return true
	}
	return false
}

// sum is what tells contents apart.
func (s *source) sum(name string) (string, error) {
	f, err := os.Open(filepath.Join(s.path, name))
	if err != nil {
		return "", err //nolint:wrapcheck // the caller words it
	}
	defer f.Close() //nolint:errcheck // only read
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("reading %s: %w", name, err)
	}
	return hex.EncodeToString(h.Sum(nil)[:12]), nil
}

// gone reports whether a file is no longer there.
func gone(err error) bool { return errors.Is(err, os.ErrNotExist) }
