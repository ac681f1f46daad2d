// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"errors"
	"net/http"
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
	Parameter  string         `json:"parameter,omitempty" doc:"The parameter that is wrong."`
	Position   *int           `json:"position,omitempty" doc:"Of a query: the first wrong character, counted in characters from 0."`
	End        *int           `json:"end,omitempty" doc:"Of a query: the character after the last wrong one. The same as position where something is missing."`
	Suggestion string         `json:"suggestion,omitempty" doc:"Of a query: what to write instead of the wrong characters."`
	Caret      string         `json:"caret,omitempty" doc:"Of a query: two lines for a terminal, the query and below it a mark under each wrong character."`
	RequestID  string         `json:"request_id,omitempty" doc:"Names the request in the server's log."`
}

// problemType is one way in which a request can fail.
type problemType struct {
	name    string // last part of its address
	status  int
	title   string
	code    greenroom.Code
	meaning string
}

// The types of problems. Each greenroom.Code has one, and HTTP adds some of its own.
var (
	typeInvalid      = problemType{"invalid", http.StatusBadRequest, "The request is not well-formed", greenroom.CodeInvalid, "A parameter or the body is missing, not of the documented form, or asks for something that makes no sense. Change the request before you send it again."}
	typeQuery        = problemType{"invalid-query", http.StatusBadRequest, "The query is not well-formed", greenroom.CodeInvalid, "The text in the query language has a mistake. position and end say where it is, suggestion what may have been meant."}
	typeUnauthorized = problemType{"unauthorized", http.StatusUnauthorized, "Nobody is signed in", greenroom.CodeUnauthorized, "The request brings no token, or one that is not valid, expired or revoked. Send the header Authorization: Bearer TOKEN."}
	typeForbidden    = problemType{"forbidden", http.StatusForbidden, "This is not permitted", greenroom.CodeForbidden, "The role of the user, or the scope of the token, does not permit this operation."}
	typeNotFound     = problemType{"not-found", http.StatusNotFound, "There is no such thing", greenroom.CodeNotFound, "There is nothing at this address."}
	typeMethod       = problemType{"method-not-allowed", http.StatusMethodNotAllowed, "This cannot be done here", greenroom.CodeInvalid, "The address exists, but not with this method. The header Allow lists those that it has."}
	typeConflict     = problemType{"conflict", http.StatusConflict, "This conflicts with the present state", greenroom.CodeConflict, "The object has changed, exists already or is in use. Read it again before you decide what to do."}
	typeStale        = problemType{"stale", http.StatusPreconditionFailed, "The object has changed", greenroom.CodeConflict, "The object is no longer the one whose ETag was sent in If-Match. Read it again, and repeat the change if it still makes sense."}
	typeTooLarge     = problemType{"too-large", http.StatusRequestEntityTooLarge, "The body is too large", greenroom.CodeInvalid, "The body of a request can have 1 MiB at most."}
	typeMedia        = problemType{"unsupported-media-type", http.StatusUnsupportedMediaType, "The body is not JSON", greenroom.CodeInvalid, "Bodies are JSON and say so: Content-Type: application/json."}
	typeLimited      = problemType{"limited", http.StatusTooManyRequests, "Too many requests", greenroom.CodeLimited, "Wait a while before the next request."}
	typeUnavailable  = problemType{"unavailable", http.StatusServiceUnavailable, "A part is busy or not reachable", greenroom.CodeUnavailable, "A part of Greenroom that is needed is busy or not reachable, or the answer took too long. Try again later, or ask for less."}
	typeInternal     = problemType{"internal", http.StatusInternalServerError, "Something went wrong on our side", greenroom.CodeInternal, "A fault in Greenroom. Nothing was lost; the server's log has more under request_id."}
)

// problemTypes lists all of them, in the order of their statuses.
func problemTypes() []problemType {
	return []problemType{
		typeInvalid, typeQuery, typeUnauthorized, typeForbidden, typeNotFound, typeMethod, typeConflict, typeStale, typeTooLarge,
		typeMedia, typeLimited, typeInternal, typeUnavailable,
	}
}

// typeOf is the one place that turns an error code into a status.
func typeOf(code greenroom.Code) problemType {
	switch code {
	case greenroom.CodeInvalid:
		return typeInvalid
	case greenroom.CodeNotFound:
		return typeNotFound
	case greenroom.CodeConflict:
		return typeConflict
	case greenroom.CodeUnauthorized:
		return typeUnauthorized
	case greenroom.CodeForbidden:
		return typeForbidden
	case greenroom.CodeLimited:
		return typeLimited
	case greenroom.CodeUnavailable:
		return typeUnavailable
	default:
		return typeInternal
	}
}

// fault is an error that says more than its code: the type of problem, or which parameter is wrong.
type fault struct {
	as        problemType // the zero value = by the code of err
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
		t, detail = typeQuery, qe.Message
	case errors.As(err, &f) && f.as.name != "":
		t = f.as
	case t.code == greenroom.CodeInternal && errors.Is(err, context.DeadlineExceeded):
		t, detail = typeUnavailable, "the answer took too long; ask for less, or try again later"
	case t.code == greenroom.CodeInternal:
		detail = greenroom.ErrorMessage(errInternal)
	}
	p := Problem{Type: Prefix + "/problems/" + t.name, Title: t.title, Status: t.status, Detail: detail, Code: t.code}
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
