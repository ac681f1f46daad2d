// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package git

import (
	"context"
	"encoding/json"
	"hash/fnv"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/connector"
)

// maxMailmap is how large a mailmap may be, in bytes.
const maxMailmap = 16 << 20

// place is a place in a repository's history. It holds only as long as the history is the same: after a fetch new
// commits stand between the old ones, and reading starts over.
type place struct {
	History string `json:"history"` // fingerprint of all commits and of the mailmap
	People  int    `json:"people"`  // identities and joins that were told
	Commits int64  `json:"commits"` // commits that were told
}

// history is what the first run over the log found.
type history struct {
	print   string
	commits int64
	people  *people
}

// Read pushes the repository's facts after the cursor into the sink.
func (s *source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	rev, err := s.check(ctx)
	if err != nil {
		return err
	}
	mm, rejects, err := s.readMailmap(ctx)
	if err != nil {
		return err
	}
	h, err := s.survey(ctx, rev, mm)
	if err != nil {
		return err
	}
	at, err := parsePlace(from, h.print)
	if err != nil {
		return err
	}
	origin, _, err := s.output(ctx, "config", "--get", "remote.origin.url")
	if err != nil {
		return err
	}
	r := &reader{
		out: out, at: at, history: h, path: s.path,
		mapper: mapper{repo: describe(s.path, clean(origin), s.name, s.webURL), mailmap: mm, coAuthors: s.coAuthors},
	}
	if err := r.tellPeople(rejects); err != nil {
		return err
	}
	skip := r.at.Commits
	err = s.stream(ctx, func(pipe io.Reader) error {
		return readLog(pipe, func(c *commit) error {
			if skip > 0 {
				skip--
				return nil
			}
			return r.tellCommit(c)
		})
	}, logArgs(rev)...)
	if err != nil {
		return err
	}
	return r.checkpoint(r.at.People, r.at.Commits, r.repo.name)
}

// check makes sure that there is a repository and that the branch exists, whose commit it returns.
func (s *source) check(ctx context.Context) (rev string, err error) {
	_, ok, err := s.output(ctx, "rev-parse", "--git-dir")
	if err != nil {
		return "", err
	}
	if !ok {
		return "", greenroom.Errorf(greenroom.CodeInvalid,
			"%s is not a git clone; give the folder that git clone made: a work tree, its .git folder or a bare repository", s.path)
	}
	if shallow, _, err := s.output(ctx, "rev-parse", "--is-shallow-repository"); err != nil {
		return "", err
	} else if strings.TrimSpace(string(shallow)) == "true" {
		s.env.Log.Warn("the clone is shallow, so older commits are missing; complete it with: git fetch --unshallow", "path", s.path)
	}
	if s.branch == "" {
		return "", nil
	}
	sha, ok, err := s.output(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", s.branch+"^{commit}")
	if err != nil {
		return "", err
	}
	if !ok {
		return "", greenroom.Errorf(greenroom.CodeInvalid, "the clone %s has no branch or tag %q; see which there are with: git branch --all", s.path, s.branch)
	}
	return strings.TrimSpace(string(sha)), nil
}

// readMailmap reads the mailmap that is to be used.
func (s *source) readMailmap(ctx context.Context) (*mailmap, []greenroom.Reject, error) {
	name, text := s.mailmap, []byte(nil)
	switch s.mailmap {
	case mailmapNone:
	case "":
		name = filepath.Join(s.path, ".mailmap")
		if st, err := os.Lstat(name); err == nil && st.Mode().IsRegular() {
			if text, err = readLimited(name); err != nil {
				return nil, nil, err
			}
			break
		}
		name = "HEAD:.mailmap"
		blob, ok, err := s.output(ctx, "cat-file", "blob", name)
		if err != nil {
			return nil, nil, err
		}
		if ok && len(blob) <= maxMailmap {
			text = blob
		}
	default:
		var err error
		if text, err = readLimited(name); err != nil {
			return nil, nil, err
		}
	}
	mm, rejects := parseMailmap(name, clean(text))
	return mm, rejects, nil
}

func readLimited(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Err: err, Message: "the mailmap " + name + " cannot be read"}
	}
	defer f.Close() //nolint:errcheck // only read
	text, err := io.ReadAll(io.LimitReader(f, maxMailmap+1))
	if err != nil {
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Err: err, Message: "the mailmap " + name + " cannot be read"}
	}
	if len(text) > maxMailmap {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%s is larger than 16 MB and cannot be a mailmap", name)
	}
	return text, nil
}

