// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"errors"
	"fmt"
	"math"
	"os"
	"time"

	"golang.org/x/sync/errgroup"
)

// Options say which community to write. The same options give the same files, byte for byte.
type Options struct {
	Seed   uint64
	End    time.Time // when the period ends and the files are "exported"; required
	Months int       // length of the period; 24 if 0
	Scale  float64   // 1 is about 900 members and 30,000 activities, 10 ten times as many; 1 if 0
}

// Summary is what was written, counted while writing: what an import should find.
type Summary struct {
	Start         time.Time
	End           time.Time
	Members       int // people of the community who occur in the files, without staff and bots
	Staff         int
	Bots          int
	MultiPlatform int // members who occur on two or more platforms
	Contacts      int // rows of business/members.csv
	Organizations int // rows of business/organizations.csv
	Deals         int
	Tickets       int
	Subscriptions int
	Usage         int                        // rows of business/usage.csv
	Platforms     map[string]PlatformSummary // by folder, such as "slack"; business/ is not one of them
	Activities    int                        // sum over the platforms
	Questions     int                        // conversations that were started to ask something
	Unanswered    int                        // of these, without a word of anybody but the author and bots
}

// PlatformSummary counts one platform.
type PlatformSummary struct {
	Accounts      int // people, staff and bots that occur in the files
	Conversations int // posts that start something: topics, issues, threads, questions, chat that is no reply
	Messages      int // posts by people, openings and replies, reviews, comments; without joins and without bots
	BotMessages   int
	Reactions     int // emoji and likes
	Other         int // joins, stars, forks, pushes, releases, closings and merges
	Questions     int
	Unanswered    int
	Accepted      int // questions with an accepted answer
}

// activities is how many dated facts the platform's files hold.
func (p PlatformSummary) activities() int { return p.Messages + p.BotMessages + p.Reactions + p.Other }

// world is everything that is decided before the first conversation.
type world struct {
	opts          Options
	origin        origin
	start, end    time.Time
	book          phrasebook
	topics        []topic
	channels      []channel
	releases      []release // oldest first; the first is older than start
	cultures      []culture
	organizations []*organization
	people        []*person // staff, then bots, then members
	taken         map[string]bool
}

// firstBot is the index in people of the first of the three bots: helper, release bot, build server.
const firstBot = 9

// Write writes a community to dir, which is made if it does not exist and has to be empty if it does.
func Write(dir string, opts Options) (Summary, error) {
	w, err := newWorld(opts)
	if err != nil {
		return Summary{}, fmt.Errorf("write sample: %w", err)
	}
	if err := prepare(dir); err != nil {
		return Summary{}, fmt.Errorf("write sample: %w", err)
	}
	writers := [platforms]func(*ledger) error{
		slack: w.writeSlack, discourse: w.writeDiscourse, github: w.writeGitHub, stackExchange: w.writeStackExchange,
		discord: w.writeDiscord, mail: w.writeMail,
	}
	var logs [platforms]*ledger
	var group errgroup.Group
	for at, write := range writers {
		logs[at] = &ledger{platform: platform(at), out: folder{dir, folderName(platform(at))}}
		group.Go(func() error { return write(logs[at]) })
	}
	if err := group.Wait(); err != nil {
		return Summary{}, fmt.Errorf("write sample: %w", err)
	}
	sum := w.summarize(logs)
	if err := w.writeBusiness(folder{dir, "business"}, &sum); err != nil {
		return Summary{}, fmt.Errorf("write sample: %w", err)
	}
	if err := w.writeTruth(folder{dir, ""}, logs); err != nil {
		return Summary{}, fmt.Errorf("write sample: %w", err)
	}
	return sum, nil
}

// folderName is the folder of a platform below the sample's.
func folderName(at platform) string {
	if at == github {
		return "gharchive"
	}
	return at.String()
}

func prepare(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return os.MkdirAll(dir, 0o755)
	case err != nil:
		return err
	case len(entries) > 0:
		return fmt.Errorf("folder %s is not empty", dir)
	}
	return nil
}

func newWorld(opts Options) (*world, error) {
	if opts.Months == 0 {
		opts.Months = 24
	}
	if opts.Scale == 0 {
		opts.Scale = 1
	}
	switch {
	case opts.End.IsZero():
		return nil, errors.New("Options.End is missing")
	case opts.Months < 0:
		return nil, fmt.Errorf("Options.Months is %d, at least 1 is needed", opts.Months)
	case !(opts.Scale > 0) || opts.Scale > 1000:
		return nil, fmt.Errorf("Options.Scale is %v, it has to be over 0 and at most 1000", opts.Scale)
	}
	w := &world{opts: opts, origin: origin(opts.Seed), topics: topics(), channels: channels(), taken: map[string]bool{}}
	w.end = opts.End.UTC().Truncate(time.Second)
	w.start = w.end.AddDate(0, -opts.Months, 0).Truncate(day)
	w.releases = releases(w.start, w.end)
	var err error
	if w.book, err = readPhrases(); err != nil {
		return nil, err
	}
	if w.cultures, err = readCultures(); err != nil {
		return nil, err
	}
	if err := w.inventOrganizations(max(12, int(math.Round(64*opts.Scale)))); err != nil {
		return nil, err
	}
	w.inventStaff()
	for i, o := range w.organizations {
		o.owner = w.people[[]int{1, 7, 8}[i%3]]
	}
	w.inventMembers(max(60, int(math.Round(900*opts.Scale*min(1, 0.25+0.75*float64(opts.Months)/24)))))
	return w, nil
}

// summarize adds up what the platforms' writers have counted.
func (w *world) summarize(logs [platforms]*ledger) Summary {
	sum := Summary{Start: w.start, End: w.end, Platforms: map[string]PlatformSummary{}}
	for _, l := range logs {
		for _, p := range w.people {
			if a := p.accounts[l.platform]; a != nil && a.listed {
				l.sum.Accounts++
			}
		}
		sum.Platforms[l.out.name] = l.sum
		sum.Activities += l.sum.activities()
		sum.Questions += l.sum.Questions
		sum.Unanswered += l.sum.Unanswered
	}
	for _, p := range w.people {
		n := 0
		for _, a := range p.accounts {
			if a != nil && a.listed {
				n++
			}
		}
		switch {
		case n == 0:
		case p.kind == staff:
			sum.Staff++
		case p.kind == bot:
			sum.Bots++
		default:
			sum.Members++
			if n > 1 {
				sum.MultiPlatform++
			}
		}
	}
	return sum
}
