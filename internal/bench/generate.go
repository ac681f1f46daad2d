// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/klauspost/compress/gzip"
)

// days is how many days the events are spread over: one hour file a day.
const days = 365

// community makes the events. It holds no more than its vocabulary and the threads that are still being talked in.
type community struct {
	r       *rand.Rand
	words   *vocabulary
	people  int
	repos   int
	actors  *rand.Zipf
	places  *rand.Zipf
	threads []thread // the latest ones, at random places
	numbers []int    // by repository: the last number given to an issue or pull request
	id      int      // of the last event and object
	buf     []byte
}

// thread is an issue or pull request that others still comment on.
type thread struct {
	repo, number, author int
	pull                 bool
	title                string
}

// newCommunity makes one whose n events come from about n/4 people in n/50 repositories. A few people and repositories
// have most of the activity; the rest have one or two.
func newCommunity(n int) *community {
	r := rand.New(rand.NewPCG(20260630, 7)) //nolint:gosec // it has to give the same events again
	c := &community{r: r, words: newVocabulary(r), people: max(n/4, 20), repos: max(n/50, 5)}
	c.actors = rand.NewZipf(r, 1.2, 8, uint64(c.people-1)) //nolint:gosec // positive
	c.places = rand.NewZipf(r, 1.2, 8, uint64(c.repos-1))  //nolint:gosec // positive
	c.numbers = make([]int, c.repos)
	return c
}

// actor draws a person: half of all events are by the regulars, the others by anybody.
func (c *community) actor() int {
	if c.r.IntN(2) == 0 {
		return int(c.actors.Uint64()) //nolint:gosec // below people
	}
	return c.r.IntN(c.people)
}

func (c *community) repo() int {
	if c.r.IntN(2) == 0 {
		return int(c.places.Uint64()) //nolint:gosec // below repos
	}
	return c.r.IntN(c.repos)
}

// writeEvents writes n events as files of one hour a day and returns the bytes of the files and of the events. of says
// where the file of a day goes and which date the day has.
func writeEvents(ctx context.Context, n int, of func(day int) (dir string, date time.Time)) (packed, plain int64, err error) {
	c := newCommunity(n)
	for d := range days {
		if err := ctx.Err(); err != nil {
			return packed, plain, fmt.Errorf("making events: %w", err)
		}
		count := n*(d+1)/days - n*d/days
		if count == 0 {
			continue
		}
		dir, date := of(d)
		hour := date.Add(15 * time.Hour)
		size, raw, err := c.writeHour(filepath.Join(dir, hour.Format("2006-01-02-15")+".json.gz"), hour, count)
		if err != nil {
			return packed, plain, err
		}
		packed, plain = packed+size, plain+raw
	}
	return packed, plain, nil
}

