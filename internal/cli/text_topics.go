// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/text/rise"
	"greenroom/internal/text/topic"
)

// topicRow is a line of the file that text commands read. Of the three names of its day one is enough.
type topicRow struct {
	ID     textID          `json:"id"`
	Text   string          `json:"text"`
	Stream string          `json:"stream"`
	At     json.RawMessage `json:"at"`
	Day    json.RawMessage `json:"day"`
	Time   json.RawMessage `json:"time"`
}

// textID is an id that is a text or a number.
type textID string

// UnmarshalJSON reads either.
func (id *textID) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err == nil {
		*id = textID(text)
		return nil
	}
	var number json.Number
	if err := json.Unmarshal(data, &number); err != nil {
		return errors.New("an id is a text or a number")
	}
	*id = textID(number)
	return nil
}

// textFiles are the flags for what text commands read and write.
type textFiles struct{ in, out string }

func (f *textFiles) flags(cmd *cobra.Command, out string) {
	cmd.Flags().StringVar(&f.in, "in", "", "file to read, one JSON object a line")
	cmd.Flags().StringVar(&f.out, "out", "", out)
	for _, name := range []string{"in", "out"} {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // the flag is defined above
		}
	}
}

const (
	longestLine    = 16 << 20
	mostComplaints = 20
)

// rows reads the file. A line that cannot be read is said and left out.
func (c *command) textRows(path string) ([]topicRow, error) {
	f, err := os.Open(path) //nolint:gosec // the user names it
	if err != nil {
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the file to read cannot be opened", Err: err}
	}
	defer f.Close() //nolint:errcheck // only read
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, longestLine)
	var all []topicRow
	bad := 0
	complain := func(n int, what string) {
		if bad++; bad <= mostComplaints {
			c.say("%s:%d: %s; left out\n", path, n, what)
		}
	}
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var r topicRow
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			complain(n, "expected a JSON object with id and text ("+err.Error()+")")
			continue
		}
		if r.ID == "" {
			complain(n, "expected an id")
			continue
		}
		all = append(all, r)
	}
	if bad > mostComplaints {
		c.say("%s: %d lines in all were left out\n", path, bad)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return all, nil
}

