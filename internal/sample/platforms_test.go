// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	netmail "net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// The checks read the files with nothing but the standard library and types of their own, as an importer would.

// filled finds slots that nothing filled.
var filled = regexp.MustCompile(`\{[a-z]+\}|\{n:`)

func glob(t *testing.T, parts ...string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(parts...))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files %s: %v", filepath.Join(parts...), err)
	}
	return files
}

func same(t *testing.T, what string, got, want int) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %d in the files, %d in the summary", what, got, want)
	}
}

func checkSlack(t *testing.T, dir string, want PlatformSummary) {
	t.Helper()
	type message struct {
		Type, Subtype, User, Text, TS string
		ThreadTS                      string `json:"thread_ts"`
		BotID                         string `json:"bot_id"`
		ReplyCount                    int    `json:"reply_count"`
		Reactions                     []struct {
			Users []string
			Count int
		}
	}
	users := map[string]bool{}
	for _, u := range readJSON[[]struct{ ID string }](t, dir, "slack", "users.json") {
		users[u.ID] = true
	}
	channels := readJSON[[]struct{ Name string }](t, dir, "slack", "channels.json")
	same(t, "accounts", len(users), want.Accounts)
	human, bots, reactions, joins := 0, 0, 0, 0
	openings, texts := 0, map[string]bool{}
	for _, ch := range channels {
		replies, counts, stamps := map[string]int{}, map[string]int{}, map[string]bool{}
		for _, file := range glob(t, dir, "slack", ch.Name, "*.json") {
			last := ""
			for _, m := range readJSON[[]message](t, file) {
				if m.TS <= last || stamps[m.TS] {
					t.Errorf("%s: message %s is not after %s", file, m.TS, last)
				}
				last, stamps[m.TS] = m.TS, true
				if m.User != "" && !users[m.User] {
					t.Errorf("%s: user %s is not in users.json", file, m.User)
				}
				if filled.MatchString(m.Text) && !strings.Contains(m.Text, "```") {
					t.Errorf("%s: unfilled slot in %q", file, m.Text)
				}
				switch {
				case m.Subtype == "channel_join":
					joins++
				case m.BotID != "":
					bots++
				default:
					human++
					if ch.Name == "help" && (m.ThreadTS == "" || m.ThreadTS == m.TS) {
						openings++
						texts[m.Text] = true
					}
				}
				for _, r := range m.Reactions {
					reactions += r.Count
				}
				if m.ThreadTS != "" && m.ThreadTS != m.TS {
					replies[m.ThreadTS]++
				}
				if m.ReplyCount > 0 {
					counts[m.TS] = m.ReplyCount
				}
			}
		}
		for ts, n := range replies {
			if counts[ts] != n {
				t.Errorf("#%s: thread %s has %d replies, its root says %d", ch.Name, ts, n, counts[ts])
			}
		}
	}
	same(t, "messages", human, want.Messages)
	same(t, "bot messages", bots, want.BotMessages)
	same(t, "reactions", reactions, want.Reactions)
	same(t, "joins", joins, want.Other)
	if len(texts) < openings*95/100 {
		t.Errorf("%d openings in #help have %d different texts", openings, len(texts))
	}
}

