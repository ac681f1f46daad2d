// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package topic_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom/internal/text/topic"
)

// subjects are what the messages of these tests are about.
var subjects = map[string][]string{
	"webhooks": {"webhook signature does not verify", "webhook retries after timeout", "delivery of the webhook payload", "webhook secret rotation", "duplicate webhook delivery", "retries of a failed webhook", "signature header of webhook deliveries"},
	"billing":  {"invoice shows wrong amount", "refund for the last invoice", "billing address on invoice", "invoice in euros", "payment method declined on invoice", "refund of a payment", "billing portal and payment"},
	"import":   {"CSV import stops halfway", "import of a large CSV file", "CSV column mapping on import", "importer drops rows of CSV", "CSV delimiter on import", "importer and column types", "rows missing after import"},
	"login":    {"SSO login loops", "login with Okta fails", "SSO certificate for login", "Okta groups on login", "login session expires", "Okta SSO metadata", "session cookie after SSO"},
}

// messages are n of each subject, in turn, with what they are about.
func messages(n int) (texts, about []string) {
	lead := []string{"Hello, ", "Question about ", "Is there a way around: ", "Again, ", "We have trouble here: ", ""}
	for i := range n {
		for _, name := range []string{"webhooks", "billing", "import", "login"} {
			all := subjects[name]
			texts = append(texts, fmt.Sprintf("%s%s and %s", lead[i%len(lead)], all[i%len(all)], all[(i*3+i/7+1)%len(all)]))
			about = append(about, name)
		}
	}
	return texts, about
}

func TestFit(t *testing.T) {
	texts, about := messages(60)
	m := topic.Fit(texts, topic.Options{})
	if len(m.Topics) < 4 || len(m.Topics) > 12 {
		t.Errorf("%d topics, want 4 to 12", len(m.Topics))
	}
	r := m.Reader()
	of := make(map[int64]map[string]int)
	for i, text := range texts {
		g, near := r.Read(text)
		if g < 0 || near < 0.3 {
			t.Fatalf("%q is in no topic", text)
		}
		id := m.Topics[g].ID
		if of[id] == nil {
			of[id] = make(map[string]int)
		}
		of[id][about[i]]++
	}
	right := 0
	for _, n := range of {
		most := 0
		for _, k := range n {
			most = max(most, k)
		}
		right += most
	}
	if share := float64(right) / float64(len(texts)); share < 0.95 {
		t.Errorf("%.2f of the messages are with their like, want 0.95", share)
	}
	names := make(map[string]bool)
	for _, tp := range m.Topics {
		if tp.Name == "" || names[strings.ToLower(tp.Name)] || len(strings.Fields(tp.Name)) > 4 {
			t.Errorf("a topic is called %q", tp.Name)
		}
		names[strings.ToLower(tp.Name)] = true
	}
	if g, _ := r.Read("thanks everybody :+1:"); g >= 0 {
		t.Errorf("thanks are about %s", m.Topics[g].Name)
	}
}

// The same messages give the same model, and a stored model reads as it did.
func TestDeterministicAndStored(t *testing.T) {
	texts, _ := messages(40)
	a, b := topic.Fit(texts, topic.Options{}), topic.Fit(texts, topic.Options{})
	x, err := a.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	y, err := b.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	if string(x) != string(y) {
		t.Error("two fits of the same messages differ")
	}
	c, err := topic.Load(x)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(a.Topics, c.Topics); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
	ra, rc := a.Reader(), c.Reader()
	for _, text := range texts {
		g, near := ra.Read(text)
		h, far := rc.Read(text)
		if g != h || near != far {
			t.Fatalf("%q: %d %f, stored %d %f", text, g, near, h, far)
		}
	}
	if _, err := topic.Load([]byte("nothing")); err == nil {
		t.Error("nothing was loaded as a model")
	}
}

// Numbers and names stay when topics are found again among more messages, and new topics get new numbers.
func TestRefit(t *testing.T) {
	texts, _ := messages(50)
	first := topic.Fit(texts, topic.Options{})
	more, _ := messages(70)
	for i := range 60 {
		more = append(more, fmt.Sprintf("The Kubernetes operator restarts pods in namespace %c, operator chart %d of Kubernetes", 'a'+i%20, i))
	}
	second := topic.Refit(first, more, topic.Options{})
	names := make(map[int64]string)
	for _, tp := range first.Topics {
		names[tp.ID] = tp.Name
	}
	stayed := 0
	for _, tp := range second.Topics {
		if name, ok := names[tp.ID]; ok {
			stayed++
			if name != tp.Name {
				t.Errorf("topic %d was %q and is %q", tp.ID, name, tp.Name)
			}
		} else if tp.ID < first.NextID {
			t.Errorf("the new topic %q got the old number %d", tp.Name, tp.ID)
		}
	}
	if stayed < len(first.Topics)*3/4 {
		t.Errorf("%d of %d topics stayed", stayed, len(first.Topics))
	}
}

