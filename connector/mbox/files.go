// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package mbox

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"

	"greenroom"
	"greenroom/connector/internal/mailmessage"
)

// file is one mbox file.
type file struct {
	name string // relative to the folder, with slashes
	path string
	size int64
}

// listFiles lists the archive's files in a fixed order, and counts those of other kinds.
func listFiles(root string) (files []file, others int, err error) {
	st, err := os.Stat(root)
	if err != nil {
		return nil, 0, &greenroom.Error{Code: greenroom.CodeInvalid, Err: err, Message: "the mail archive " + root + " cannot be reached"}
	}
	if !st.IsDir() {
		return []file{{name: filepath.Base(root), path: root, size: st.Size()}}, 0, nil
	}
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case strings.HasPrefix(d.Name(), ".") && path != root:
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		case !d.Type().IsRegular():
			return nil
		case !isArchiveName(d.Name()):
			others++
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		files = append(files, file{name: filepath.ToSlash(rel), path: path, size: info.Size()})
		return nil
	})
	if err != nil {
		return nil, 0, &greenroom.Error{Code: greenroom.CodeInvalid, Err: err, Message: "the folder " + root + " cannot be read"}
	}
	if len(files) == 0 {
		return nil, 0, greenroom.Errorf(greenroom.CodeInvalid, "there is no mbox file in %s; its name ends in .mbox, .mbx, .txt or has no dot, and may have .gz behind", root)
	}
	slices.SortFunc(files, func(a, b file) int { return cmp.Compare(a.name, b.name) })
	return files, others, nil
}

func isArchiveName(name string) bool {
	switch filepath.Ext(strings.TrimSuffix(strings.ToLower(name), ".gz")) {
	case ".mbox", ".mbx", ".txt", ".mail", "":
		return true
	}
	return false
}

// opened is a file being read.
type opened struct {
	io.Reader
	file *os.File
	read *counter
}

// counter counts what is read from a file, compressed or not.
type counter struct {
	r io.Reader
	n int64
}

// Read reads and counts.
func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err //nolint:wrapcheck // a reader hands on what it gets, io.EOF above all
}

// open opens a file and undoes its compression, which is told by its first bytes.
func (f *file) open() (*opened, error) {
	fh, err := os.Open(f.path)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", f.name, err)
	}
	c := &counter{r: fh}
	br := bufio.NewReaderSize(c, 128<<10)
	o := &opened{Reader: br, file: fh, read: c}
	if magic, err := br.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		z, err := gzip.NewReader(br)
		if err != nil {
			_ = fh.Close() // only read
			return nil, fmt.Errorf("unpacking %s: %w", f.name, err)
		}
		o.Reader = z
	}
	return o, nil
}

func (o *opened) close() { _ = o.file.Close() } // only read

// listName is the name of a list by its file: without endings, and without what only tells the month or part. Where
// nothing is left of a name such as "2025-March.txt.gz", the folder gives the name.
func listName(path string) string {
	base := strings.TrimSuffix(filepath.Base(path), ".gz")
	base = strings.TrimSuffix(base, filepath.Ext(base))
	words := strings.FieldsFunc(base, func(r rune) bool { return r == '-' || r == '_' || r == '.' || r == ' ' })
	for len(words) > 0 && isPeriod(words[len(words)-1]) {
		words = words[:len(words)-1]
		base = strings.TrimRight(base[:strings.LastIndex(base, lastWord(base))], "-_. ")
	}
	if len(words) > 0 {
		return base
	}
	if dir := filepath.Base(filepath.Dir(path)); dir != "." && dir != string(filepath.Separator) {
		return dir
	}
	return filepath.Base(path)
}

func lastWord(base string) string {
	base = strings.TrimRight(base, "-_. ")
	return base[strings.LastIndexAny(base, "-_. ")+1:]
}

// isPeriod reports whether a word is a year, quarter, month or day, such as 2015q4, 202501 or March.
func isPeriod(w string) bool {
	w = strings.ToLower(w)
	if mailmessage.MonthNumber(w) > 0 && (len(w) == 3 || len(w) > 3 && strings.Contains("january february march april june july august september october november december", w)) {
		return true
	}
	return strings.Trim(w, "0123456789q") == "" && w != "q"
}
