// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/auth"
)

// maxBody is how large the body of a request can be.
const maxBody = 1 << 20

// call is one request to an operation, after its parameters were checked.
type call struct {
	op     *op
	r      *http.Request
	caller auth.Caller
	values map[string]string // by name; those with an initial value are always there
	body   []byte
}

// ctx ends when the caller goes away or the operation takes too long.
func (c *call) ctx() context.Context { return c.r.Context() }

// by names the caller in the audit log and in decisions.
func (c *call) by() string { return c.caller.Actor() }

// text is the value of a parameter, "" where it was not given.
func (c *call) text(name string) string { return c.values[name] }

// given reports whether a parameter has a value.
func (c *call) given(name string) bool {
	_, ok := c.values[name]
	return ok
}

// integer is the value of a parameter of formInteger, 0 where it was not given.
func (c *call) integer(name string) int64 {
	n, err := strconv.ParseInt(c.values[name], 10, 64)
	if err != nil {
		return 0 // what was given has been checked
	}
	return n
}

// id is the id in the path.
func (c *call) id() int64 { return c.integer("id") }

// flag is the value of a parameter of formFlag.
func (c *call) flag(name string) bool { return c.values[name] == "true" }

// readParams checks the parameters of a request.
func (c *call) readParams() error {
	query, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the part of the address after ? cannot be read; encode special characters as %XX", Err: err}
	}
	c.values = make(map[string]string, len(c.op.params))
	for name, values := range query {
		if !slices.ContainsFunc(c.op.params, func(p param) bool { return p.name == name && !p.path }) {
			return wrong(name, "there is no parameter %q here%s", name, c.op.listParams())
		}
		if len(values) > 1 {
			return wrong(name, "the parameter %s is given %d times; give it once", name, len(values))
		}
		c.values[name] = values[0]
	}
	for i := range c.op.params {
		p := &c.op.params[i]
		if p.path {
			c.values[p.name] = c.r.PathValue(p.name)
		}
		v, given := c.values[p.name]
		switch {
		case !given && p.required:
			return wrong(p.name, "the parameter %s is missing", p.name)
		case !given && p.initial != "":
			c.values[p.name] = p.initial
		case given:
			if err := p.check(v); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o *op) listParams() string {
	var names []string
	for i := range o.params {
		if !o.params[i].path {
			names = append(names, o.params[i].name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "; there are " + strings.Join(names, ", ")
}

// check checks a value that was given.
func (p *param) check(v string) error {
	switch {
	case len(p.choices) > 0:
		if !slices.Contains(p.choices, v) {
			return wrong(p.name, "%s is one of %s, not %q", p.name, strings.Join(p.choices, ", "), v)
		}
	case p.form == formFlag:
		if v != "true" && v != "false" {
			return wrong(p.name, "%s is true or false, not %q", p.name, v)
		}
	case p.form == formInteger:
		n, err := strconv.ParseInt(v, 10, 64)
		switch {
		case err != nil:
			return wrong(p.name, "%s is a whole number, not %q", p.name, v)
		case n < p.min || p.max > 0 && n > p.max:
			return wrong(p.name, "%s is %s, not %d", p.name, p.bounds(), n)
		}
	}
	return nil
}

func (p *param) bounds() string {
	if p.max > 0 {
		return fmt.Sprintf("a number from %d to %d", p.min, p.max)
	}
	return fmt.Sprintf("a number from %d on", p.min)
}

// readBody reads what was sent, so that a repeated request can be recognized by it.
func (c *call) readBody(w http.ResponseWriter) error {
	if c.op.body == nil {
		return nil
	}
	media, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if want := cmp.Or(c.op.body.media, mediaJSON); err != nil || media != want {
		what := "JSON"
		if want != mediaJSON {
			what = "what the operation takes"
		}
		return &fault{as: typeMedia, err: greenroom.Errorf(greenroom.CodeInvalid, "send %s, with the header Content-Type: %s", what, want)}
	}
	if deadline, ok := c.ctx().Deadline(); ok {
		if err := http.NewResponseController(w).SetReadDeadline(deadline); err != nil && !errors.Is(err, http.ErrNotSupported) {
			return fmt.Errorf("limiting the time to read the body: %w", err)
		}
	}
	c.body, err = io.ReadAll(http.MaxBytesReader(w, c.r.Body, maxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return &fault{as: typeTooLarge, err: greenroom.Errorf(greenroom.CodeInvalid, "the body of a request can have %d bytes at most", maxBody)}
	case err != nil:
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the body did not arrive whole", Err: err}
	}
	return nil
}

// decode reads the body as a T. Fields that T does not have are an error, so that a slip of the pen is not taken for
// a wish to change nothing.
func decode[T any](c *call) (T, error) {
	var v T
	dec := json.NewDecoder(bytes.NewReader(c.body))
	dec.DisallowUnknownFields()
	err := dec.Decode(&v)
	if err == nil {
		if _, err = dec.Token(); errors.Is(err, io.EOF) {
			return v, nil
		}
		err = errTrailing
	}
	invalid := func(format string, args ...any) (T, error) {
		return v, &greenroom.Error{Code: greenroom.CodeInvalid, Message: fmt.Sprintf(format, args...), Err: err}
	}
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return invalid("the body is not JSON; it goes wrong at byte %d", syntax.Offset)
	case errors.As(err, &kind) && kind.Field == "":
		return invalid("the body is a JSON %s; expected an object", kind.Value)
	case errors.As(err, &kind):
		return invalid("the field %s cannot be a %s", kind.Field, kind.Value)
	case errors.Is(err, errTrailing):
		return invalid("the body has something after the end of its JSON object")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return invalid("the body is empty or ends too early; expected a JSON object")
	}
	if name, found := strings.CutPrefix(err.Error(), "json: unknown field "); found {
		return invalid("there is no field %s here", name)
	}
	return invalid("the body cannot be read: %s", greenroom.ErrorMessage(err))
}

var errTrailing = errors.New("trailing data")