func checkDiscourse(t *testing.T, dir string, want PlatformSummary) {
	t.Helper()
	type post struct {
		ID         int
		Username   string
		Cooked     string
		PostNumber int                       `json:"post_number"`
		PostType   int                       `json:"post_type"`
		CreatedAt  string                    `json:"created_at"`
		Accepted   bool                      `json:"accepted_answer"`
		Actions    []struct{ ID, Count int } `json:"actions_summary"`
	}
	type topic struct {
		ID         int
		Title      string
		CategoryID int                        `json:"category_id"`
		PostsCount int                        `json:"posts_count"`
		PostStream struct{ Posts []post }     `json:"post_stream"`
		Solved     *struct{ Username string } `json:"accepted_answer"`
	}
	users, posts, likes, ids := map[string]bool{}, 0, 0, map[int]bool{}
	for _, file := range glob(t, dir, "discourse", "u", "*.json") {
		u := readJSON[struct{ User struct{ Username string } }](t, file)
		users[u.User.Username] = true
	}
	same(t, "accounts", len(users), want.Accounts)
	site := readJSON[struct{ Categories []struct{ ID int } }](t, dir, "discourse", "site.json")
	files := glob(t, dir, "discourse", "t", "*.json")
	same(t, "topics", len(files), want.Conversations)
	for _, file := range files {
		topic := readJSON[topic](t, file)
		if topic.Title == "" || len(topic.PostStream.Posts) != topic.PostsCount {
			t.Errorf("%s: title %q, %d posts of %d", file, topic.Title, len(topic.PostStream.Posts), topic.PostsCount)
		}
		if !slices.ContainsFunc(site.Categories, func(c struct{ ID int }) bool { return c.ID == topic.CategoryID }) {
			t.Errorf("%s: category %d is not in site.json", file, topic.CategoryID)
		}
		accepted := 0
		for i, p := range topic.PostStream.Posts {
			if _, err := time.Parse(time.RFC3339, p.CreatedAt); err != nil || ids[p.ID] || p.PostNumber != i+1 || !users[p.Username] {
				t.Errorf("%s: post %d, number %d, by %s at %s: %v", file, p.ID, p.PostNumber, p.Username, p.CreatedAt, err)
			}
			ids[p.ID] = true
			if p.PostType == 1 {
				posts++
			}
			if p.Accepted {
				accepted++
			}
			for _, a := range p.Actions {
				likes += a.Count
			}
		}
		if (topic.Solved != nil) != (accepted == 1) {
			t.Errorf("%s: %d accepted posts, accepted_answer %v", file, accepted, topic.Solved)
		}
	}
	same(t, "posts", posts, want.Messages)
	same(t, "likes", likes, want.Reactions)
}