func TestFewMessages(t *testing.T) {
	for _, texts := range [][]string{nil, {""}, {"one", "two"}, {"```\ncode\n```", "> quoted", "https://example.com"}, slicesOf("same words in every message", 50)} {
		m := topic.Fit(texts, topic.Options{})
		if g, _ := m.Reader().Read("anything"); g >= 0 {
			t.Errorf("%d messages: anything is in a topic", len(texts))
		}
	}
}

func slicesOf(s string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = s
	}
	return all
}

// A topic of a person's own is learned from examples.
func TestTeach(t *testing.T) {
	texts, _ := messages(40)
	m := topic.Fit(texts, topic.Options{})
	taught := m.Teach(99, []string{"refund of a payment", "payment declined"})
	g, _ := taught.Reader().Read("payment refund")
	if g < 0 || taught.Topics[g].ID != 99 {
		t.Errorf("what is like the examples is not in their topic")
	}
	if len(m.Topics) == len(taught.Topics) {
		t.Error("the model was changed in place, or not at all")
	}
}

func TestPhrases(t *testing.T) {
	var got []string
	for _, p := range topic.Phrases(nil, "Why does `kubectl` fail with Visual Studio Code?\n> quoted words\n```\nint x\n```\n@ana see https://x.example/a C++ :tada:") {
		got = append(got, p.Folded)
	}
	want := []string{"kubectl", "fail", "visual", "studio", "visual studio", "code", "studio code", "c++"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzPhrases(f *testing.F) {
	for _, s := range []string{"c++ <@U1> @x :a:", "www.\xff", "don’t `", "```", "a.net\n>", "<", ":+1:"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, p := range topic.Phrases(nil, s) {
			if p.Folded == "" || p.Shown == "" {
				t.Errorf("%q has an empty phrase", s)
			}
		}
	})
}

// shared finds a file of the data that stand beside the project.
func shared(tb testing.TB, name string) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			path := filepath.Join(dir, "..", "shared", "data", name)
			if _, err := os.Stat(path); err == nil {
				return path
			}
		}
	}
	tb.Skip("../shared/data is not here")
	return ""
}

// titles are questions with one of 20 tags each.
func titles(tb testing.TB) (texts, tags []string) {
	tb.Helper()
	f, err := os.Open(shared(tb, "text/topics_so20.jsonl"))
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // only read
	for s := bufio.NewScanner(f); s.Scan(); {
		var r struct{ Text, Label string }
		if err := json.Unmarshal(s.Bytes(), &r); err != nil {
			tb.Fatal(err)
		}
		texts, tags = append(texts, r.Text), append(tags, r.Label)
	}
	return texts, tags
}

// Titles of 20 tags come apart: normalized mutual information, with the number of topics found too.
func TestTagsComeApart(t *testing.T) {
	all, allTags := titles(t)
	var texts, tags []string
	for i := 0; i < len(all); i += 2 { // as many as are quick
		texts, tags = append(texts, all[i]), append(tags, allTags[i])
	}
	m := topic.Fit(texts, topic.Options{})
	r := m.Reader()
	found := make([]string, len(texts))
	for i := range texts {
		g, _ := r.Read(texts[i])
		found[i] = strconv.Itoa(g)
	}
	nmi := information(tags, found)
	t.Logf("%d topics, NMI %.4f", len(m.Topics), nmi)
	if nmi < 0.71 {
		t.Errorf("NMI %.4f, want 0.71", nmi)
	}
}

// information is the mutual information of two groupings through the mean of their entropies.
func information(a, b []string) float64 {
	n := float64(len(a))
	pa, pb, both := make(map[string]float64), make(map[string]float64), make(map[[2]string]float64)
	for i := range a {
		pa[a[i]] += 1 / n
		pb[b[i]] += 1 / n
		both[[2]string{a[i], b[i]}] += 1 / n
	}
	var mutual, ha, hb float64
	for k, p := range both {
		mutual += p * math.Log(p/(pa[k[0]]*pb[k[1]]))
	}
	for _, p := range pa {
		ha -= p * math.Log(p)
	}
	for _, p := range pb {
		hb -= p * math.Log(p)
	}
	return 2 * mutual / (ha + hb)
}

func BenchmarkRead(b *testing.B) {
	texts, _ := messages(100)
	m := topic.Fit(texts, topic.Options{})
	r := m.Reader()
	n := 0
	for b.Loop() {
		r.Read(texts[n%len(texts)])
		n++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msgs/s")
}

func BenchmarkFit100k(b *testing.B) {
	few, _ := titles(b)
	texts := make([]string, 0, 100_000)
	for i := 0; len(texts) < cap(texts); i++ {
		texts = append(texts, few[i%len(few)]+" "+few[(i*7+i/len(few))%len(few)])
	}
	for b.Loop() {
		topic.Fit(texts, topic.Options{})
	}
}
