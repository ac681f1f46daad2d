// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"unicode/utf8"

	"greenroom"
	"greenroom/internal/query"
)

// Problem tells what went wrong, in the form of RFC 9457.
type Problem struct {
	Type       string         `json:"type" doc:"Address that names the type of problem and explains it when it is opened."`
	Title      string         `json:"title" doc:"The type of problem in a few words, always the same for a type."`
	Status     int            `json:"status" doc:"The HTTP status."`
	Detail     string         `json:"detail" doc:"What happened this time, in words that can be shown to people."`
	Code       greenroom.Code `json:"code" doc:"The type of problem for programs."`
	Parameter  string         `json:"parameter,omitempty" doc:"The parameter, or the field of the body, that is wrong."`
	Position   *int           `json:"position,omitempty" doc:"Of a query: the first wrong character, counted in characters from 0."`
	End        *int           `json:"end,omitempty" doc:"Of a query: the character after the last wrong one. The same as position where something is missing."`
	Suggestion string         `json:"suggestion,omitempty" doc:"Of a query: what to write instead of the wrong characters."`
	Caret      string         `json:"caret,omitempty" doc:"Of a query: two lines for a terminal, the query and below it a mark under each wrong character."`
	RequestID  string         `json:"request_id,omitempty" doc:"Names the request in the server's log."`
}

// problemName is the last part of a problem type's address.
type problemName string

// The types of problems. Each greenroom.Code has one, and HTTP adds some of its own.
const (
	typeInvalid      problemName = "invalid"
	typeQuery        problemName = "invalid-query"
	typeUnauthorized problemName = "unauthorized"
	typeForbidden    problemName = "forbidden"
	typeNotFound     problemName = "not-found"
	typeMethod       problemName = "method-not-allowed"
	typeConflict     problemName = "conflict"
	typeStale        problemName = "stale"
	typeTooLarge     problemName = "too-large"
	typeMedia        problemName = "unsupported-media-type"
	typeLimited      problemName = "limited"
	typeUnavailable  problemName = "unavailable"
	typeInternal     problemName = "internal"
)

// problemType is one way in which a request can fail.
type problemType struct {
	name    problemName
	status  int
	title   string
	code    greenroom.Code
	meaning string
}

// problemTypes lists all of them, in the order of their statuses.
func problemTypes() []problemType {
	return []problemType{
		{typeInvalid, http.StatusBadRequest, "The request is not well-formed", greenroom.CodeInvalid, "A parameter or the body is missing, not of the documented form, or asks for something that makes no sense. Change the request before you send it again."},
		{typeQuery, http.StatusBadRequest, "The query is not well-formed", greenroom.CodeInvalid, "The text in the query language has a mistake. position and end say where it is, suggestion what may have been meant."},
		{typeUnauthorized, http.StatusUnauthorized, "Nobody is signed in", greenroom.CodeUnauthorized, "The request brings no token, or one that is not valid, expired or revoked. Send the header Authorization: Bearer TOKEN."},
		{typeForbidden, http.StatusForbidden, "This is not permitted", greenroom.CodeForbidden, "The role of the user, or the scope of the token, does not permit this operation."},
		{typeNotFound, http.StatusNotFound, "There is no such thing", greenroom.CodeNotFound, "There is nothing at this address."},
		{typeMethod, http.StatusMethodNotAllowed, "This cannot be done here", greenroom.CodeInvalid, "The address exists, but not with this method. The header Allow lists those that it has."},
		{typeConflict, http.StatusConflict, "This conflicts with the present state", greenroom.CodeConflict, "The object has changed, exists already or is in use. Read it again before you decide what to do."},
		{typeStale, http.StatusPreconditionFailed, "The object has changed", greenroom.CodeConflict, "The object is no longer the one whose ETag was sent in If-Match. Read it again, and repeat the change if it still makes sense."},
		{typeTooLarge, http.StatusRequestEntityTooLarge, "The body is too large", greenroom.CodeInvalid, "The body of a request can have 1 MiB at most."},
		{typeMedia, http.StatusUnsupportedMediaType, "The body is not JSON", greenroom.CodeInvalid, "Bodies are JSON and say so: Content-Type: application/json."},
		{typeLimited, http.StatusTooManyRequests, "Too many requests", greenroom.CodeLimited, "Wait a while before the next request."},
		{typeInternal, http.StatusInternalServerError, "Something went wrong on our side", greenroom.CodeInternal, "A fault in Greenroom. Nothing was lost; the server's log has more under request_id."},
		{typeUnavailable, http.StatusServiceUnavailable, "A part is busy or not reachable", greenroom.CodeUnavailable, "A part of Greenroom that is needed is busy or not reachable, or the answer took too long. Try again later, or ask for less."},
	}
}

