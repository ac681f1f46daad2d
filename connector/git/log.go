// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package git

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// logFields are the fields of one commit in the log, each ended by a NUL: that of the last one is written by -z.
const (
	logFormat = "--format=tformat:%H%x00%P%x00%an%x00%ae%x00%ad%x00%cn%x00%ce%x00%cd%x00%B"
	logFields = 9
)

// maxField is how long a field may be. Only a message can come near it; what is longer is cut.
const maxField = 1 << 20

// commit is one commit as the log tells it.
type commit struct {
	sha, parents string
	author       person
	committer    person
	message      string
}

// person is an author or committer as written in the commit.
type person struct {
	name, email string
	date        string // "1735689600 +0200"
}

// logArgs are the arguments of git for reading the log. Neither stashes nor notes nor leftovers of rewriting are
// anybody's work in the repository, so their refs are left aside.
func logArgs(rev string) []string {
	args := []string{
		"log", "-z", "--reverse", "--date-order", "--date=raw", "--no-patch", "--no-show-signature", "--no-notes", "--no-color",
		"--no-mailmap", "--no-decorate", "--encoding=UTF-8", logFormat,
	}
	if rev != "" {
		return append(args, rev, "--")
	}
	for _, ref := range []string{"refs/stash", "refs/notes/*", "refs/original/*", "refs/replace/*", "refs/bisect/*"} {
		args = append(args, "--exclude="+ref)
	}
	return append(args, "--all", "--")
}

// readLog calls fn for each commit of a log and returns fn's error. The commit is fn's to keep.
func readLog(r io.Reader, fn func(*commit) error) error {
	br := bufio.NewReaderSize(r, 256<<10)
	var field [logFields]string
	for {
		for i := range field {
			f, err := readField(br)
			if errors.Is(err, io.EOF) && i == 0 && len(bytes.TrimSpace(f)) == 0 {
				return nil
			}
			if err != nil {
				if errors.Is(err, io.EOF) {
					err = io.ErrUnexpectedEOF
				}
				return fmt.Errorf("reading the log of git: %w", err)
			}
			field[i] = clean(f)
		}
		c := &commit{
			sha: field[0], parents: field[1],
			author:    person{name: strings.TrimSpace(field[2]), email: strings.TrimSpace(field[3]), date: field[4]},
			committer: person{name: strings.TrimSpace(field[5]), email: strings.TrimSpace(field[6]), date: field[7]},
			message:   strings.TrimRight(field[8], "\n"),
		}
		if err := fn(c); err != nil {
			return err
		}
	}
}

// readField reads up to a NUL and keeps at most maxField bytes of it. The bytes are valid until the next call.
func readField(br *bufio.Reader) ([]byte, error) {
	part, err := br.ReadSlice(0)
	if err == nil {
		return part[:len(part)-1], nil
	}
	var long []byte
	for errors.Is(err, bufio.ErrBufferFull) {
		if len(long) < maxField {
			long = append(long, part...)
		}
		part, err = br.ReadSlice(0)
	}
	if len(long) < maxField {
		long = append(long, part...)
	}
	if err != nil {
		return long, err
	}
	return bytes.TrimSuffix(long[:min(len(long), maxField)], []byte{0}), nil
}

// clean makes valid UTF-8 of what git passed through: git re-encodes what names its encoding, and old commits that do
// not are in Latin 1 as a rule. NULs cannot occur in the log; they are dropped where they come from elsewhere.
func clean(b []byte) string {
	if bytes.IndexByte(b, 0) >= 0 {
		b = bytes.ReplaceAll(b, []byte{0}, nil)
	}
	if utf8.Valid(b) {
		return string(b)
	}
	s, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	return string(s)
}

// when reads the date of a person. ok is false where there is none.
func (p person) when() (t time.Time, offset string, ok bool) {
	sec, offset, _ := strings.Cut(p.date, " ")
	n, err := strconv.ParseInt(sec, 10, 64)
	if err != nil || n <= 0 || n > maxSeconds {
		return time.Time{}, "", false
	}
	return time.Unix(n, 0).UTC(), offset, true
}

