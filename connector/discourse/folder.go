// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package discourse

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/jsonfile"
)

// saved is a file with saved answers.
type saved struct {
	name  string // relative to the folder, with slashes
	path  string
	size  int64
	time  time.Time // when it was written
	shape shape
}

func (s *saved) open() (io.ReadCloser, error) { return os.Open(s.path) }

// folderCursor is where reading a folder can go on. Of is a digest of the list of files: where it differs, files were
// added or replaced, and the folder is read from its start.
type folderCursor struct {
	jsonfile.Place
	Of string `json:"of"`
}

// folderReader is one read of a folder.
type folderReader struct {
	*mapper
	ctx         context.Context //nolint:containedctx // a reader lives exactly as long as one read
	of          string
	done, total int64
}

// readFolder pushes what a folder holds after the cursor into the sink.
func (s *source) readFolder(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	files, other, err := listFolder(s.folder)
	if err != nil {
		return err
	}
	r := &folderReader{mapper: newMapper(s, out), ctx: ctx, of: digest(files)}
	r.seen = roaring64.New()
	var at folderCursor
	if from != "" && (json.Unmarshal([]byte(from), &at) != nil || at.Record < 0 || at.Of != r.of) {
		at = folderCursor{}
	}
	for i := range files {
		files[i].shape = r.fileShape(&files[i])
		r.total += files[i].size
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("looking at the saved answers was stopped: %w", err)
		}
	}
	slices.SortFunc(files, compareSaved)
	if at.File == "" && other > 0 {
		out.Read(other)
		out.LeftOut(leftFiles, other)
	}
	last := slices.IndexFunc(files, func(f saved) bool { return f.name == at.File })
	for i := range files {
		skip := 0
		if i < last {
			skip = math.MaxInt
		} else if i == last {
			skip = at.Record
		}
		if err := r.file(&files[i], skip); err != nil {
			return err
		}
		r.done += files[i].size
	}
	return nil
}

func compareSaved(a, b saved) int {
	return cmp.Or(cmp.Compare(a.shape, b.shape), cmp.Compare(a.name, b.name))
}

func listFolder(root string) (files []saved, other int, err error) {
	err = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.Type().IsRegular() || strings.HasPrefix(d.Name(), ".") {
			return nil
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		if rel == "." { // one file was given
			rel = d.Name()
		}
		switch strings.ToLower(filepath.Ext(p)) {
		case ".json", ".jsonl", ".ndjson":
		default:
			other++
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name := strings.ToValidUTF8(filepath.ToSlash(rel), "\uFFFD")
		files = append(files, saved{name: name, path: p, size: info.Size(), time: info.ModTime()})
		return nil
	})
	const expected = "a folder with saved answers of a Discourse forum was expected: JSON files such as /t/ID.json gives"
	switch {
	case err != nil:
		return nil, 0, &greenroom.Error{Code: greenroom.CodeInvalid, Message: root + " cannot be read; " + expected, Err: err}
	case len(files) == 0:
		return nil, 0, greenroom.Errorf(greenroom.CodeInvalid, "%s holds no JSON file; %s", root, expected)
	}
	return files, other, nil
}

// digest tells whether the same files are there, as they were written.
func digest(files []saved) string {
	h := fnv.New64a()
	for i := range files {
		_, _ = fmt.Fprintf(h, "%s %d %d\n", files[i].name, files[i].size, files[i].time.UnixNano())
	}
	return strconv.FormatUint(h.Sum64(), 36)
}

// fileShape is the shape of the first answer in the file.
func (r *folderReader) fileShape(s *saved) shape {
	f, err := jsonfile.Open(s.open)
	if err != nil {
		return shapeOther
	}
	defer func() { _ = f.Close() }()
	first, err := f.Next()
	if err != nil {
		return shapeOther
	}
	return shapeOf(first)
}

