// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/http"
	"time"

	"greenroom"
	"greenroom/internal/auth"
)

// op is one operation: how it is called, what it takes and answers, and what it does.
type op struct {
	method  string
	path    string // below Prefix, with {parameters}; the OpenAPI document has it like this
	pattern string // for the router, where that cannot take path; "" = path
	id      string // operationId
	tag     string
	summary string // a few words, without a period
	text    string // what it does, in Markdown
	need    auth.Permission
	params  []param
	body    *content // what is sent; nil = nothing
	reply   content  // what is answered when all is well
	status  int      // of that answer; 0 = 200
	codes   []greenroom.Code
	timeout time.Duration // 0 = defaultTimeout, below 0 = none

	repeatable  bool // honors Idempotency-Key
	conditional bool // honors If-Match
	paged       bool // answers with Link headers
	secret      bool // the answer holds a secret and is not to be kept anywhere

	do func(*call) (answer, error)
}

// content is what is sent or answered.
type content struct {
	of      any    // a value of the type; nil = no body
	media   string // "" = application/json
	text    string // what it is, in a sentence; "" = a general one
	example any
}

// everybody needs no permission, and nobody has to be signed in.
const everybody auth.Permission = ""

// form is the form of a parameter.
type form string

// The forms of parameters.
const (
	formText    form = "string"
	formInteger form = "integer"
	formFlag    form = "boolean"
)

// param is a parameter in the path or in the query string.
type param struct {
	name     string
	path     bool // in the path, else in the query string
	form     form
	text     string
	required bool
	initial  string // "" = none
	example  string
	min, max int64 // of integers; max 0 = no limit
	choices  []string
}

// idParam is the id of an object in the path.
func idParam(text string) param {
	return param{name: "id", path: true, form: formInteger, min: 1, text: text, example: "42"}
}

// nameParam is a name in the path.
func nameParam(name, text, example string) param {
	return param{name: name, path: true, form: formText, text: text, example: example}
}

// pageParams are the parameters of everything that comes in pages.
func pageParams(limit string, max int64) []param {
	return []param{
		{name: "cursor", form: formText, text: "Where the page begins: `next` or `prev` of another page. Without it the first page is given."},
		{name: "limit", form: formInteger, min: 1, max: max, initial: limit, text: "How many items a page has at most.", example: "20"},
	}
}

// answer is what an operation answers.
type answer struct {
	status int // 0 = as the operation says
	body   any // written as JSON; nil = no body
	raw    []byte
	media  string      // of raw
	header http.Header // nil = none beyond the usual
	stream func(w *streamWriter) error
}

// ok is the answer with a body.
func ok(body any) (answer, error) { return answer{body: body}, nil }