// of gives what is known of a type.
func (n problemName) of() problemType {
	all := problemTypes()
	return all[slices.IndexFunc(all, func(t problemType) bool { return t.name == n })]
}

// address is where the type is explained.
func (t problemType) address() string { return address("problems", string(t.name)) }

// typeOf is the one place that turns an error code into a status.
func typeOf(code greenroom.Code) problemType {
	switch code {
	case greenroom.CodeInvalid:
		return typeInvalid.of()
	case greenroom.CodeNotFound:
		return typeNotFound.of()
	case greenroom.CodeConflict:
		return typeConflict.of()
	case greenroom.CodeUnauthorized:
		return typeUnauthorized.of()
	case greenroom.CodeForbidden:
		return typeForbidden.of()
	case greenroom.CodeLimited:
		return typeLimited.of()
	case greenroom.CodeUnavailable:
		return typeUnavailable.of()
	default:
		return typeInternal.of()
	}
}

// fault is an error that says more than its code: the type of problem, or which parameter is wrong.
type fault struct {
	as        problemName // "" = by the code of err
	parameter string
	err       error
}

func (f *fault) Error() string { return f.err.Error() }
func (f *fault) Unwrap() error { return f.err }

// wrong is the error of a parameter.
func wrong(parameter, format string, args ...any) error {
	return &fault{parameter: parameter, err: greenroom.Errorf(greenroom.CodeInvalid, format, args...)}
}

// problemOf describes an error. Of one that is our fault it tells nothing but that.
func problemOf(err error) Problem {
	var f *fault
	var qe *query.Error
	t := typeOf(greenroom.ErrorCode(err))
	detail := greenroom.ErrorMessage(err)
	switch {
	case errors.As(err, &qe):
		t, detail = typeQuery.of(), qe.Message
	case errors.As(err, &f) && f.as != "":
		t = f.as.of()
	case t.code == greenroom.CodeInternal && errors.Is(err, context.DeadlineExceeded):
		t, detail = typeUnavailable.of(), "the answer took too long; ask for less, or try again later"
	case t.code == greenroom.CodeInternal:
		detail = greenroom.ErrorMessage(errInternal)
	}
	p := Problem{Type: t.address(), Title: t.title, Status: t.status, Detail: detail, Code: t.code, Parameter: greenroom.ErrorField(err)}
	if f != nil || errors.As(err, &f) {
		p.Parameter = f.parameter
	}
	if qe != nil {
		position, end := characters(qe.Text, qe.Pos), characters(qe.Text, qe.End)
		p.Position, p.End, p.Suggestion, p.Caret = &position, &end, qe.Suggestion, qe.Caret()
	}
	return p
}

// errInternal stands for every fault of ours.
var errInternal = errors.New("internal")

// characters counts the characters of text before a byte offset.
func characters(text string, offset int) int { return utf8.RuneCountInString(text[:offset]) }

// bytesOf is the byte offset of a character, at most the length of the text.
func bytesOf(text string, character int) int {
	for offset := range text {
		if character <= 0 {
			return offset
		}
		character--
	}
	return len(text)
}
