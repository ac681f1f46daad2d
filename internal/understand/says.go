// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package understand

import (
	"strings"

	"greenroom"
	"greenroom/internal/text"
)

// Says is the message in an activity, and whether there is one. What people write to each other is read; what they do is
// not, although platforms put texts there: a commit is no report of the bug that it fixes. The title of what answers
// something is the title of that, so of answers the body counts alone.
func (t *Text) Says() (text.Message, bool) {
	info := t.Kind.Info()
	m := text.Message{Title: t.Title, Body: t.Body}
	switch {
	case t.Deleted:
		return m, false
	case info.Opens:
		m.Reply = t.ReplyTo != ""
	case info.Answers || t.Kind == greenroom.KindSurveyAnswer:
		m.Title, m.Reply = "", info.Answers
	default:
		return m, false
	}
	return m, strings.TrimSpace(m.Title) != "" || strings.TrimSpace(m.Body) != ""
}
