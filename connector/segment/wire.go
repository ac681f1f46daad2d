// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package segment

import (
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom/connector/internal/rest"
)

// call is the body of a request: one event, or a batch with what all of its events share.
type call struct {
	WriteKey text             `json:"writeKey"`
	SentAt   text             `json:"sentAt"`
	Batch    []jsontext.Value `json:"batch"`
	Context  eventContext     `json:"context"`
}

// event is one call of a library.
type event struct {
	Type              text         `json:"type"`
	MessageID         text         `json:"messageId"`
	UserID            text         `json:"userId"`
	AnonymousID       text         `json:"anonymousId"`
	PreviousID        text         `json:"previousId"`
	GroupID           text         `json:"groupId"`
	Event             text         `json:"event"`
	Name              text         `json:"name"`
	Category          text         `json:"category"`
	Timestamp         text         `json:"timestamp"`
	OriginalTimestamp text         `json:"originalTimestamp"`
	SentAt            text         `json:"sentAt"`
	Properties        traits       `json:"properties"`
	Traits            traits       `json:"traits"`
	Context           eventContext `json:"context"`
}

// eventContext is what is read of an event's surroundings.
type eventContext struct {
	GroupID  text   `json:"groupId"`
	Timezone text   `json:"timezone"`
	Locale   text   `json:"locale"`
	Traits   traits `json:"traits"`
	Page     traits `json:"page"`
}

// UnmarshalJSON takes anything: what is no object says nothing.
func (c *eventContext) UnmarshalJSON(data []byte) error {
	type plain eventContext
	var p plain
	if len(data) > 0 && data[0] == '{' && rest.Unmarshal(data, &p) == nil {
		*c = eventContext(p)
	}
	return nil
}

// text is a string, or a number or truth value as it is written; anything else is "".
type text string

// UnmarshalJSON reads any value.
func (t *text) UnmarshalJSON(data []byte) error {
	*t = text(plain(data))
	return nil
}

// plain is a scalar's text; "" for null, objects and arrays.
func plain(data []byte) string {
	if len(data) == 0 {
		return ""
	}
	switch data[0] {
	case '"':
		s, err := jsontext.AppendUnquote(nil, data)
		if err != nil && len(s) == 0 {
			return ""
		}
		return strings.TrimSpace(clean(string(s)))
	case 'n', '{', '[':
		return ""
	}
	return string(data)
}

// clean takes out what no text may hold.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

// traits are properties of a person, a group or an event.
type traits map[string]jsontext.Value

// UnmarshalJSON takes anything: what is no object says nothing.
func (t *traits) UnmarshalJSON(data []byte) error {
	var m map[string]jsontext.Value
	if len(data) > 0 && data[0] == '{' && rest.Unmarshal(data, &m) == nil {
		*t = m
	}
	return nil
}

// get is the first of some traits that is told as a scalar. Libraries write names in camel case, people in others too.
func (t traits) get(names ...string) string {
	for _, name := range names {
		if v := plain(t[name]); v != "" {
			return v
		}
	}
	return ""
}

// within is an object among the traits.
func (t traits) within(name string) traits {
	var inner traits
	if v := t[name]; len(v) > 0 {
		_ = inner.UnmarshalJSON(v)
	}
	return inner
}

// layouts are the ways in which libraries write times, beside RFC 3339.
var layouts = [...]string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00",
	"2006-01-02 15:04:05.999999999", "2006-1-2T15:04:05.999999999Z07:00", time.DateOnly, time.RFC1123, time.RFC1123Z,
}

// moment reads a time: a text in one of the layouts, or seconds or milliseconds since 1970.
func moment(v text) (time.Time, bool) {
	s := string(v)
	if s == "" {
		return time.Time{}, false
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, s); err == nil {
			return sane(t)
		}
	}
	n, err := strconv.ParseFloat(s, 64)
	switch {
	case err != nil || n <= 0 || n > 1e15:
		return time.Time{}, false
	case n > 1e11:
		return sane(time.UnixMilli(int64(n)))
	}
	return sane(time.UnixMilli(int64(n * 1000)))
}

// sane refuses years that no product has seen. Times are kept to the microsecond, as the store does.
func sane(t time.Time) (time.Time, bool) {
	t = t.UTC().Truncate(time.Microsecond)
	return t, t.Year() >= 1990 && t.Year() < 2200
}