// file reads one file. The answers up to the skip-th were told before.
func (r *folderReader) file(s *saved, skip int) error {
	f, err := jsonfile.Open(s.open)
	if err != nil {
		r.silent = skip >= 1
		r.reject = func(_ []byte, err error, expected string) {
			r.out.Reject(greenroom.Reject{File: s.name, Reason: err.Error(), Expected: expected})
		}
		r.refuse(nil, err, "a readable file")
		return r.checkpoint(s, 1, s.size)
	}
	defer func() { _ = f.Close() }()
	for n := 1; ; n++ {
		value, err := f.Next()
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		r.silent = n <= skip
		r.reject = func(part []byte, err error, expected string) {
			r.out.Reject(f.RejectPart(s.name, value, part, err, expected))
		}
		if err != nil {
			r.reject = func(_ []byte, err error, expected string) { r.out.Reject(f.Reject(s.name, nil, err, expected)) }
			r.read(1)
			r.refuse(nil, err, "JSON; what stands before this place was read, the rest of the file was not")
			return r.checkpoint(s, n, s.size)
		}
		kind := s.shape // is that of the first answer
		if n > 1 {
			kind = shapeOf(value)
		}
		r.value(value, kind)
		if err := r.checkpoint(s, n, f.Offset()); err != nil {
			return err
		}
	}
}

func (r *folderReader) checkpoint(s *saved, n int, offset int64) error {
	if r.silent {
		if err := r.ctx.Err(); err != nil {
			return fmt.Errorf("finding the place to go on from was stopped: %w", err)
		}
		return nil
	}
	cursor, err := json.Marshal(folderCursor{Place: jsonfile.Place{File: s.name, Record: n}, Of: r.of})
	if err != nil {
		return fmt.Errorf("writing the cursor: %w", err)
	}
	return r.out.Checkpoint(connector.Cursor(cursor), connector.Progress{Done: r.done + min(offset, s.size), Total: r.total, Unit: "bytes", Phase: s.name})
}

// value reads one saved answer.
func (r *folderReader) value(value jsontext.Value, kind shape) {
	switch kind {
	case shapeTopic, shapePosts:
		var t topic
		if err := jsonfile.Unmarshal(value, &t); err != nil {
			r.read(1)
			r.refuse(value, err, "a topic as /t/ID.json gives it")
			return
		}
		r.topic(&t)
	case shapePost:
		r.single(value)
	case shapeAccount:
		r.account(value, false, false)
	case shapeOther:
		r.read(1)
		if value.Kind() != '{' && value.Kind() != '[' {
			r.refuse(value, errors.New("it is not an object"), "an answer of the forum")
			return
		}
		r.leave(leftOther, 1)
	default:
		var d document
		if err := jsonfile.Unmarshal(value, &d); err != nil {
			r.read(1)
			r.refuse(value, err, "an answer of the forum")
			return
		}
		r.document(&d)
	}
}

func (r *folderReader) topic(t *topic) {
	th := r.begin(t)
	r.posts(th, t.PostStream.Posts)
	if t.Title != "" {
		info := topicInfo{category: th.category, solved: th.solved, private: th.private}
		if len(t.PostStream.Posts) < len(t.PostStream.Stream) {
			info.numbers, info.users = th.numbers, th.users
		}
		r.topics[t.ID] = info
	}
	if t.Title != "" || th.resolved.State != "" { // else these posts say nothing of the topic as a whole
		r.end(th)
	}
}

// single reads a post that stands by itself.
func (r *folderReader) single(raw jsontext.Value) {
	var p post
	if readPost(raw, &p, 0) != nil {
		r.posts(&thread{numbers: map[int64]int64{}, users: map[string]int64{}}, []jsontext.Value{raw}) // which rejects it
		return
	}
	t := topic{ID: p.TopicID, Title: "", Slug: p.TopicSlug, CategoryID: p.CategoryID}
	th := r.begin(&t)
	if _, known := r.topics[p.TopicID]; p.PostNumber == 1 && !known {
		th.title = jsonfile.Clean(p.TopicTitle)
	}
	r.posts(th, []jsontext.Value{raw})
	if th.resolved.State != "" || th.title != "" {
		r.end(th)
	}
}

// document reads the lists of an answer.
func (r *folderReader) document(d *document) {
	r.categories(slices.Concat(d.CategoryList.Categories, d.Categories))
	if d.Category.Kind() == '{' {
		r.categories([]jsontext.Value{d.Category})
	}
	if d.User.Kind() == '{' {
		r.account(d.User, true, false)
	}
	for _, u := range slices.Concat(d.Users, d.Members) {
		r.account(u, false, false)
	}
	for _, item := range d.DirectoryItems {
		r.account(item.User, false, false)
	}
	for _, u := range slices.Concat(d.About.Admins, d.About.Moderators) {
		r.account(u, false, true)
	}
	r.read(len(d.TopicList.Topics))
	r.leave(leftSummary, len(d.TopicList.Topics))
	for _, p := range slices.Concat(d.LatestPosts, d.Posts) {
		r.single(p)
	}
}
