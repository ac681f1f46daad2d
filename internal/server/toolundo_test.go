// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"greenroom/internal/auth"
	"greenroom/internal/server"
	"greenroom/internal/tool"
)

// TestToolUndoPage enters a tool and takes that back, and then changes one on its page and takes that back by the button that comes
// with the message.
func TestToolUndoPage(t *testing.T) {
	l := start(t, server.ServeOptions{Community: "Lumen"})
	c := l.as(t, auth.RoleOwner)
	form := url.Values{"name": {"Forum"}, "category": {"platform"}, "state": {"in_use"}, "every": {"year"}}
	if res := l.send(t, c, "POST", "/tools/new", form); res.code != http.StatusSeeOther {
		t.Fatalf("entering it: %d %s", res.code, res.body)
	}
	if page := l.send(t, c, "GET", "/tools/1", nil); !strings.Contains(page.body, `action="/tools/1/undo`) {
		t.Error("that it was entered cannot be taken back on its page")
	}
	if res := l.send(t, c, "POST", "/tools/1/undo?version=1", url.Values{}); res.code != http.StatusSeeOther || !strings.HasPrefix(res.header.Get("Location"), "/tools") || strings.HasPrefix(res.header.Get("Location"), "/tools/") {
		t.Fatalf("taking back that it was entered: %d %s %s", res.code, res.header.Get("Location"), res.body)
	}
	if page := l.send(t, c, "GET", "/tools/1", nil); page.code != http.StatusNotFound {
		t.Errorf("taken back, its page says %d", page.code)
	}
	if res := l.send(t, c, "POST", "/tools/new", form); res.code != http.StatusSeeOther {
		t.Fatalf("entering it again: %d %s", res.code, res.body)
	}
	form.Set("version", "1")
	form.Set("state", string(tool.Retired))
	res := l.send(t, c, "POST", "/tools/2/edit", form)
	if res.code != http.StatusSeeOther {
		t.Fatalf("retiring it: %d %s", res.code, res.body)
	}
	if page := l.send(t, c, "GET", res.header.Get("Location"), nil); !strings.Contains(page.body, `action="/tools/2/undo?version=2"`) || strings.Count(page.body, `action="/tools/2/undo`) != 2 {
		t.Error("the message and the page do not both offer to take it back")
	}
	if page := l.send(t, c, "GET", "/tools", nil); strings.Contains(page.body, ">Forum<") {
		t.Error("retired, it is listed")
	}
	if res := l.send(t, c, "POST", "/tools/2/undo?version=2", url.Values{}); res.code != http.StatusSeeOther {
		t.Fatalf("taking it back: %d %s", res.code, res.body)
	}
	if page := l.send(t, c, "GET", "/tools", nil); !strings.Contains(page.body, ">Forum<") {
		t.Error("it is not listed again")
	}
}
