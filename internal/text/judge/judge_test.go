// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package judge

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"greenroom/internal/text"
)

// shipped opens the artifact once for all tests.
var shipped = sync.OnceValues(Default)

func model(tb testing.TB) *Model {
	tb.Helper()
	m, err := shipped()
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

func TestRead(t *testing.T) {
	m := model(t)
	for _, c := range []struct {
		title, body string
		category    text.Category
		sentiment   text.Sentiment
		urgency     text.Urgency
		question    bool
	}{
		{"", "How can I rotate the signing keys without downtime?", text.CategoryQuestion, text.SentimentNeutral, text.UrgencyNone, true},
		{"", "Thank you so much, that fixed it! You are awesome :)", text.CategoryPraise, text.SentimentPositive, text.UrgencyNone, false},
		{"", "The upload crashes with a stack trace since the last update", text.CategoryBug, text.SentimentNeutral, text.UrgencyNone, false},
		{"", "It would be great if one could sort the table by two columns", text.CategoryFeature, text.SentimentNeutral, text.UrgencyNone, false},
		{"", "Version 4.2 has been released today! Read more on our blog: https://example.org/blog", text.CategoryAnnouncement, text.SentimentNeutral, text.UrgencyNone, false},
		{"", "Hi everyone, I'm Ana, a developer from Lisbon. Happy to be here!", text.CategoryIntroduction, text.SentimentPositive, text.UrgencyNone, false},
		{"", "We are hiring a senior developer, fully remote, apply on our page", text.CategoryJob, text.SentimentNeutral, text.UrgencyNone, false},
		{"", "You can set that in the config file, it's under `server`.", text.CategoryOther, text.SentimentNeutral, text.UrgencyNone, false},
		{"Outage", "Our production is down since the upgrade, all requests fail!", text.CategoryBug, text.SentimentUnsure, text.UrgencyNow, false},
		{"", "I am blocked by this error, I can't deploy anything", text.CategoryBug, text.SentimentUnsure, text.UrgencySoon, false},
	} {
		got := m.Read(text.Message{Title: c.title, Body: c.body})
		if got.Category != c.category || got.Urgency != c.urgency || got.Question != c.question ||
			c.sentiment != text.SentimentUnsure && got.Sentiment != c.sentiment {
			t.Errorf("Read(%q, %q) = %v (%.2f), %v (%.2f), urgency %v, question %v; want %v, %v, %v, %v", c.title, c.body,
				got.Category, got.CategoryP, got.Sentiment, got.SentimentP, got.Urgency, got.Question, c.category, c.sentiment, c.urgency, c.question)
		}
	}
}

// TestTicketForm: what a ticket is follows from its form where its words are of no help.
func TestTicketForm(t *testing.T) {
	m := model(t)
	for _, c := range []struct{ body, want string }{
		{"Allow the frobnicator to be tuned\n### Describe the solution you'd like\nA knob.", "feature"},
		{"frobnicator: wrong gauge after a resize\nFixes #12. To verify: resize twice.", "bug"},
		{"Frobnicator and my gauge\nI followed the guide, my gauge stays at zero. I'm new to this. Thanks in advance", "question"},
	} {
		if got, p := m.Classify(TaskIssue, text.Message{Body: c.body}); got != c.want {
			t.Errorf("%q is a %s (%.2f), want a %s", c.body, got, p, c.want)
		}
		title, body, _ := strings.Cut(c.body, "\n")
		if got, p := m.Classify(TaskIssue, text.Message{Title: title, Body: body}); got != c.want {
			t.Errorf("%q with its title apart is a %s (%.2f), want a %s", c.body, got, p, c.want)
		}
	}
}

// TestLongTicket: a ticket of little prose and a long log is read, whatever is in the log, and its end has no say.
func TestLongTicket(t *testing.T) {
	m := model(t)
	var log strings.Builder
	rnd := rand.New(rand.NewPCG(1, 2))
	for log.Len() < 1<<20 {
		fmt.Fprintf(&log, "%x %x\n", rnd.Uint32(), rnd.Uint64())
	}
	if label, p := m.Classify(TaskIssue, text.Message{Title: "Crash at start", Body: "```\n" + log.String() + "```"}); label == "" || p < 1.0/3 {
		t.Errorf("a long log is %q with %.2f", label, p)
	}
}

// FuzzClassify: every text has an answer to every task, whose probability is one.
func FuzzClassify(f *testing.F) {
	f.Add("Crash at start", "```\npanic: nil\n```\n### Steps\n1. start")
	f.Add("", "\xff\x00 [bug] ???")
	m := model(f)
	f.Fuzz(func(t *testing.T, title, body string) {
		for _, task := range Tasks() {
			label, p := m.Classify(task, text.Message{Title: title, Body: body})
			if !slices.Contains(task.Labels(), label) || !(p > 0 && p <= 1) {
				t.Errorf("%s of %q, %q is %q with %v", task, title, body, label, p)
			}
		}
	})
}

func TestUnsure(t *testing.T) {
	m := model(t)
	for _, body := range []string{"", "```\nx = 1\n```", "https://example.org/a", "1234"} {
		if got := m.Read(text.Message{Body: body}); got.Category != text.CategoryUnsure || got.Sentiment != text.SentimentUnsure {
			t.Errorf("Read(%q) = %v, %v, want unsure", body, got.Category, got.Sentiment)
		}
	}
	got := m.Read(text.Message{Body: "the table"})
	if got.CategoryP <= 0 || got.CategoryP > 1 || got.SentimentP <= 0 || got.SentimentP > 1 {
		t.Errorf("probabilities are %v and %v", got.CategoryP, got.SentimentP)
	}
}

// TestForeign: what the models do not know is not judged, but a question is one in any language.
func TestForeign(t *testing.T) {
	m := model(t)
	got := m.Read(text.Message{Body: "Guten Tag, seit dem letzten Update stürzt das Programm beim Öffnen ab. Weiß jemand, woran das liegt?"})
	if got.Language != "de" || got.Category != text.CategoryUnsure || got.Sentiment != text.SentimentUnsure || !got.Question {
		t.Errorf("German: %+v", got)
	}
	if got := m.Read(text.Message{Body: "Does anyone know where the log files are written to?"}); got.Language != "en" || got.Category != text.CategoryQuestion {
		t.Errorf("English: %+v", got)
	}
}

// TestQuotesAndCode: what stands in them is not what its author says.
func TestQuotesAndCode(t *testing.T) {
	m := model(t)
	plain := m.Read(text.Message{Body: "That did it, thank you very much!"})
	around := m.Read(text.Message{Body: "> it crashes, what a terrible mess, why?\n\nThat did it, thank you very much!\n```\npanic: fatal error\n```"})
	if plain.Category != text.CategoryPraise || around.Category != plain.Category || around.Sentiment != plain.Sentiment || around.Question {
		t.Errorf("without quote and code %+v, with them %+v", plain, around)
	}
}

func TestStrength(t *testing.T) {
	m := model(t)
	last := float32(1)
	for _, body := range []string{"I absolutely love this, it is wonderful!!!", "This is nice", "The file is in the folder", "This is bad", "I hate this, it is a horrible and useless mess!!!"} {
		got := m.Read(text.Message{Body: body})
		if got.Strength > last || got.Strength < -1 {
			t.Errorf("%q has strength %.2f after %.2f", body, got.Strength, last)
		}
		last = got.Strength
	}
}

// community is a community that calls things by words of its own: a flock is a release, to molt is to crash.
func community() (learn, aside []text.Correction) {
	wrap := []string{"so", "today", "again", "well", "folks", "now", "hm", "anyway", "really", "ok"}
	kinds := map[text.Category][]string{
		text.CategoryAnnouncement: {"the flock of June flies", "new flock in the sky", "flock nine has left the nest", "our next flock flies on Monday", "the blue flock is up"},
		text.CategoryBug:          {"my heron molts at start", "the nest molts when I press save", "it molts and molts", "everything molted after flock nine", "molting in the search"},
		text.CategoryFeature:      {"feather: a darker nest", "feather for keyboard people", "one more feather, tags", "feather: sort by age", "small feather for the list"},
		text.CategoryOther:        {"the twigs are in the drawer", "we put twigs on top", "twigs, as always", "I keep my twigs elsewhere", "more twigs and less mud"},
	}
	n := 0
	for c := text.CategoryQuestion; c <= text.CategoryOther; c++ {
		for _, body := range kinds[c] {
			for i, w := range wrap {
				k := text.Correction{Message: text.Message{Body: body + ", " + w}, Category: c}
				if i%2 == 0 {
					k.Message.Body = w + " " + body
				}
				if n++; (n/10)%5 == 4 { // whole sentences are kept aside, not only their variants
					aside = append(aside, k)
				} else {
					learn = append(learn, k)
				}
			}
		}
	}
	return learn, aside
}

func accuracy(m *Model, cs []text.Correction) float64 {
	hits := 0
	for i := range cs {
		if label, _ := m.Classify(TaskCategory, cs[i].Message); label == cs[i].Category.String() {
			hits++
		}
	}
	return float64(hits) / float64(len(cs))
}

func TestLearn(t *testing.T) {
	m := model(t)
	learn, aside := community()
	taught, report, err := m.Learn(learn)
	if err != nil {
		t.Fatal(err)
	}
	before, after := accuracy(m, aside), accuracy(taught, aside)
	if after < before+0.05 || after < 0.9 {
		t.Errorf("accuracy on messages kept aside is %.2f, was %.2f", after, before)
	}
	if p := report.Category; p.N != len(learn) || !p.Used || p.After.Accuracy <= p.Before.Accuracy || report.Sentiment.N != 0 || report.Sentiment.Used {
		t.Errorf("report: %d corrections, used %v, %.2f to %.2f; sentiment %+v", p.N, p.Used, p.Before.Accuracy, p.After.Accuracy, report.Sentiment)
	}
	if taught.Version() == m.Version() || !strings.HasPrefix(taught.Version(), m.Version()) {
		t.Errorf("version %q after %q", taught.Version(), m.Version())
	}
	other := text.Message{Body: "How can I rotate the signing keys without downtime?"}
	if a, b := m.Read(other), taught.Read(other); a.Category != b.Category {
		t.Errorf("an ordinary question was %v and is %v", a.Category, b.Category)
	}

	data := taught.Append([]byte{})
	loaded, err := Load(m, data)
	if err != nil {
		t.Fatal(err)
	}
	if loaded.Version() != taught.Version() || accuracy(loaded, aside) != after {
		t.Errorf("loaded %s with %.2f, stored %s with %.2f", loaded.Version(), accuracy(loaded, aside), taught.Version(), after)
	}
	again, _, err := taught.Learn(learn)
	if err != nil || !slices.Equal(again.Append(nil), data) {
		t.Errorf("learning the same again gives other bytes, or %v", err)
	}
}

func TestLearnLittle(t *testing.T) {
	m := model(t)
	taught, report, err := m.Learn([]text.Correction{{Message: text.Message{Body: "twigs"}, Sentiment: text.SentimentPositive}})
	if err != nil || taught.Version() != m.Version() || report.Sentiment.N != 1 || report.Sentiment.Used {
		t.Errorf("one correction gives %s, %+v, %v", taught.Version(), report.Sentiment, err)
	}
	if loaded, err := Load(m, taught.Append(nil)); err != nil || loaded.Version() != m.Version() {
		t.Errorf("a model that learned nothing does not load: %v", err)
	}
	if _, _, err := m.Learn([]text.Correction{{Category: 99}}); err == nil {
		t.Error("a category that does not exist is learned")
	}
}

// TestLearnCommunities is the same on communities of the shared data, where they are, each taught to a model that was
// trained without it. Much is to be learned where a community is unlike what the base knows (chat about Docker, reviews of
// apps, titles of Hacker News), and less where the base has seen others of its kind and is right seven times of eight
// (issues of projects).
func TestLearnCommunities(t *testing.T) {
	t.Parallel()
	rows := sharedRows(t, TaskCategory)
	for source, least := range map[string]float64{"intention_gh_docker": 0.01, "intention_gh_vscode": 0.02, "intention_gh_bootstrap": 0.05, "silver_gitter_docker": 0.05, "app_review_maalej": 0.10, "hn_titles": 0.30} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			var others []Row
			var cs []text.Correction
			for _, r := range rows {
				if r.Source != source {
					if Trainable(r.Source, r.License) {
						others = append(others, r)
					}
					continue
				}
				c, err := text.ParseCategory(r.Label)
				if err != nil {
					t.Fatal(err)
				}
				cs = append(cs, text.Correction{Message: text.Message{Body: r.Text}, Category: c})
			}
			data, err := trainerOn(t, TaskCategory, others).Artifact()
			if err != nil {
				t.Fatal(err)
			}
			m, err := Open(data)
			if err != nil {
				t.Fatal(err)
			}
			slices.SortStableFunc(cs, func(a, b text.Correction) int {
				return int(hashText(0, a.Message.Body)>>33) - int(hashText(0, b.Message.Body)>>33)
			})
			start := time.Now()
			taught, report, err := m.Learn(cs[:400])
			if err != nil {
				t.Fatal(err)
			}
			took := time.Since(start)
			before, after := accuracy(m, cs[400:]), accuracy(taught, cs[400:])
			t.Logf("%.3f to %.3f on %d kept aside; by folds %.3f to %.3f; %v", before, after, len(cs)-400,
				report.Category.Before.Accuracy, report.Category.After.Accuracy, took)
			if after < before+least {
				t.Errorf("accuracy is %.3f, was %.3f, want %.2f more", after, before, least)
			}
		})
	}
}

