// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/connector"
)

// maxField is how long a typed option may be, in bytes.
const maxField = 1 << 16

// maxWaste is how much of a body that is too large is read and thrown away, in bytes: a browser listens to an answer
// only once it has sent what it is sending, or has sent a good part of it.
const maxWaste = 64 << 20

// tooLarge says what cannot be sent, and the other way in.
func (p *startPage) tooLarge(kind string) string {
	return "a browser can send up to " + gibibytes(p.cfg.MaxUpload) + " to this server. Put the file on the server and import it there: greenroom import " + kind +
		" FILE --data FOLDER, with the folder of this server; or write its path below. Nothing was stored"
}

func gibibytes(n int64) string {
	size, unit := float64(n)/(1<<30), "GiB"
	if size < 1 {
		size, unit = size*1024, "MiB"
	}
	return strconv.FormatFloat(size, 'f', -1, 64) + "\u202f" + unit
}

// upload reads a form part by part, so that what is sent goes straight to disk.
type upload struct {
	*startPage
	spec *connector.Spec
	left int64             // bytes that files may still have; negative = any
	kept map[string]Upload // by option
}

// read reads the form of an import. Files are kept, and stand in the values by their paths; when anything fails, none of
// them is.
func (p *startPage) read(w http.ResponseWriter, r *http.Request, spec *connector.Spec) (map[string]string, error) {
	u := &upload{startPage: p, spec: spec, left: -1, kept: make(map[string]Upload)}
	if p.cfg.MaxUpload > 0 {
		u.left = p.cfg.MaxUpload
		r.Body = http.MaxBytesReader(w, r.Body, p.cfg.MaxUpload+maxWaste)
	}
	values := make(map[string]string)
	err := u.parts(r, values)
	if err != nil {
		for option, f := range u.kept {
			f.Discard()
			delete(values, option)
		}
	}
	return values, err
}

func (u *upload) parts(r *http.Request, values map[string]string) error {
	broken := func(err error) error {
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the form did not arrive whole; send it again", Err: err}
	}
	if u.left >= 0 && r.ContentLength > u.left+maxWaste {
		return greenroom.Errorf(greenroom.CodeInvalid, "%s", u.tooLarge(u.spec.Kind))
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return broken(err)
	}
	known := map[string]connector.OptionType{"source-name": connector.Text, thenField: connector.Text, typeField: connector.Text, placesField: connector.Text, rhythmField: connector.Text, againField: connector.Text}
	for _, o := range u.spec.Options {
		known[o.Name] = o.Type
		known[keptField+o.Name], known[dayField+o.Name] = connector.Text, connector.Text
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return broken(err)
		}
		name := part.FormName()
		if option, isFile := strings.CutPrefix(name, "file:"); isFile && known[option] == connector.Path && part.FileName() != "" {
			if values[option], err = u.keep(option, part.FileName(), part); err != nil {
				return err
			}
			continue
		}
		text, err := io.ReadAll(io.LimitReader(part, maxField))
		if err != nil {
			return broken(err)
		}
		if option, isPlace := strings.CutPrefix(name, pickField); isPlace && known[option] == connector.List {
			values[name] = strings.TrimPrefix(values[name]+"\n"+strings.TrimSpace(string(text)), "\n")
			continue
		}
		_, ok := known[name]
		if (ok || strings.HasPrefix(name, columnField)) && strings.TrimSpace(string(text)) != "" && values[name] == "" {
			values[name] = strings.TrimSpace(string(text))
		}
	}
}

// keep writes a file to the data folder.
func (u *upload) keep(option, name string, from io.Reader) (string, error) {
	if u.kept[option] != nil {
		return "", greenroom.Errorf(greenroom.CodeInvalid, "send one file at a time; of several, pack a zip or import one after the other")
	}
	up, err := u.cfg.Imports.Upload(filepath.Base(name))
	if err != nil {
		return "", err
	}
	u.kept[option] = up
	body := from
	if u.left >= 0 {
		body = io.LimitReader(from, u.left+1)
	}
	n, err := io.Copy(up, body)
	switch {
	case err != nil && greenroom.ErrorCode(err) != greenroom.CodeInternal:
		return "", err
	case err != nil:
		return "", &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the file did not arrive whole; send it again", Err: err}
	case u.left >= 0 && n > u.left:
		if _, err := io.Copy(io.Discard, io.LimitReader(from, maxWaste)); err != nil {
			return "", fmt.Errorf("reading past a file that is too large: %w", err)
		}
		return "", greenroom.Errorf(greenroom.CodeInvalid, "the file %q is too large: %s", filepath.Base(name), u.tooLarge(u.spec.Kind))
	}
	if u.left >= 0 {
		u.left -= n
	}
	return up.Close()
}
