// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

const dumpTime = "2006-01-02T15:04:05.000"

// dumpPost is a question or answer. Posts are numbered in order of time, so all threads are played before the first is written.
type dumpPost struct {
	t     *thread
	index int // in the thread
	id    int
}

// dumpWriter writes the data dump of a Stack Exchange site.
type dumpWriter struct {
	w        *world
	log      *ledger
	posts    []dumpPost
	comments []dumpPost // id is that of the post they belong to
	ids      map[*thread][]int
	scores   map[*account]int
}

func (w *world) writeStackExchange(l *ledger) error {
	x := &dumpWriter{w: w, log: l, ids: map[*thread][]int{}, scores: map[*account]int{}}
	if err := w.threads(stackExchange, nil, x.thread); err != nil {
		return err
	}
	slices.SortStableFunc(x.posts, func(a, b dumpPost) int {
		return cmp.Or(a.post().at.Compare(b.post().at), cmp.Compare(a.t.id, b.t.id))
	})
	for i := range x.posts {
		p := &x.posts[i]
		p.id = i + 1
		x.ids[p.t][p.index] = p.id
	}
	slices.SortStableFunc(x.comments, func(a, b dumpPost) int { return a.post().at.Compare(b.post().at) })
	for i := range x.posts {
		if p := x.posts[i]; p.index == 0 {
			l.wrote(p.t, strconv.Itoa(p.id))
		}
	}
	files := []struct {
		name, root string
		rows       func(*rowWriter)
	}{{"Posts", "posts", x.writePosts}, {"Comments", "comments", x.writeComments}, {"Votes", "votes", x.writeVotes}, {"Users", "users", x.writeUsers}}
	for _, f := range files {
		err := l.out.create(f.name+".xml", func(out io.Writer) error {
			r := &rowWriter{out: out}
			r.raw("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<" + f.root + ">\n")
			f.rows(r)
			r.raw("</" + f.root + ">\n")
			return r.err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (p dumpPost) post() *post { return &p.t.posts[p.index] }

// isPost tells which contributions are questions and answers; the rest are comments.
func (p dumpPost) isPost() bool { return p.index == 0 || p.post().role == answer }

func (x *dumpWriter) thread(t *thread) error {
	x.ids[t] = make([]int, len(t.posts))
	for i := range t.posts {
		p := dumpPost{t: t, index: i}
		if p.isPost() {
			x.posts = append(x.posts, p)
		} else {
			x.comments = append(x.comments, p)
		}
	}
	return nil
}

// score is the votes of a post, up less down.
func (x *dumpWriter) score(p dumpPost) (up, down int) {
	d := x.w.origin.stream("votes", p.t.id, p.index)
	up = d.count(1.6)
	if p.index > 0 && p.index == p.t.accepted {
		up += d.count(3)
	}
	if d.chance(0.07) {
		down = 1
	}
	return up, down
}

func (x *dumpWriter) writePosts(r *rowWriter) {
	for _, p := range x.posts {
		said, t := p.post(), p.t
		a := said.author.accounts[stackExchange]
		up, down := x.score(p)
		x.scores[a] += 10*up - 2*down
		r.open(strconv.Itoa(p.id))
		answers, comments, last := 0, 0, said.at
		for i := range t.posts {
			q := dumpPost{t: t, index: i}
			switch {
			case i > 0 && q.isPost():
				answers++
			case i > 0 && x.belongsTo(q) == p.id:
				comments++
			}
			if t.posts[i].at.After(last) && p.index == 0 && q.isPost() {
				last = t.posts[i].at
			}
		}
		if p.index == 0 {
			r.attr("PostTypeId", "1")
			if t.accepted > 0 && x.ids[t][t.accepted] > 0 {
				r.attr("AcceptedAnswerId", strconv.Itoa(x.ids[t][t.accepted]))
			}
		} else {
			r.attr("PostTypeId", "2")
			r.attr("ParentId", strconv.Itoa(x.ids[t][0]))
		}
		r.attr("CreationDate", said.at.Format(dumpTime))
		r.attr("Score", strconv.Itoa(up-down))
		if p.index == 0 {
			r.attr("ViewCount", strconv.Itoa(12+int(scramble(uint64(p.id))%900)))
		}
		r.attr("Body", asHTML(said.body, "")+"\n")
		r.attr("OwnerUserId", a.id)
		if !said.edited.IsZero() {
			r.attr("LastEditorUserId", a.id)
			r.attr("LastEditDate", said.edited.Format(dumpTime))
		}
		r.attr("LastActivityDate", last.Format(dumpTime))
		if p.index == 0 {
			r.attr("Title", t.title)
			r.attr("Tags", "<lumen><"+strings.Join(t.topic.tags[:1+t.id%len(t.topic.tags)], "><")+">")
			r.attr("AnswerCount", strconv.Itoa(answers))
		}
		r.attr("CommentCount", strconv.Itoa(comments))
		r.attr("ContentLicense", "CC BY-SA 4.0")
		r.close()
	}
}

// belongsTo is the id of the question or answer under which a comment stands.
func (x *dumpWriter) belongsTo(p dumpPost) int {
	for i := p.post().parent; i >= 0; i = p.t.posts[i].parent {
		if id := x.ids[p.t][i]; id > 0 {
			return id
		}
	}
	return x.ids[p.t][0]
}

func (x *dumpWriter) writeComments(r *rowWriter) {
	for i, p := range x.comments {
		said := p.post()
		before := ""
		if said.mention != nil {
			before = "@" + strings.ReplaceAll(said.mention.accounts[stackExchange].display, " ", "") + " "
		}
		r.open(strconv.Itoa(i + 1))
		r.attr("PostId", strconv.Itoa(x.belongsTo(p)))
		r.attr("Score", strconv.Itoa(int(scramble(uint64(i))%3)/2))
		r.attr("Text", asMarkdown(said.body, before))
		r.attr("CreationDate", said.at.Format(dumpTime))
		r.attr("UserId", said.author.accounts[stackExchange].id)
		r.attr("ContentLicense", "CC BY-SA 4.0")
		r.close()
	}
}

// writeVotes writes votes as dumps have them: without the voter and with the date only.
func (x *dumpWriter) writeVotes(r *rowWriter) {
	n := 0
	vote := func(p dumpPost, kind int, after time.Duration) {
		n++
		r.open(strconv.Itoa(n))
		r.attr("PostId", strconv.Itoa(p.id))
		r.attr("VoteTypeId", strconv.Itoa(kind))
		at := p.post().at.Add(after)
		if !at.Before(x.w.end) {
			at = p.post().at
		}
		r.attr("CreationDate", at.Truncate(day).Format(dumpTime))
		r.close()
	}
	for _, p := range x.posts {
		up, down := x.score(p)
		if p.index > 0 && p.index == p.t.accepted {
			vote(p, 1, 5*time.Hour)
		}
		for i := range up {
			vote(p, 2, time.Duration(i)*40*time.Hour)
		}
		for range down {
			vote(p, 3, 3*time.Hour)
		}
		x.log.sum.Reactions += up + down
	}
}

func (x *dumpWriter) writeUsers(r *rowWriter) {
	for _, p := range x.w.people {
		a := p.accounts[stackExchange]
		if a == nil {
			continue
		}
		a.listed = true
		r.open(a.id)
		r.attr("Reputation", strconv.Itoa(max(1, 1+x.scores[a])))
		r.attr("CreationDate", a.since.Format(dumpTime))
		r.attr("DisplayName", a.display)
		r.attr("LastAccessDate", a.since.Add(day).Format(dumpTime))
		if a.website != "" {
			r.attr("WebsiteUrl", a.website)
		}
		if p.id%3 == 0 {
			r.attr("Location", p.place.city)
		}
		if p.id%4 == 0 && p.title != "" && !a.lost {
			r.attr("AboutMe", "<p>"+p.title+"</p>")
		}
		r.attr("Views", strconv.Itoa(p.id%70))
		r.attr("UpVotes", strconv.Itoa(p.id%31))
		r.attr("DownVotes", strconv.Itoa(p.id%4))
		r.attr("AccountId", strconv.Itoa(990_000_000+p.id))
		r.close()
	}
}

// rowWriter writes <row .../> elements and keeps the first error.
type rowWriter struct {
	out io.Writer
	buf bytes.Buffer
	err error
}

func (r *rowWriter) raw(text string) {
	if r.err == nil {
		_, r.err = io.WriteString(r.out, text)
	}
}

// open begins a row, the first attribute of which is always the Id.
func (r *rowWriter) open(id string) {
	r.buf.Reset()
	r.buf.WriteString("  <row")
	r.attr("Id", id)
}

func (r *rowWriter) attr(name, value string) {
	r.buf.WriteString(" " + name + `="`)
	if err := xml.EscapeText(&r.buf, []byte(value)); err != nil && r.err == nil {
		r.err = err
	}
	r.buf.WriteByte('"')
}

func (r *rowWriter) close() {
	r.buf.WriteString(" />\n")
	r.raw(r.buf.String())
}