func TestLoadRefuses(t *testing.T) {
	m := model(t)
	learn, _ := community()
	taught, _, err := m.Learn(learn)
	if err != nil {
		t.Fatal(err)
	}
	good := taught.Append(nil)
	for name, data := range map[string][]byte{
		"nothing": {}, "something else": []byte("PK\x03\x04"), "cut": good[:len(good)-20], "head only": good[:9],
	} {
		if _, err := Load(m, data); err == nil {
			t.Errorf("%s: loads", name)
		}
	}
	other := strings.Replace(string(good), "base-", "bose-", 1)
	if _, err := Load(m, []byte(other)); err != ErrOtherBase { //nolint:errorlint // returned as it is
		t.Errorf("a model of another base: %v", err)
	}
	if _, err := Open(artifact[:len(artifact)/2]); err == nil {
		t.Error("half an artifact opens")
	}
}

func FuzzReadMessage(f *testing.F) {
	m, err := Default()
	if err != nil {
		f.Fatal(err)
	}
	f.Add("Title?", "Body :) thanks `x` not good!!! URGENT prod is down")
	f.Add("", "\xff\xfe [Bug] type: feature ```")
	f.Fuzz(func(t *testing.T, title, body string) {
		got := m.Read(text.Message{Title: title, Body: body})
		if !(got.CategoryP >= 0 && got.CategoryP <= 1.0001) || !(got.Strength >= -1 && got.Strength <= 1) || !utf8.ValidString(got.Language) {
			t.Errorf("%+v", got)
		}
		if m.Read(text.Message{Title: title, Body: body}) != got {
			t.Error("not the same twice")
		}
	})
}

func BenchmarkReadMessage(b *testing.B) {
	m := model(b)
	seed, err := Seed()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		m.Read(text.Message{Body: seed[i%len(seed)].Text})
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msgs/s")
	b.ReportMetric(float64(len(Shipped())), "artifact-bytes")
	b.ReportMetric(float64(m.Bytes()), "memory-bytes")
}

func BenchmarkLearn(b *testing.B) {
	m := model(b)
	learn, aside := community()
	for b.Loop() {
		if _, _, err := m.Learn(slices.Concat(learn, aside, learn)[:400-len(aside)]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDefault(b *testing.B) {
	for b.Loop() {
		if _, err := Default(); err != nil {
			b.Fatal(err)
		}
	}
}