func checkGitHub(t *testing.T, dir string, want PlatformSummary) {
	t.Helper()
	kinds, ids, people, bots := map[string]int{}, map[string]bool{}, map[string]bool{}, 0
	last := ""
	for _, file := range glob(t, dir, "gharchive", "*.json.gz") {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		dec := json.NewDecoder(z)
		for {
			var e struct {
				ID, Type  string
				Actor     struct{ Login string }
				Repo      struct{ Name string }
				Payload   map[string]json.RawMessage
				CreatedAt string `json:"created_at"`
			}
			if err := dec.Decode(&e); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			if ids[e.ID] || e.CreatedAt < last || e.Repo.Name == "" {
				t.Errorf("%s: event %s at %s, in %q", file, e.ID, e.CreatedAt, e.Repo.Name)
			}
			last, ids[e.ID], people[e.Actor.Login] = e.CreatedAt, true, true
			kind := e.Type
			if action := string(e.Payload["action"]); action != "" {
				kind += " " + strings.Trim(action, `"`)
			}
			kinds[kind]++
			if strings.HasSuffix(e.Actor.Login, "[bot]") {
				bots++
			}
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
	messages := kinds["IssuesEvent opened"] + kinds["PullRequestEvent opened"] + kinds["IssueCommentEvent created"] + kinds["PullRequestReviewEvent created"] + kinds["DiscussionEvent created"]
	same(t, "messages", messages-bots, want.Messages)
	same(t, "accounts", len(people), want.Accounts)
	other := 0
	for _, kind := range []string{"IssuesEvent closed", "PullRequestEvent closed", "PushEvent", "WatchEvent started", "ForkEvent", "ReleaseEvent published"} {
		if kinds[kind] == 0 {
			t.Errorf("no %s among %v", kind, kinds)
		}
		other += kinds[kind]
	}
	same(t, "other events", other, want.Other)
}

func checkStackExchange(t *testing.T, dir string, want PlatformSummary) {
	t.Helper()
	rows := map[string][]map[string]string{}
	for _, name := range []string{"Posts", "Comments", "Votes", "Users"} {
		data, err := os.ReadFile(filepath.Join(dir, "stackexchange", name+".xml"))
		if err != nil {
			t.Fatal(err)
		}
		var doc struct {
			Rows []struct {
				Attrs []xml.Attr `xml:",any,attr"`
			} `xml:"row"`
		}
		if err := xml.Unmarshal(data, &doc); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, r := range doc.Rows {
			row := map[string]string{}
			for _, a := range r.Attrs {
				row[a.Name.Local] = a.Value
			}
			rows[name] = append(rows[name], row)
		}
	}
	same(t, "messages", len(rows["Posts"])+len(rows["Comments"]), want.Messages)
	same(t, "accounts", len(rows["Users"]), want.Accounts)
	users, posts, accepted := map[string]bool{}, map[string]map[string]string{}, 0
	for _, u := range rows["Users"] {
		users[u["Id"]] = true
	}
	for _, p := range rows["Posts"] {
		posts[p["Id"]] = p
	}
	for _, p := range rows["Posts"] {
		if !users[p["OwnerUserId"]] {
			t.Errorf("post %s is by user %s who is not there", p["Id"], p["OwnerUserId"])
		}
		if a := p["AcceptedAnswerId"]; a != "" {
			if accepted++; posts[a]["ParentId"] != p["Id"] {
				t.Errorf("post %s accepts %s, which answers %q", p["Id"], a, posts[a]["ParentId"])
			}
		}
	}
	same(t, "accepted answers", accepted, want.Accepted)
	for _, c := range rows["Comments"] {
		if posts[c["PostId"]] == nil || !users[c["UserId"]] {
			t.Errorf("comment %s on %s by %s", c["Id"], c["PostId"], c["UserId"])
		}
	}
}

func checkDiscord(t *testing.T, dir string, want PlatformSummary) {
	t.Helper()
	people, messages, bots, joins, reactions := map[string]bool{}, 0, 0, 0, 0
	for _, file := range glob(t, dir, "discord", "*.json") {
		x := readJSON[struct {
			MessageCount int
			Messages     []struct {
				ID, Type, Timestamp string
				Author              struct {
					ID    string
					IsBot bool
				}
				Reactions []struct{ Count int }
				Reference *struct{ MessageID string }
			}
		}](t, file)
		if x.MessageCount != len(x.Messages) {
			t.Errorf("%s: %d messages of %d", file, len(x.Messages), x.MessageCount)
		}
		seen := map[string]bool{}
		for _, m := range x.Messages {
			if seen[m.ID] || m.Reference != nil && !seen[m.Reference.MessageID] {
				t.Errorf("%s: message %s occurs twice or answers one that is not there", file, m.ID)
			}
			seen[m.ID], people[m.Author.ID] = true, true
			switch {
			case m.Type == "GuildMemberJoin":
				joins++
			case m.Author.IsBot:
				bots++
			default:
				messages++
			}
			for _, r := range m.Reactions {
				reactions += r.Count
			}
		}
	}
	same(t, "messages", messages, want.Messages)
	same(t, "bot messages", bots, want.BotMessages)
	same(t, "joins", joins, want.Other)
	same(t, "reactions", reactions, want.Reactions)
	if len(people) > want.Accounts || len(people) < want.Accounts*9/10 {
		t.Errorf("%d people write or join, the summary has %d accounts", len(people), want.Accounts)
	}
}

func checkMail(t *testing.T, dir string, want PlatformSummary) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "mail", "users.mbox"))
	if err != nil {
		t.Fatal(err)
	}
	var letters [][]byte
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if bytes.HasPrefix(lines.Bytes(), []byte("From ")) {
			letters = append(letters, nil)
			continue
		}
		n := len(letters) - 1
		letters[n] = append(append(letters[n], lines.Bytes()...), '\n')
	}
	same(t, "messages", len(letters), want.Messages)
	ids, senders := map[string]bool{}, map[string]bool{}
	for _, raw := range letters {
		m, err := netmail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			t.Fatalf("%v in\n%s", err, raw)
		}
		from, err := m.Header.AddressList("From")
		if err != nil {
			t.Fatalf("From %q: %v", m.Header.Get("From"), err)
		}
		senders[from[0].Address] = true
		if _, err := m.Header.Date(); err != nil {
			t.Error(err)
		}
		id, to := m.Header.Get("Message-ID"), m.Header.Get("In-Reply-To")
		if ids[id] || to != "" && !ids[to] {
			t.Errorf("message %s occurs twice, or answers %s which was not sent", id, to)
		}
		ids[id] = true
	}
	same(t, "accounts", len(senders), want.Accounts)
}