// maxSeconds is the end of the year 9999, the last that RFC 3339 can write.
const maxSeconds = 253402300799

// zone turns "+0200" into "+02:00", and anything that is not an offset, or is zero, into "": servers and web editors
// commit in UTC, so it says nothing of the person.
func zone(offset string) string {
	if len(offset) != 5 || (offset[0] != '+' && offset[0] != '-') {
		return ""
	}
	h, err1 := strconv.Atoi(offset[1:3])
	m, err2 := strconv.Atoi(offset[3:])
	if err1 != nil || err2 != nil || h > 14 || m > 59 || h+m == 0 || h < 0 || m < 0 {
		return ""
	}
	return offset[:3] + ":" + offset[3:]
}

// appendRaw writes the commit as it is kept: in the form of git's own object, with the hash in front.
func (c *commit) appendRaw(b []byte) []byte {
	b = append(append(append(b, "commit "...), c.sha...), '\n')
	for p := range strings.FieldsSeq(c.parents) {
		b = append(append(append(b, "parent "...), p...), '\n')
	}
	b = c.author.appendRaw(append(b, "author "...))
	b = c.committer.appendRaw(append(b, "committer "...))
	return append(append(append(b, '\n'), c.message...), '\n')
}

func (p person) appendRaw(b []byte) []byte {
	b = append(append(b, p.name...), " <"...)
	b = append(append(b, p.email...), "> "...)
	return append(append(b, p.date...), '\n')
}

// coAuthors lists the people of the Co-authored-by trailers, each once. Such lines are read wherever they stand: a
// trailer that is followed by a blank line and another note is not one for git, but is meant as one.
func (c *commit) coAuthors() []person {
	if !containsFold(c.message, trailerKey) {
		return nil
	}
	var found []person
	for line := range strings.Lines(c.message) {
		line = strings.TrimSpace(line)
		if len(line) < len(trailerKey) || !strings.EqualFold(line[:len(trailerKey)], trailerKey) {
			continue
		}
		name, email, ok := nameAddress(strings.TrimSpace(line[len(trailerKey):]))
		if !ok {
			continue
		}
		p := person{name: name, email: email, date: c.author.date}
		if !hasPerson(found, p) {
			found = append(found, p)
		}
	}
	return found
}

const trailerKey = "co-authored-by:"

func hasPerson(list []person, p person) bool {
	for _, have := range list {
		if strings.EqualFold(have.email, p.email) && (p.email != "" || strings.EqualFold(have.name, p.name)) {
			return true
		}
	}
	return false
}

// nameAddress splits "Name <address>". A bare address or a bare name is accepted too, as people write them.
func nameAddress(s string) (name, email string, ok bool) {
	if i := strings.IndexByte(s, '<'); i >= 0 {
		rest := s[i+1:]
		if j := strings.IndexByte(rest, '>'); j >= 0 {
			rest = rest[:j]
		}
		name, email = strings.TrimSpace(s[:i]), strings.TrimSpace(rest)
		return name, email, name != "" || email != ""
	}
	if strings.Count(s, "@") == 1 && !strings.ContainsAny(s, " \t") && s[0] != '@' {
		return "", s, true // "@login" is an account's name, not an address
	}
	return s, "", s != ""
}

// containsFold reports whether s contains the lower-case ASCII text sub in any case.
func containsFold(s, sub string) bool {
	for i := 0; i+len(sub) <= len(s); i++ {
		j := strings.IndexAny(s[i:], sub[:1]+strings.ToUpper(sub[:1]))
		if j < 0 {
			return false
		}
		if i += j; i+len(sub) <= len(s) && strings.EqualFold(s[i:i+len(sub)], sub) {
			return true
		}
	}
	return false
}
