// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package jsonfile

import (
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"strings"
)

// Found is a file of an export.
type Found struct {
	Name string // relative to the folder, with slashes
	Path string
	Size int64 // bytes
}

// Choice says what becomes of a file or a folder.
type Choice int

// The choices. Folders are gone into unless they are passed over.
const (
	Wanted   Choice = iota
	Other           // it is counted
	PassOver        // it is not, as a folder with all that is in it
)

// Find lists the files of an export that choose wants, sorted by name, so that a read can go on at a Place, and counts the
// others. Hidden files are neither. Root may be a single file.
func Find(root string, choose func(path string, d fs.DirEntry) Choice) (files []Found, other int, err error) {
	err = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if choose(p, d) == PassOver && p != root {
				return filepath.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() || strings.HasPrefix(d.Name(), ".") {
			return nil
		}
		switch choose(p, d) {
		case Other:
			other++
			return nil
		case PassOver:
			return nil
		case Wanted:
		}
		info, err := d.Info()
		if err != nil {
			return err //nolint:wrapcheck // the caller says what was read
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err //nolint:wrapcheck // the caller says what was read
		}
		if rel == "." {
			rel = d.Name()
		}
		files = append(files, Found{Name: strings.ToValidUTF8(filepath.ToSlash(rel), "\uFFFD"), Path: p, Size: info.Size()})
		return nil
	})
	slices.SortFunc(files, func(a, b Found) int { return strings.Compare(a.Name, b.Name) })
	return files, other, err
}

// From calls read with each file and how many of its records were told before a place: all of those of the files before it.
func From(files []Found, at Place, read func(f *Found, skip int) error) error {
	for i := range files {
		skip := 0
		switch {
		case files[i].Name < at.File:
			skip = math.MaxInt
		case files[i].Name == at.File:
			skip = at.Record
		}
		if err := read(&files[i], skip); err != nil {
			return err
		}
	}
	return nil
}
