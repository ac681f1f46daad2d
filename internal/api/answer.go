// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"

	"greenroom"
)

// rendered is an answer as it goes out.
type rendered struct {
	status int
	header http.Header
	body   []byte
}

// encode writes a value as JSON, with a line break at its end for people with a terminal.
func encode(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encoding the answer: %w", err)
	}
	return buf.Bytes(), nil
}

// etag names a body by its content: the same object, read twice, has the same name until it changes.
func etag(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
}

// tagFits reports whether a header If-Match or If-None-Match names an ETag. A weak name never fits If-Match.
func tagFits(header []string, tag string, weak bool) bool {
	for _, t := range strings.Split(strings.Join(header, ","), ",") {
		t = strings.TrimSpace(t)
		if weak {
			t = strings.TrimPrefix(t, "W/")
		}
		if t == "*" || t == tag {
			return true
		}
	}
	return false
}

// render makes the bytes of an answer.
func (c *call) render(ans answer) (rendered, error) {
	r := rendered{status: ans.status, header: make(http.Header), body: ans.raw}
	if r.status == 0 {
		r.status = c.op.status
	}
	if r.status == 0 {
		r.status = http.StatusOK
	}
	if ans.header != nil {
		maps.Copy(r.header, ans.header)
	}
	if ans.body != nil {
		var err error
		if r.body, err = encode(ans.body); err != nil {
			return r, err
		}
		ans.media = mediaJSON
	}
	if r.body != nil {
		r.header.Set("Content-Type", ans.media)
	}
	if c.op.secret {
		r.header.Set("Cache-Control", "no-store")
	} else if r.body != nil && (c.r.Method == http.MethodGet || c.r.Method == http.MethodHead || c.op.conditional) {
		r.header.Set("ETag", etag(r.body))
	}
	return r, nil
}

// write sends an answer, or 304 where the caller has it already.
func (r *rendered) write(w http.ResponseWriter, c *call) {
	maps.Copy(w.Header(), r.header)
	get := c.r.Method == http.MethodGet || c.r.Method == http.MethodHead
	tag := r.header.Get("ETag")
	if have := c.r.Header.Values("If-None-Match"); get && tag != "" && len(have) > 0 && tagFits(have, tag, true) {
		w.Header().Del("Content-Type")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.WriteHeader(r.status)
	if len(r.body) == 0 {
		return
	}
	if _, err := w.Write(r.body); err != nil {
		panic(http.ErrAbortHandler) // the caller went away
	}
}

// unchanged makes sure that the object is still the one that the caller names in If-Match, before a change to it. read
// gives the object as a GET would answer it. The caller holds a.editing, so that of two such changes one comes first.
func unchanged[T any](c *call, read func(context.Context, int64) (T, error)) error {
	want := c.r.Header.Values("If-Match")
	if len(want) == 0 {
		return nil
	}
	now, err := read(c.ctx(), c.id())
	if err != nil {
		return err
	}
	body, err := encode(now)
	if err != nil {
		return err
	}
	if !tagFits(want, etag(body), false) {
		return &fault{as: typeStale, err: greenroom.Errorf(greenroom.CodeConflict, "this has changed since you read it; read it again before you change it")}
	}
	return nil
}

// chunkTime is how long the caller can take to receive a part of a stream.
const chunkTime = time.Minute

// streamWriter writes an answer whose length is not known. Nothing is sent before the first Write, so a stream that fails
// at once is still answered with a problem; one that fails later is cut off.
type streamWriter struct {
	w     http.ResponseWriter
	media string
	begun bool
}

// Write sends a part.
func (s *streamWriter) Write(p []byte) (int, error) {
	if !s.begun {
		s.begun = true
		s.w.Header().Set("Content-Type", s.media)
		s.w.WriteHeader(http.StatusOK)
	}
	return s.w.Write(p)
}

// extend gives the caller the time for one more part, whatever limit the server has for whole answers. The deadline is
// asked of a context because that is the real clock, also where the program runs on another.
func (s *streamWriter) extend(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), chunkTime)
	defer cancel()
	deadline, _ := ctx.Deadline()
	if err := http.NewResponseController(s.w).SetWriteDeadline(deadline); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("going on with a long answer: %w", err)
	}
	return nil
}

// send writes a stream.
func (a *api) send(ctx context.Context, w http.ResponseWriter, c *call, ans answer) error {
	s := &streamWriter{w: w, media: ans.media}
	maps.Copy(w.Header(), ans.header)
	w.Header().Set("Cache-Control", "no-store")
	err := s.extend(ctx)
	if err == nil && c.r.Method != http.MethodHead {
		err = ans.stream(s)
	}
	if err == nil && !s.begun {
		_, err = s.Write(nil)
	}
	if err != nil && s.begun {
		a.Log.WarnContext(ctx, "a long answer was cut off", "path", c.r.URL.Path, "error", err)
		panic(http.ErrAbortHandler)
	}
	return err
}