// survey runs over the log and collects the people.
func (s *source) survey(ctx context.Context, rev string, mm *mailmap) (*history, error) {
	h := &history{people: newPeople(mm)}
	sum := fnv.New64a()
	_, _ = io.WriteString(sum, strconv.FormatBool(s.coAuthors)) // a hash does not fail
	err := s.stream(ctx, func(pipe io.Reader) error {
		return readLog(pipe, func(c *commit) error {
			h.commits++
			_, _ = io.WriteString(sum, c.sha)
			h.people.see(c.author, true)
			if s.coAuthors {
				for _, p := range c.coAuthors() {
					h.people.see(p, false)
				}
			}
			return nil
		})
	}, logArgs(rev)...)
	if err != nil {
		return nil, err
	}
	list, sames := h.people.ordered()
	for _, a := range list {
		_, _ = io.WriteString(sum, a.id+"\x00"+a.name+"\x00")
	}
	for _, same := range sames {
		_, _ = io.WriteString(sum, same.A+"\x00"+same.B+"\x00")
	}
	h.print = strconv.FormatUint(sum.Sum64(), 36)
	return h, nil
}

// parsePlace reads a cursor. One of another history means the start.
func parsePlace(from connector.Cursor, print string) (place, error) {
	start := place{History: print}
	if from == "" {
		return start, nil
	}
	var at place
	if err := json.Unmarshal([]byte(from), &at); err != nil || at.People < 0 || at.Commits < 0 {
		return start, &greenroom.Error{Code: greenroom.CodeInvalid, Err: err, Message: "the stored position in the repository cannot be read; import it from the start"}
	}
	if at.History != print {
		return start, nil
	}
	return at, nil
}

// reader is one read of a repository.
type reader struct {
	mapper
	*history
	out  *connector.Sink
	at   place
	path string
	raw  []byte // of the commit at hand
}

// tellPeople tells the channel, the bad lines of the mailmap and the identities.
func (r *reader) tellPeople(rejects []greenroom.Reject) error {
	r.out.Channel(r.channel())
	accounts, sames := r.people.ordered()
	if r.at.People == 0 {
		for i := range rejects {
			r.out.Read(1)
			r.out.Reject(rejects[i])
		}
	}
	for i, a := range accounts {
		if i < r.at.People {
			continue
		}
		id := a.identity()
		id.Raw = r.out.Raw([]byte(strings.Join(a.told, "\n")))
		r.out.Identity(id)
		if err := r.checkpoint(i+1, 0, "people"); err != nil {
			return err
		}
	}
	for i, same := range sames {
		if len(accounts)+i < r.at.People {
			continue
		}
		r.out.Same(same)
		if err := r.checkpoint(len(accounts)+i+1, 0, "people"); err != nil {
			return err
		}
	}
	return nil
}

// tellCommit tells one commit.
func (r *reader) tellCommit(c *commit) error {
	r.out.Read(1)
	r.raw = c.appendRaw(r.raw[:0])
	facts, reason := r.activities(c)
	if reason != "" {
		r.out.Reject(greenroom.Reject{
			File: r.path, Line: r.at.Commits + 1, Reason: reason, Excerpt: string(r.raw),
			Expected: "seconds since 1970 as the date of author or committer",
		})
	}
	for i := range facts {
		facts[i].Raw = r.out.Raw(r.raw)
		r.out.Activity(facts[i])
	}
	phase := r.repo.name
	if len(facts) > 0 {
		phase += " " + facts[0].OccurredAt.Format("2006-01-02")
	}
	return r.checkpoint(r.at.People, r.at.Commits+1, phase)
}

func (r *reader) checkpoint(people int, commits int64, phase string) error {
	r.at.People, r.at.Commits = people, commits
	b := make([]byte, 0, 80)
	b = append(b, `{"history":"`...)
	b = append(b, r.at.History...)
	b = append(b, `","people":`...)
	b = strconv.AppendInt(b, int64(people), 10)
	b = append(b, `,"commits":`...)
	b = strconv.AppendInt(b, commits, 10)
	b = append(b, '}')
	return r.out.Checkpoint(connector.Cursor(b), connector.Progress{Done: commits, Total: r.commits, Unit: "records", Phase: phase})
}