func checkBusiness(t *testing.T, dir string, sum Summary) {
	t.Helper()
	read := func(name string) (rows []map[string]string) {
		data, err := os.ReadFile(filepath.Join(dir, "business", name))
		if err != nil {
			t.Fatal(err)
		}
		list, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range list[1:] {
			row := map[string]string{}
			for i, name := range list[0] {
				row[name] = line[i]
			}
			rows = append(rows, row)
		}
		return rows
	}
	organizations, members, deals, tickets := read("organizations.csv"), read("members.csv"), read("deals.csv"), read("tickets.csv")
	subscriptions, usage := read("subscriptions.csv"), read("usage.csv")
	same(t, "usage", len(usage), sum.Usage)
	known := map[string]bool{}
	for _, m := range members {
		known[m["email"]] = true
	}
	for _, u := range usage {
		if at, err := time.Parse(time.RFC3339, u["date"]); err != nil || !at.Before(sum.End) || !known[u["email"]] || u["kind"] != "usage" {
			t.Fatalf("usage %v: nobody the CRM knows, or not before the end", u)
		}
	}
	same(t, "subscriptions", len(subscriptions), sum.Subscriptions)
	same(t, "organizations", len(organizations), sum.Organizations)
	same(t, "contacts", len(members), sum.Contacts)
	same(t, "deals", len(deals), sum.Deals)
	same(t, "tickets", len(tickets), sum.Tickets)
	lifecycles, domains, names := map[string]int{}, map[string]bool{}, map[string]bool{}
	for _, o := range organizations {
		lifecycles[o["lifecycle"]]++
		if domains[o["domain"]] || !strings.HasSuffix(o["domain"], ".example") {
			t.Errorf("domain %s occurs twice or could be real", o["domain"])
		}
		domains[o["domain"]], names[o["name"]] = true, true
	}
	if len(lifecycles) != 4 {
		t.Errorf("lifecycles: %v, want all four", lifecycles)
	}
	for _, r := range slices.Concat(deals, tickets, subscriptions) {
		if !domains[r["organization_domain"]] {
			t.Errorf("%s belongs to %s, which is no organization", r["id"], r["organization_domain"])
		}
	}
	checkTrials(t, organizations, subscriptions)
	emails := map[string]bool{}
	for _, m := range members {
		if emails[m["email"]] || !names[m["organization"]] {
			t.Errorf("contact %s occurs twice or works nowhere (%s)", m["email"], m["organization"])
		}
		emails[m["email"]] = true
	}
}

// checkTrials asks whether the 30-day trials are told alike everywhere, and whether many leave after theirs.
func checkTrials(t *testing.T, organizations, subscriptions []map[string]string) {
	t.Helper()
	billed := map[string]string{}
	for _, r := range subscriptions {
		billed[r["organization_domain"]] = r["trial_start"] + " " + r["trial_end"]
	}
	today, over, left := testEnd.Format(time.DateOnly), 0, 0
	for _, o := range organizations {
		from, to := o["trial_started"], o["trial_ends"]
		if o["lifecycle"] == "trial" && (from > today || to <= today) {
			t.Errorf("%s is on trial from %q to %q", o["domain"], from, to)
		}
		if from == "" {
			continue
		}
		begun, err := time.Parse(time.DateOnly, from)
		if err != nil || begun.AddDate(0, 0, 30).Format(time.DateOnly) != to || billed[o["domain"]] != from+" "+to {
			t.Errorf("%s tries from %q to %q; billing says %q", o["domain"], from, to, billed[o["domain"]])
		}
		if to <= today {
			over++
			if o["lifecycle"] == "prospect" {
				left++
			}
		}
	}
	if left*4 < over || left*2 > over {
		t.Errorf("of %d organizations whose trial is over %d left then, want a quarter to a half", over, left)
	}
}
