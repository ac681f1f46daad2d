// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"greenroom"
)

// Upload is a file that a browser sends, on its way to disk.
type Upload struct {
	file *os.File
	name string
}

// Upload begins a file in the data folder's uploads, in a folder of its own so that its name can stay.
func (i *Imports) Upload(name string) (*Upload, error) {
	if err := os.MkdirAll(i.uploads, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder for uploads: %w", err)
	}
	dir, err := os.MkdirTemp(i.uploads, "")
	if err != nil {
		return nil, fmt.Errorf("making a folder for the upload: %w", err)
	}
	name = filepath.Base(filepath.Clean("/" + name))
	if name == "/" || name == "." {
		name = "upload"
	}
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: "a file of that name cannot be kept", Err: err}
	}
	return &Upload{file: f, name: f.Name()}, nil
}

// Write appends to the file.
func (u *Upload) Write(p []byte) (int, error) {
	n, err := u.file.Write(p)
	return n, notKept(err)
}

// Close keeps the file and returns its path.
func (u *Upload) Close() (string, error) { return u.name, notKept(u.file.Close()) }

// notKept says that it is the server that could not write.
func notKept(err error) error {
	if err == nil {
		return nil
	}
	return &greenroom.Error{Code: greenroom.CodeUnavailable, Message: "the server could not keep the file; its disk may be full. Nothing was imported", Err: err}
}

// Discard throws the file away.
func (u *Upload) Discard() {
	_ = u.file.Close()
	_ = os.RemoveAll(filepath.Dir(u.name))
}

// uploadRest is how long an upload is kept that no source was made of: somebody may be looking at its preview.
const uploadRest = 24 * time.Hour

// sweepUploads removes what browsers sent and no source reads: uploads that were broken off with their server, files whose
// import was never started, and those that a newer one has replaced. It returns how many that were.
func (a *App) sweepUploads(ctx context.Context) (int, error) {
	dir := filepath.Join(a.Data, "uploads")
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("looking through the uploads: %w", err)
	}
	sources, err := a.Store.Sources(ctx)
	if err != nil {
		return 0, err
	}
	used := make(map[string]bool)
	for i := range sources {
		for _, v := range sources[i].Config {
			if rel, err := filepath.Rel(dir, v); err == nil {
				first, _, _ := strings.Cut(rel, string(filepath.Separator))
				used[first] = true
			}
		}
	}
	removed := 0
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || used[e.Name()] || a.Now().Sub(info.ModTime()) < uploadRest {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return removed, fmt.Errorf("removing an upload: %w", err)
		}
		removed++
	}
	return removed, nil
}
