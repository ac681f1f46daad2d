// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package greenroom

import (
	"errors"
	"fmt"
)

// Code says what went wrong in terms that every face can turn into a status: an HTTP status, an exit code, a sentence.
type Code string

// The error codes.
const (
	CodeInvalid      Code = "invalid"      // the request or the input is not well-formed
	CodeNotFound     Code = "not_found"    // no such object
	CodeConflict     Code = "conflict"     // the object has changed, exists already or is in use
	CodeUnauthorized Code = "unauthorized" // nobody is signed in
	CodeForbidden    Code = "forbidden"    // who is signed in may not do this
	CodeLimited      Code = "limited"      // too many requests, try again later
	CodeUnavailable  Code = "unavailable"  // a part that is needed is busy or not reachable
	CodeInternal     Code = "internal"     // anything else: our fault
)

// Error is an error with a code and a message that is safe to show to the person who caused it.
type Error struct {
	Code    Code
	Message string // a whole sentence without its period: what happened and, where known, what to do
	Field   string // the field of the form or of the body that is wrong, by the name that the API has for it; "" = none is named
	Err     error  // the cause, for the log only; may be nil
}

// Error returns the message, with the cause behind it.
func (e *Error) Error() string {
	if e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error without a cause.
func Errorf(code Code, format string, args ...any) error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// FieldErrorf makes an Error of CodeInvalid about one field.
func FieldErrorf(field, format string, args ...any) error {
	return &Error{Code: CodeInvalid, Message: fmt.Sprintf(format, args...), Field: field}
}

// ErrorField returns the field that the first Error in err's chain is about; "" where it names none.
func ErrorField(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Field
	}
	return ""
}

// ErrorCode returns the code of the first Error in err's chain, CodeInternal where there is none, "" for nil.
func ErrorCode(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}

// ErrorMessage returns what may be shown of err: the message of the first Error in its chain, else a general sentence.
func ErrorMessage(err error) string {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Message
	}
	return "something went wrong on our side; nothing was lost"
}