func (c *community) writeHour(path string, hour time.Time, count int) (packed, plain int64, err error) {
	f, err := os.Create(path) //nolint:gosec // in the benchmark's own folder
	if err != nil {
		return 0, 0, fmt.Errorf("making events: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	z, err := gzip.NewWriterLevel(f, gzip.BestSpeed)
	if err != nil {
		return 0, 0, fmt.Errorf("packing events: %w", err)
	}
	out := bufio.NewWriterSize(z, 256<<10)
	for i := range count {
		line := c.event(hour.Add(time.Duration(i) * time.Hour / time.Duration(count)))
		plain += int64(len(line))
		if _, err := out.Write(line); err != nil {
			return 0, 0, fmt.Errorf("writing %s: %w", path, err)
		}
	}
	if err := errors.Join(out.Flush(), z.Close()); err != nil {
		return 0, 0, fmt.Errorf("writing %s: %w", path, err)
	}
	st, err := f.Stat()
	if err != nil {
		return 0, 0, fmt.Errorf("writing %s: %w", path, err)
	}
	return st.Size(), plain, nil
}

// event makes one event, in about the mix of the years 2015 to 2024 but for pushes, of which there are fewer, so that two
// in five events carry what a person wrote. The line is valid until the next call.
func (c *community) event(at time.Time) []byte {
	c.id++
	w := &line{buf: c.buf[:0], at: at.Format(time.RFC3339)}
	actor, repo := c.actor(), c.repo()
	switch p := c.r.IntN(100); {
	case p < 30:
		w.head(c.id, "PushEvent", actor, repo)
		c.push(w, actor, repo)
	case p < 42:
		w.head(c.id, "CreateEvent", actor, repo)
		w.text(`{"ref":"`).text(c.words.pick(c.r)).text("-").number(c.id).text(`","ref_type":"branch","master_branch":"main","description":"`).
			text(c.words.line(c.r, 40)).text(`","pusher_type":"user"}`)
	case p < 54:
		w.head(c.id, "WatchEvent", actor, repo)
		w.text(`{"action":"started"}`)
	case p < 58:
		w.head(c.id, "ForkEvent", actor, repo)
		w.text(`{"forkee":`).repository(c.id, actor, repo).text(`}`)
	default:
		c.talk(w, actor, repo, p)
	}
	w.text(`,"public":true,"created_at":"`).text(w.at).text("\"}\n")
	c.buf = w.buf
	return w.buf
}

func (c *community) push(w *line, actor, repo int) {
	w.text(`{"repository_id":`).number(repo + 1).text(`,"push_id":`).number(c.id)
	n := 1 + min(c.r.IntN(4), c.r.IntN(6))
	w.text(`,"size":`).number(n).text(`,"distinct_size":`).number(n).text(`,"ref":"refs/heads/main","head":"`).sha(c.r).text(`","before":"`).sha(c.r).text(`","commits":[`)
	for i := range n {
		if i > 0 {
			w.text(",")
		}
		w.text(`{"sha":"`).sha(c.r).text(`","author":{"email":"`).login(actor).text(`@users.noreply.github.com","name":"`).login(actor).
			text(`"},"message":"`).text(c.words.line(c.r, 50)).text(`","distinct":true,"url":"https://api.github.com/repos/`).repo(repo).text(`/commits/`).sha(c.r).text(`"}`)
	}
	w.text(`]}`)
}

// talk makes what belongs to an issue or a pull request: opening one, commenting, reviewing and closing.
func (c *community) talk(w *line, actor, repo, p int) {
	var t thread
	switch {
	case p < 73 && len(c.threads) > 0:
		t = c.threads[c.r.IntN(len(c.threads))]
		w.head(c.id, "IssueCommentEvent", actor, t.repo)
		w.text(`{"action":"created","issue":`).item(c, &t, "open").text(`,"comment":`).comment(c, &t, actor).text(`}`)
	case p < 78 && len(c.threads) > 0:
		t = c.threads[c.r.IntN(len(c.threads))]
		w.head(c.id, "PullRequestReviewCommentEvent", actor, t.repo)
		w.text(`{"action":"created","pull_request":`).item(c, &t, "open").text(`,"comment":`).comment(c, &t, actor).text(`}`)
	case p < 84 && len(c.threads) > 0:
		i := c.r.IntN(len(c.threads))
		t = c.threads[i]
		c.threads[i] = c.threads[len(c.threads)-1]
		c.threads = c.threads[:len(c.threads)-1]
		kind, name := "IssuesEvent", "issue"
		if t.pull {
			kind, name = "PullRequestEvent", "pull_request"
		}
		w.head(c.id, kind, actor, t.repo)
		w.text(`{"action":"closed","number":`).number(t.number).text(`,"`).text(name).text(`":`).item(c, &t, "closed").text(`}`)
	default:
		c.numbers[repo]++
		t = thread{repo: repo, number: c.numbers[repo], author: actor, pull: p >= 92, title: c.words.title(c.r)}
		kind, name := "IssuesEvent", "issue"
		if t.pull {
			kind, name = "PullRequestEvent", "pull_request"
		}
		w.head(c.id, kind, actor, repo)
		w.text(`{"action":"opened","number":`).number(t.number).text(`,"`).text(name).text(`":`).item(c, &t, "open").text(`}`)
		c.remember(t)
	}
}

// openThreads is how many threads are talked in at a time.
const openThreads = 4000

func (c *community) remember(t thread) {
	if len(c.threads) < openThreads {
		c.threads = append(c.threads, t)
		return
	}
	c.threads[c.r.IntN(len(c.threads))] = t
}

// length draws the length of a text: most are short, a few are long.
func length(r *rand.Rand, typical, longest int) int {
	return min(int(float64(typical)*math.Exp(r.NormFloat64())), longest)
}

// line is one event while it is written.
type line struct {
	buf []byte
	at  string
}

func (w *line) text(s string) *line {
	w.buf = append(w.buf, s...)
	return w
}

func (w *line) number(n int) *line {
	w.buf = strconv.AppendInt(w.buf, int64(n), 10)
	return w
}

func (w *line) sha(r *rand.Rand) *line {
	const digits = "0123456789abcdef"
	for range 2 {
		v := r.Uint64()
		for range 16 {
			w.buf = append(w.buf, digits[v&15])
			v >>= 4
		}
	}
	return w.text("0badcafe")
}

func (w *line) login(actor int) *line { return w.text("person-").number(actor) }

func (w *line) repo(repo int) *line {
	return w.text("org-").number(repo % 97).text("/project-").number(repo)
}