// writeFile makes a file of what write writes.
func writeFile(path string, write func(io.Writer) error) (err error) {
	f, err := os.Create(path) //nolint:gosec // the user names it
	if err != nil {
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the file to write cannot be made", Err: err}
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriter(f)
	if err := write(w); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return w.Flush() //nolint:wrapcheck // os names the file
}

func (c *command) textTopics() *cobra.Command {
	var files textFiles
	var topics int
	cmd := &cobra.Command{
		Use: "topics --in FILE.jsonl --out FILE.tsv", Short: "Put messages into topics that are found in them", Args: cobra.NoArgs,
		Long: "Topics reads objects with id and text, finds what they are about, and writes a line for each: its id, a tab, and its topic. How many topics there are is found, too, unless --topics says it. " +
			"A message that shares no word with others has the topic none.",
		RunE: func(*cobra.Command, []string) error {
			rows, err := c.textRows(files.in)
			if err != nil {
				return err
			}
			texts := make([]string, len(rows))
			for i := range rows {
				texts[i] = rows[i].Text
			}
			m := topic.Fit(texts, topic.Options{Topics: topics})
			r := m.Reader()
			if err := writeFile(files.out, func(w io.Writer) error {
				for i := range rows {
					name := "none"
					if g, _ := r.Read(texts[i]); g >= 0 {
						name = strconv.FormatInt(m.Topics[g].ID, 10)
					}
					if _, err := fmt.Fprintf(w, "%s\t%s\n", rows[i].ID, name); err != nil {
						return err //nolint:wrapcheck // writeFile says what
					}
				}
				return nil
			}); err != nil {
				return err
			}
			return c.printFound(m)
		},
	}
	files.flags(cmd, "file to write, id and topic in each line")
	cmd.Flags().IntVar(&topics, "topics", 0, "how many topics; 0 = as many as the messages show")
	return cmd
}

// printFound lists the topics of a model, the largest first.
func (c *command) printFound(m *topic.Model) error {
	w, err := newWriter(c.io.Out, c.format, table[topic.Topic]{
		head: []string{"topic", "messages", "name", "words"},
		row: func(t *topic.Topic) []string {
			var words []string
			for _, term := range t.Terms[:min(len(t.Terms), 6)] {
				words = append(words, term.Text)
			}
			return []string{strconv.FormatInt(t.ID, 10), strconv.Itoa(t.Size), t.Name, strings.Join(words, ", ")}
		},
	})
	if err != nil {
		return err
	}
	all := slices.Clone(m.Topics)
	slices.SortStableFunc(all, func(a, b topic.Topic) int { return cmp.Compare(b.Size, a.Size) })
	for i := range all {
		if err := w.item(&all[i]); err != nil {
			return err
		}
	}
	return w.end()
}

// risen is what text trends writes. Days are as the file has them: numbers, or dates.
type risen struct {
	Start any      `json:"start"`
	End   any      `json:"end"`
	Name  string   `json:"name"`
	Times float64  `json:"times"`
	IDs   []string `json:"ids"`
}

func (c *command) textTrends() *cobra.Command {
	var files textFiles
	cmd := &cobra.Command{
		Use: "trends --in FILE.jsonl --out FILE.json", Short: "Find what rose in dated messages", Args: cobra.NoArgs,
		Long: "Trends reads objects with id, text and day (a number of a day, or a date or time; at and time mean the same), and writes a JSON list of what rose: its first and last day, what it is called, how many times the usual it was, and the ids of its messages. " +
			"Where ids look like STREAM-NUMBER, or objects have a stream, each stream is looked at by itself.",
		RunE: func(*cobra.Command, []string) error {
			rows, err := c.textRows(files.in)
			if err != nil {
				return err
			}
			all := c.risen(rows)
			return writeFile(files.out, func(w io.Writer) error {
				enc := json.NewEncoder(w)
				enc.SetIndent("", " ")
				return enc.Encode(all) //nolint:wrapcheck // writeFile says what
			})
		},
	}
	files.flags(cmd, "file to write")
	return cmd
}

func (c *command) risen(rows []topicRow) []risen {
	type stream struct {
		ids      []string
		messages []rise.Message
		dated    bool
	}
	streams := make(map[string]*stream)
	var order []string
	for i := range rows {
		r := &rows[i]
		day, dated, err := r.day()
		if err != nil {
			c.say("message %s: %s; left out\n", r.ID, err)
			continue
		}
		key := r.Stream
		if before, _, ok := strings.Cut(string(r.ID), "-"); key == "" && ok {
			key = before
		}
		s := streams[key]
		if s == nil {
			s = &stream{dated: dated}
			streams[key], order = s, append(order, key)
		}
		s.ids, s.messages = append(s.ids, string(r.ID)), append(s.messages, rise.Message{Text: r.Text, Day: day})
	}
	texts := make([]string, len(rows))
	for i := range rows {
		texts[i] = rows[i].Text
	}
	m := topic.Fit(texts, topic.Options{})
	all := []risen{}
	for _, key := range order {
		s := streams[key]
		for _, e := range rise.Find(m, s.messages, rise.Options{}) {
			r := risen{Start: e.Start, End: e.End, Name: e.Name, Times: e.Times()}
			if s.dated {
				r.Start, r.End = dateOf(e.Start), dateOf(e.End)
			}
			for _, i := range e.Messages {
				r.IDs = append(r.IDs, s.ids[i])
			}
			all = append(all, r)
		}
	}
	return all
}

const daySeconds = 24 * 60 * 60

func dateOf(day int) string { return time.Unix(int64(day)*daySeconds, 0).UTC().Format(time.DateOnly) }

// day reads when a message was: a number below a million is a day, a greater one seconds, or milliseconds, since 1970.
func (r *topicRow) day() (day int, dated bool, err error) {
	raw := r.Day
	for _, other := range []json.RawMessage{r.At, r.Time} {
		if raw == nil {
			raw = other
		}
	}
	if raw == nil {
		return 0, false, errors.New("expected a day, at or time")
	}
	var number float64
	if json.Unmarshal(raw, &number) == nil {
		switch {
		case number < 1e6:
			return int(number), false, nil
		case number < 1e11:
			return int(number / daySeconds), true, nil
		default:
			return int(number / daySeconds / 1000), true, nil
		}
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return 0, false, errors.New("expected the day as a number or a text")
	}
	if n, err := strconv.Atoi(text); err == nil {
		return n, false, nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", time.DateTime, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return int(t.Unix() / daySeconds), true, nil
		}
	}
	return 0, false, fmt.Errorf("expected a number or a date such as 2026-03-31, found %q", text)
}
