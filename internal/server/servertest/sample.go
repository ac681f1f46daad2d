// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package servertest

import (
	"archive/zip"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"greenroom/connector"
	"greenroom/connector/all"
	"greenroom/internal/ingest"
	"greenroom/internal/list"
	"greenroom/internal/query"
	"greenroom/internal/sample"
	"greenroom/internal/server"
)

// Part is what is read of a sample community: the connector, the name of the source, and the path in the community's folder.
type Part = [3]string

// Whole is what most tests read: a chat, a forum, and what a CRM knows of members.
func Whole() []Part {
	return []Part{{"slack-export", "slack", "slack"}, {"discourse", "forum", "discourse"}, {"csv", "crm", "business/members.csv"}}
}

// Community writes a small sample community and returns its folder.
func Community(tb testing.TB) string {
	tb.Helper()
	dir := tb.TempDir()
	writeCommunity(tb, dir)
	return dir
}

func writeCommunity(tb testing.TB, dir string) {
	tb.Helper()
	if _, err := sample.Write(dir, sample.Options{Seed: 7, End: time.Now().UTC().Truncate(time.Hour), Months: 8, Scale: .25}); err != nil {
		tb.Fatal(err)
	}
}

// Zipped packs a folder and returns the file.
func Zipped(tb testing.TB, dir string) string {
	tb.Helper()
	file := filepath.Join(tb.TempDir(), "Lumen Slack export.zip")
	f, err := os.Create(file)
	if err != nil {
		tb.Fatal(err)
	}
	w := zip.NewWriter(f)
	if err := w.AddFS(os.DirFS(dir)); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	if err := f.Close(); err != nil {
		tb.Fatal(err)
	}
	return file
}

// Imported reads parts of a sample community into the store and derives what follows from them.
func Imported(tb testing.TB, app *server.App, dir string, parts ...Part) {
	tb.Helper()
	for _, p := range parts {
		spec, err := all.Find(p[0])
		if err != nil {
			tb.Fatal(err)
		}
		if _, _, err := app.Importer.Import(tb.Context(), ingest.Request{Spec: spec, Name: p[1], Values: connector.Values{spec.Primary: filepath.Join(dir, p[2])}}); err != nil {
			tb.Fatal(err)
		}
	}
	if err := app.Projector.CatchUp(tb.Context()); err != nil {
		tb.Fatal(err)
	}
}

// busiest are the conversations in which most was said.
const busiest = "is:question channel:help replies:>=3 sort:-opened"

// Talk is the id of the latest of the conversations in which most was said.
func Talk(tb testing.TB, l *Live) string {
	tb.Helper()
	q, err := query.Parse(query.NewSchema(query.Conversations, nil), busiest)
	if err != nil {
		tb.Fatal(err)
	}
	found, err := l.App.Store.ListConversations(tb.Context(), list.Request{Query: q, Limit: 1})
	if err != nil || len(found.Items) == 0 {
		tb.Fatalf("no conversation: %v", err)
	}
	return strconv.FormatInt(found.Items[0].ID, 10)
}

// Person is the id of the busiest member with the most accounts, of whose page there is most to see.
func Person(tb testing.TB, l *Live) string {
	tb.Helper()
	q, err := query.Parse(query.NewSchema(query.Members, nil), "org:* identities:>1 sort:-activities")
	if err != nil {
		tb.Fatal(err)
	}
	found, err := l.App.Store.ListMembers(tb.Context(), list.Request{Query: q, Limit: 1})
	if err != nil || len(found.Items) == 0 {
		tb.Fatalf("no member with several accounts: %v", err)
	}
	return strconv.FormatInt(found.Items[0].ID, 10)
}
