// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package slackexport

import (
	"archive/zip"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"greenroom"
)

// entry is one file of an export. Its path is relative to the folder that holds users.json, with slashes.
type entry struct {
	dir, base string // dir is "" for the lists at the top
	size      int64
	open      func() (io.ReadCloser, error)
}

func (e *entry) path() string { return path.Join(e.dir, e.base) }

// isDay reports whether the file holds the messages of one day.
func (e *entry) isDay() bool { return e.dir != "" && isDayName(e.base) }

func isDayName(base string) bool {
	name, ok := strings.CutSuffix(base, ".json")
	if !ok || len(name) != len("2006-01-02") {
		return false
	}
	for i, c := range []byte(name) {
		if dash := i == 4 || i == 7; dash != (c == '-') || !dash && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// archive is an opened export: its files in the order in which they are read.
type archive struct {
	entries []entry
	total   int64 // bytes of all entries
	other   int   // files that are no JSON or lie deeper than an export's do
	zip     *zip.ReadCloser
}

func (a *archive) close() {
	if a.zip != nil {
		_ = a.zip.Close()
	}
}

const wantExport = "a zip file or folder with users.json, channels.json and a folder with one JSON file a day for each channel was expected"

// openArchive lists the files of a zip file or folder.
func openArchive(p string) (*archive, error) {
	info, err := os.Stat(p)
	if err != nil {
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: p + " cannot be read; " + wantExport, Err: err}
	}
	a := &archive{}
	var all []entry
	if info.IsDir() {
		all, err = listFolder(p)
	} else {
		a.zip, all, err = listZip(p)
	}
	if err != nil {
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: p + " is not a Slack export; " + wantExport, Err: err}
	}
	root, ok := findRoot(all)
	if !ok {
		a.close()
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%s holds no Slack export; %s", p, wantExport)
	}
	a.keep(all, root)
	return a, nil
}

func listFolder(p string) ([]entry, error) {
	var all []entry
	err := filepath.WalkDir(p, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("listing %s: %w", name, err)
		}
		if !d.Type().IsRegular() {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return fmt.Errorf("listing %s: %w", name, err)
		}
		rel, err := filepath.Rel(p, name)
		if err != nil {
			return fmt.Errorf("listing %s: %w", name, err)
		}
		all = append(all, newEntry(filepath.ToSlash(rel), info.Size(), func() (io.ReadCloser, error) { return os.Open(name) }))
		return nil
	})
	return all, err
}

func listZip(p string) (*zip.ReadCloser, []entry, error) {
	z, err := zip.OpenReader(p)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // nothing is ever unpacked to those paths
		return nil, nil, fmt.Errorf("opening the zip file: %w", err)
	}
	var all []entry
	for _, f := range z.File {
		if name := strings.ReplaceAll(f.Name, `\`, "/"); !strings.HasSuffix(name, "/") {
			all = append(all, newEntry(path.Clean(name), int64(min(f.UncompressedSize64, 1<<62)), f.Open)) //nolint:gosec // bounded
		}
	}
	return z, all, nil
}

func newEntry(name string, size int64, open func() (io.ReadCloser, error)) entry {
	dir, base := path.Split(name)
	return entry{dir: strings.TrimSuffix(dir, "/"), base: base, size: size, open: open}
}

// listed reports whether a file name is one of the lists at the top of an export.
func listed(base string) bool {
	switch base {
	case fileUsers, fileOrgUsers, fileChannels, fileGroups, fileMPIMs, fileDMs:
		return true
	}
	return false
}

// findRoot finds the folder that holds the lists: people put exports into folders, and zip tools do too.
func findRoot(all []entry) (root string, ok bool) {
	depth := func(dir string) int { return len(strings.FieldsFunc(dir, func(r rune) bool { return r == '/' })) }
	better := func(dir string) {
		if !ok || cmp.Or(cmp.Compare(depth(dir), depth(root)), cmp.Compare(dir, root)) < 0 {
			root, ok = dir, true
		}
	}
	for i := range all {
		if listed(all[i].base) && !junk(all[i].dir) {
			better(all[i].dir)
		}
	}
	if ok {
		return root, true
	}
	for i := range all { // lists are missing: the folder above the days
		if all[i].isDay() && !junk(all[i].dir) {
			parent := path.Dir(all[i].dir)
			better(strings.TrimPrefix(parent, "."))
		}
	}
	return root, ok
}

func junk(dir string) bool { return strings.HasPrefix(dir, "__MACOSX") }

// keep takes over the files below root that an export has, sorted: lists in their order, other lists, then channels by
// name and their days.
func (a *archive) keep(all []entry, root string) {
	for _, e := range all {
		dir, below := strings.CutPrefix(e.dir+"/", strings.TrimPrefix(root+"/", "/"))
		dir = strings.TrimSuffix(dir, "/")
		switch {
		case junk(e.dir) || strings.HasPrefix(e.base, "."):
		case !below || strings.Contains(dir, "/") || !strings.HasSuffix(e.base, ".json"):
			a.other++
		default:
			e.dir = dir
			if !utf8.ValidString(dir) {
				e.dir = strings.ToValidUTF8(dir, "\uFFFD")
			}
			a.entries = append(a.entries, e)
			a.total += e.size
		}
	}
	slices.SortFunc(a.entries, compareEntries)
}

func compareEntries(x, y entry) int {
	return cmp.Or(cmp.Compare(rank(&x), rank(&y)), cmp.Compare(x.dir, y.dir), cmp.Compare(x.base, y.base))
}

// rank puts the lists first: people before channels, and those before messages, which refer to both.
func rank(e *entry) int {
	if e.dir != "" {
		return 9
	}
	for i, name := range []string{fileUsers, fileOrgUsers, fileChannels, fileGroups, fileMPIMs, fileDMs} {
		if e.base == name {
			return i
		}
	}
	return 8
}
