// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"greenroom/internal/auth"
	"greenroom/internal/server"
)

// TestNews waits until the first page says what changed in a sample community, and sees that each line leads somewhere.
func TestNews(t *testing.T) {
	dir := community(t)
	l := start(t, server.ServeOptions{Community: "Lumen", Sample: true}, func(app *server.App) {
		imported(t, app, dir, [3]string{"slack-export", "slack", "slack"}, [3]string{"discourse", "forum", "discourse"}, [3]string{"csv", "crm", "business/members.csv"})
	})
	c := l.as(t, auth.RoleOwner)
	card := ""
	for deadline := time.Now().Add(patience); !strings.Contains(card, "Say thank you"); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("nobody is named who helped: %s", card)
		}
		page := l.send(t, c, "GET", "/", nil).body
		_, card, _ = strings.Cut(page, `id="what-changed"`)
		card, _, _ = strings.Cut(card, "</section>")
	}
	for _, m := range regexp.MustCompile(`href="([^"]+)"`).FindAllStringSubmatch(card, -1) {
		if res := l.send(t, c, "GET", html.UnescapeString(m[1]), nil); res.code != http.StatusOK {
			t.Errorf("%s answers %d", m[1], res.code)
		}
	}
}
