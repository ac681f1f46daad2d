// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package gharchive

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"greenroom"
)

// file is one file of events.
type file struct {
	name string // relative to the folder, with slashes: what the cursor and rejects say
	path string
	size int64
}

const expected = "a .json.gz, .jsonl.gz, .json or .jsonl file of events as gharchive.org offers them, or a folder of such files"

// listFiles lists the event files at a path in the order of their hours.
func listFiles(where string) ([]file, error) {
	info, err := os.Stat(where)
	if err != nil {
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: where + " cannot be read; expected " + expected, Err: err}
	}
	if !info.IsDir() {
		return []file{{name: filepath.Base(where), path: where, size: info.Size()}}, nil
	}
	var files []file
	err = filepath.WalkDir(where, func(p string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !isEvents(entry.Name()) {
			return err
		}
		info, err := os.Stat(p) // follows a link
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(where, p)
		if err != nil {
			return err
		}
		files = append(files, file{name: filepath.ToSlash(rel), path: p, size: info.Size()})
		return nil
	})
	if err != nil {
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the folder " + where + " cannot be read whole", Err: err}
	}
	if len(files) == 0 {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the folder %s holds no event files; expected %s", where, expected)
	}
	slices.SortFunc(files, func(a, b file) int { return compareNames(a.name, b.name) })
	return files, nil
}

func isEvents(name string) bool {
	name = strings.TrimSuffix(strings.ToLower(name), ".gz")
	return !strings.HasPrefix(name, ".") &&
		(strings.HasSuffix(name, ".json") || strings.HasSuffix(name, ".jsonl") || strings.HasSuffix(name, ".ndjson"))
}

// compareNames orders names with the numbers in them as numbers, so that 2025-01-01-9 comes before 2025-01-01-10. Names
// that are equal in that sense are ordered as bytes, so that the order is total.
func compareNames(a, b string) int {
	x, y := a, b
	for x != "" && y != "" {
		if isDigit(x[0]) && isDigit(y[0]) {
			nx, ny := digits(x), digits(y)
			px, py := strings.TrimLeft(x[:nx], "0"), strings.TrimLeft(y[:ny], "0")
			if len(px) != len(py) {
				return len(px) - len(py)
			}
			if c := strings.Compare(px, py); c != 0 {
				return c
			}
			x, y = x[nx:], y[ny:]
			continue
		}
		if x[0] != y[0] {
			return int(x[0]) - int(y[0])
		}
		x, y = x[1:], y[1:]
	}
	if len(x) != len(y) {
		return len(x) - len(y)
	}
	return strings.Compare(a, b)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func digits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}
