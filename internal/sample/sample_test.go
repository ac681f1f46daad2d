// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var testEnd = time.Date(2026, time.March, 12, 15, 0, 0, 0, time.UTC)

// hashes returns the checksum of each file below dir.
func hashes(t *testing.T, dir string) map[string]string {
	t.Helper()
	sums := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		sums[name] = fmt.Sprintf("%x", sha256.Sum256(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sums
}

func TestSameOptionsGiveSameBytes(t *testing.T) {
	write := func(seed uint64) (map[string]string, Summary) {
		dir := t.TempDir()
		sum, err := Write(dir, Options{Seed: seed, End: testEnd, Months: 4, Scale: 0.1})
		if err != nil {
			t.Fatal(err)
		}
		return hashes(t, dir), sum
	}
	first, firstSum := write(1)
	second, secondSum := write(1)
	if d := cmp.Diff(first, second); d != "" {
		t.Errorf("two runs with one seed differ:\n%s", d)
	}
	if d := cmp.Diff(firstSum, secondSum); d != "" {
		t.Errorf("two summaries with one seed differ:\n%s", d)
	}
	other, _ := write(2)
	if first["slack/users.json"] == other["slack/users.json"] {
		t.Error("two seeds give the same people")
	}
}

func TestChangeInOneChannelLeavesOthersAlone(t *testing.T) {
	help := func(w *world) []string {
		var said []string
		c := w.newCast(slack)
		for i := range w.channels {
			if ch := &w.channels[i]; ch.platform == slack && ch.key == "help" {
				err := w.playAll(w.plan(slack, c), c, slack, ch, func(th *thread) error {
					said = append(said, th.at.String()+" "+th.author.key()+" "+th.posts[0].body[0].text)
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		return said
	}
	opts := Options{Seed: 1, End: testEnd, Months: 6, Scale: 0.2}
	whole, err := newWorld(opts)
	if err != nil {
		t.Fatal(err)
	}
	changed, err := newWorld(opts)
	if err != nil {
		t.Fatal(err)
	}
	for i := range changed.channels {
		if changed.channels[i].key == "random" {
			changed.channels[i].rate *= 3
		}
	}
	want := help(whole)
	if d := cmp.Diff(want, help(changed)); d != "" || len(want) < 20 {
		t.Errorf("a busier #random changed #help, which has %d conversations:\n%s", len(want), d)
	}
}

func TestWriteRefuses(t *testing.T) {
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "mine.txt"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, dir string
		opts      Options
		want      string
	}{
		{"no end", t.TempDir(), Options{}, "End is missing"},
		{"negative months", t.TempDir(), Options{End: testEnd, Months: -1}, "Months is -1"},
		{"negative scale", t.TempDir(), Options{End: testEnd, Scale: -2}, "Scale is -2"},
		{"folder in use", full, Options{End: testEnd}, "is not empty"},
	} {
		if _, err := Write(c.dir, c.opts); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", c.name, err, c.want)
		}
	}
}

func TestPhrases(t *testing.T) {
	book, err := readPhrases()
	if err != nil {
		t.Fatal(err)
	}
	fragments, slot := 0, regexp.MustCompile(`\{([a-z_]+)\}`)
	given := []string{"version", "prev", "next", "me", "org", "domain", "city", "namecity", "name", "handle", "github"}
	for file, sections := range book {
		for section, list := range sections {
			if section == "story" || file == "slots" {
				continue
			}
			fragments += len(list)
			for _, text := range list {
				for _, m := range slot.FindAllStringSubmatch(text, -1) {
					if len(book["slots"][m[1]]) == 0 && !slices.Contains(given, m[1]) {
						t.Errorf("%s: @%s: nothing fills %s in %q", file, section, m[0], text)
					}
				}
			}
		}
	}
	if fragments < 600 {
		t.Errorf("%d fragments, want 600 or more so that messages do not repeat", fragments)
	}
	for _, lang := range []string{"es", "de", "pt", "fr", "ja"} {
		for section, list := range book[lang] {
			for _, text := range list {
				if strings.HasPrefix(section, "q.") && strings.Count(text, " | ") != 3 {
					t.Errorf("%s: @%s: %q has not the four parts of a question", lang, section, text)
				}
			}
		}
	}
	for _, topic := range topics() {
		sections := book[topic.name]
		for _, story := range sections["story"] {
			title, parts := sections["title"], strings.Fields(strings.TrimPrefix(story, "b"))
			if strings.HasPrefix(story, "b") {
				title = sections["bug"]
			}
			lists := [][]string{title, sections["problem"], sections["ask"], sections["answer"], sections["error"]}
			if len(parts) != len(lists) {
				t.Errorf("%s: story %q has %d parts, want %d", topic.name, story, len(parts), len(lists))
				continue
			}
			for i, part := range parts {
				if n, err := strconv.Atoi(part); part != "-" && (err != nil || n < 1 || n > len(lists[i])) {
					t.Errorf("%s: story %q: part %d points at nothing", topic.name, story, i+1)
				}
			}
		}
	}
}

// truthFile is truth.json as a test reads it.
type truthFile struct {
	Persons       []personTruth       `json:"persons"`
	Conversations []conversationTruth `json:"conversations"`
}

func readJSON[T any](t *testing.T, path ...string) T {
	t.Helper()
	var v T
	data, err := os.ReadFile(filepath.Join(path...))
	if err == nil {
		err = json.Unmarshal(data, &v)
	}
	if err != nil {
		t.Fatalf("%s: %v", filepath.Join(path...), err)
	}
	return v
}

// TestCommunity writes the community at its usual size once and looks at it from all sides.
func TestCommunity(t *testing.T) {
	if testing.Short() {
		t.Skip("writes a few thousand files")
	}
	dir := t.TempDir()
	sum, err := Write(dir, Options{Seed: 1, End: testEnd})
	if err != nil {
		t.Fatal(err)
	}
	truth := readJSON[truthFile](t, dir, "truth.json")
	t.Run("size", func(t *testing.T) { checkSize(t, sum, truth) })
	t.Run("stories", func(t *testing.T) { checkStories(t, truth) })
	t.Run("identities", func(t *testing.T) { checkIdentities(t, sum, truth) })
	t.Run("slack", func(t *testing.T) { checkSlack(t, dir, sum.Platforms["slack"]) })
	t.Run("discourse", func(t *testing.T) { checkDiscourse(t, dir, sum.Platforms["discourse"]) })
	t.Run("gharchive", func(t *testing.T) { checkGitHub(t, dir, sum.Platforms["gharchive"]) })
	t.Run("stackexchange", func(t *testing.T) { checkStackExchange(t, dir, sum.Platforms["stackexchange"]) })
	t.Run("discord", func(t *testing.T) { checkDiscord(t, dir, sum.Platforms["discord"]) })
	t.Run("mail", func(t *testing.T) { checkMail(t, dir, sum.Platforms["mail"]) })
	t.Run("business", func(t *testing.T) { checkBusiness(t, dir, sum) })
}

func checkSize(t *testing.T, sum Summary, truth truthFile) {
	t.Helper()
	within := func(name string, got, lo, hi int) {
		if got < lo || got > hi {
			t.Errorf("%s: %d, want %d to %d", name, got, lo, hi)
		}
	}
	within("members", sum.Members, 820, 900)
	within("staff", sum.Staff, 9, 9)
	within("bots", sum.Bots, 3, 3)
	within("members on two or more platforms", sum.MultiPlatform, sum.Members/4, sum.Members/2)
	within("activities", sum.Activities, 26000, 38000)
	within("questions without an answer", sum.Unanswered, sum.Questions/12, sum.Questions/4)
	for name, p := range sum.Platforms {
		within(name+": messages", p.Messages, 500, 12000)
		within(name+": accounts", p.Accounts, 40, 600)
	}
	questions, unanswered := 0, 0
	for _, c := range truth.Conversations {
		if c.OpenedAt.Before(sum.Start) || !c.OpenedAt.Before(sum.End) {
			t.Errorf("conversation %s opened at %s, outside the period", c.ID, c.OpenedAt)
		}
		if c.Intent == "question" {
			questions++
			if c.FirstResponse == nil {
				unanswered++
			}
		}
	}
	if questions != sum.Questions || unanswered != sum.Unanswered {
		t.Errorf("truth has %d questions, %d unanswered; the summary says %d and %d", questions, unanswered, sum.Questions, sum.Unanswered)
	}
}

// checkStories looks for what the package promises to be there to find.
func checkStories(t *testing.T, truth truthFile) {
	t.Helper()
	waiting, languages := 0, map[string]int{}
	var importerBefore, before, importerAfter, after float64
	perMonth := map[time.Month]int{}
	lastWord := map[string]time.Time{}
	for _, c := range truth.Conversations {
		languages[c.Language]++
		age := testEnd.Sub(c.OpenedAt)
		if c.OpenedAt.After(lastWord[c.Person]) {
			lastWord[c.Person] = c.OpenedAt
		}
		if c.OpenedAt.Year() == 2025 {
			perMonth[c.OpenedAt.Month()]++
		}
		if c.Intent != "question" {
			continue
		}
		if age < 4*day && c.FirstResponse == nil {
			waiting++
		}
		spike := c.Topic == "importer"
		switch {
		case age < badRelease:
			after++
			if spike {
				importerAfter++
			}
		default:
			before++
			if spike {
				importerBefore++
			}
		}
	}
	if waiting < 12 {
		t.Errorf("%d questions of the last four days wait for an answer, want 12 or more", waiting)
	}
	if was, is := importerBefore/before, importerAfter/after; is < 2.5*was {
		t.Errorf("the importer is the topic of %.0f %% of questions after the bad release and %.0f %% before, want a spike", 100*is, 100*was)
	}
	for _, lang := range []string{"es", "de", "pt", "fr", "ja"} {
		if languages[lang] == 0 {
			t.Errorf("nobody writes in %s", lang)
		}
	}
	if perMonth[time.August] >= perMonth[time.September] || perMonth[time.February] >= perMonth[time.October] {
		t.Errorf("conversations a month in 2025 show neither holidays nor growth: %v", perMonth)
	}
	silent := 0
	for _, p := range truth.Persons {
		if p.Organization == "harborleelogistics.example" {
			if silent++; lastWord[p.ID].After(testEnd.Add(-38 * day)) {
				t.Errorf("%s of the customer that has gone silent spoke at %s", p.Name, lastWord[p.ID])
			}
		}
	}
	if silent < 8 {
		t.Errorf("%d people work for the customer that has gone silent, too few to notice", silent)
	}
}

func checkIdentities(t *testing.T, sum Summary, truth truthFile) {
	t.Helper()
	byMail, byLink, lost, multi := 0, 0, 0, 0
	owner := map[string]string{}
	for _, p := range truth.Persons {
		mails := map[string]int{}
		for _, a := range p.Accounts {
			if other, taken := owner[a.Platform+" "+a.ID]; taken {
				t.Errorf("account %s on %s belongs to %s and %s", a.ID, a.Platform, other, p.ID)
			}
			owner[a.Platform+" "+a.ID] = p.ID
			if a.Email != "" {
				mails[a.Email]++
			}
			if strings.HasPrefix(a.Website, "https://github.com/") {
				byLink++
			}
			if a.Lost {
				lost++
			}
		}
		if len(p.Accounts) > 1 && p.Kind == "member" {
			multi++
		}
		for _, n := range mails {
			if n > 1 {
				byMail++
			}
		}
	}
	if multi != sum.MultiPlatform {
		t.Errorf("truth has %d members on several platforms, the summary %d", multi, sum.MultiPlatform)
	}
	for name, n := range map[string]int{"same address": byMail, "link to GitHub": byLink, "beyond finding": lost} {
		if n < 20 {
			t.Errorf("identities by %s: %d, want 20 or more", name, n)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	for b.Loop() {
		sum, err := Write(filepath.Join(b.TempDir(), strconv.Itoa(b.N)), Options{Seed: 1, End: testEnd})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(sum.Activities), "activities")
	}
}
