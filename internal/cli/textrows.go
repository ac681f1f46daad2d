// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/jonreiter/govader/data"

	"greenroom"
	"greenroom/internal/text/judge"
)

// textRow is a line of a file of messages.
type textRow struct {
	ID      string `json:"id"`
	Text    string `json:"text"`
	Label   string `json:"label"`
	Source  string `json:"source"`
	License string `json:"license"`
}

// maxTextLine is how long a line of a file of messages can be, in bytes.
const maxTextLine = 16 << 20

// eachTextRow calls f for each line of a file of messages. A line that cannot be read ends it with an error that names
// the line.
func eachTextRow(path string, f func(line int, row *textRow) error) (err error) {
	file, err := os.Open(path) //nolint:gosec // the path is the user's own
	if err != nil {
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the messages cannot be read", Err: err}
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, maxTextLine)
	n := 0
	for lines.Scan() {
		if n++; strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		var row textRow
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			return &greenroom.Error{
				Code: greenroom.CodeInvalid, Err: err,
				Message: fmt.Sprintf("%s, line %d: expected a JSON object with id and text", path, n),
			}
		}
		if err := f(n, &row); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("reading %s: %w", path, err)
	}
	return nil
}

// readTextRows reads the labeled rows of a task from NAME.jsonl in a folder; none if there is no such file.
func readTextRows(dir string, task judge.Task, licenses map[string]string) ([]judge.Row, error) {
	path := filepath.Join(dir, task.String()+".jsonl")
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	labels := task.Labels()
	var rows []judge.Row
	err := eachTextRow(path, func(line int, r *textRow) error {
		known := false
		for _, l := range labels {
			known = known || l == r.Label
		}
		if !known {
			return greenroom.Errorf(greenroom.CodeInvalid, "%s, line %d: the label is %q, expected one of %s", path, line, r.Label, strings.Join(labels, ", "))
		}
		license := spdx(r.License)
		if told, ok := licenses[r.Source]; ok {
			license = told
		}
		rows = append(rows, judge.Row{Task: task, Text: r.Text, Label: r.Label, Source: r.Source, License: license})
		return nil
	})
	return rows, err
}

// spdx makes an SPDX identifier of what a row says of its license: a remark behind it is left out, and of several to
// choose from the first is taken.
func spdx(license string) string {
	license, _, _ = strings.Cut(license, " (")
	license, _, _ = strings.Cut(license, " OR ")
	return strings.TrimSpace(license)
}

// valences is VADER's lexicon: how positive or negative words, emoticons and emoji are, from -4 to 4. An emoji has what
// the words of its description have, averaged over those that have any.
func valences() (map[string]float64, error) {
	words, err := data.Asset("rawdata/vaderLexicon.txt")
	if err != nil {
		return nil, fmt.Errorf("reading the lexicon: %w", err)
	}
	emoji, err := data.Asset("rawdata/emojiUTF8Lexicon.txt")
	if err != nil {
		return nil, fmt.Errorf("reading the lexicon of emoji: %w", err)
	}
	list := map[string]float64{}
	for line := range strings.Lines(string(words)) {
		if f := strings.Split(line, "\t"); len(f) > 1 {
			if v, err := strconv.ParseFloat(f[1], 64); err == nil {
				list[f[0]] = v
			}
		}
	}
	felt := map[string]float64{}
	for line := range strings.Lines(string(emoji)) {
		symbol, description, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok {
			continue
		}
		sum, n := 0.0, 0.0
		for w := range strings.FieldsSeq(description) {
			if v := list[w]; v != 0 {
				sum, n = sum+v, n+1
			}
		}
		if n > 0 {
			felt[symbol] = math.Round(10*sum/n) / 10
		}
	}
	for symbol, v := range felt {
		list[symbol] = v
	}
	return list, nil
}
