// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"greenroom/internal/auth"
)

// defaultTimeout is how long an operation can take, reading the body included.
const defaultTimeout = 30 * time.Second

const mediaJSON = "application/json"

// recorder remembers what was answered, for the log.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
	actor  string
}

// WriteHeader notes the status.
func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write counts what is written.
func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// outermost is around everything: it names the request, logs it, and survives panics. The log has the path and never
// what follows ?, which can hold what people search for.
func (a *api) outermost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := a.Now()
		id := requestID()
		h := w.Header()
		h.Set("X-Request-Id", id)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "private, no-cache")
		rec := &recorder{ResponseWriter: w}
		ctx := r.Context()
		defer func() {
			cut := a.survive(ctx, rec, id, recover())
			a.Log.LogAttrs(ctx, slog.LevelInfo, "api", slog.String("method", r.Method), slog.String("path", r.URL.Path),
				slog.Int("status", rec.status), slog.Int64("bytes", rec.bytes), slog.Duration("took", a.Now().Sub(begun)),
				slog.String("actor", rec.actor), slog.String("request_id", id), slog.Bool("cut", cut))
			if cut {
				panic(http.ErrAbortHandler) // net/http closes the connection, so that nobody takes half an answer for a whole one
			}
		}()
		next.ServeHTTP(rec, r)
	})
}

// survive answers after a panic, and reports whether the connection has to be cut because an answer had begun.
func (a *api) survive(ctx context.Context, rec *recorder, id string, fault any) (cut bool) {
	if fault == nil {
		return false
	}
	if err, ok := fault.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		return true
	}
	a.Log.ErrorContext(ctx, "a request to the API failed", "request_id", id, "panic", fmt.Sprint(fault), "stack", string(debug.Stack()))
	if rec.status != 0 {
		return true
	}
	p := problemOf(errInternal)
	p.RequestID = id
	writeProblem(rec, p, errInternal)
	return false
}

// serve is the way of a request to an operation.
func (a *api) serve(o *op) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if timeout := o.limit(); timeout > 0 {
			ctx, cancel := context.WithTimeout(r.Context(), timeout)
			defer cancel()
			r = r.WithContext(ctx)
		}
		c, err := a.admit(o, w, r)
		if err == nil {
			err = c.readBody(w)
		}
		if err == nil {
			err = a.repeatable(r.Context(), w, c, func() (answer, error) { return o.do(c) })
		}
		if err != nil {
			a.writeProblem(w, r, err)
		}
	})
}

func (o *op) limit() time.Duration {
	if o.timeout == 0 {
		return defaultTimeout
	}
	return o.timeout
}

// admit finds out who calls, whether they may, and what they ask for.
func (a *api) admit(o *op, w http.ResponseWriter, r *http.Request) (*call, error) {
	c := &call{op: o, r: r}
	c.caller, _ = auth.From(r.Context()) // a caller without a user is nobody
	if rec, ok := w.(*recorder); ok {
		rec.actor = c.by()
	}
	if o.need != everybody {
		if err := c.caller.Need(o.need); err != nil {
			return nil, err
		}
	}
	return c, c.readParams()
}

// writeProblem writes an error, and logs it when it is our fault.
func (a *api) writeProblem(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(err)
	p.RequestID = w.Header().Get("X-Request-Id")
	switch {
	case errors.Is(err, context.Canceled) && r.Context().Err() != nil:
		a.Log.DebugContext(r.Context(), "the caller went away", "request_id", p.RequestID)
	case p.Status >= http.StatusInternalServerError:
		a.Log.ErrorContext(r.Context(), "a request to the API failed", "request_id", p.RequestID, "path", r.URL.Path, "error", err)
	}
	writeProblem(w, p, err)
}

// Deny answers a request that goes no further than what stands before the API, in the API's words;
// authhttp.Options.DenyAPI takes it.
func Deny(w http.ResponseWriter, _ *http.Request, err error) { writeProblem(w, problemOf(err), err) }

func writeProblem(w http.ResponseWriter, p Problem, err error) {
	body, merr := encode(p)
	if merr != nil {
		body = []byte("{}") // no field of a problem can fail
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="greenroom"`)
	}
	if wait := auth.RetryAfter(err); wait > 0 {
		h.Set("Retry-After", strconv.Itoa(int(wait.Seconds())))
	}
	w.WriteHeader(p.Status)
	w.Write(body) // where that fails, there is nobody left to tell
}
