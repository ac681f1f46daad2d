// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"embed"
	"fmt"
	"path"
	"strconv"
	"strings"
)

//go:embed phrases/*.txt names.txt companies.txt
var words embed.FS

// phrasebook holds the fragments that messages are made of, by file ("importer") and section ("answer").
type phrasebook map[string]map[string][]string

// readPhrases reads the embedded fragments. A file is a list of sections, "@name" on a line of its own, with one fragment a
// line; \n in a fragment is a line break.
func readPhrases() (phrasebook, error) {
	entries, err := words.ReadDir("phrases")
	if err != nil {
		return nil, fmt.Errorf("read phrases: %w", err)
	}
	book := phrasebook{}
	for _, e := range entries {
		sections, err := readSections(path.Join("phrases", e.Name()))
		if err != nil {
			return nil, err
		}
		book[strings.TrimSuffix(e.Name(), ".txt")] = sections
	}
	return book, nil
}

func readSections(name string) (map[string][]string, error) {
	text, err := words.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read phrases: %w", err)
	}
	sections, section := map[string][]string{}, ""
	for n, line := range strings.Split(string(text), "\n") {
		switch {
		case line == "" || strings.HasPrefix(line, "# "):
		case line[0] == '@':
			section = line[1:]
		case section == "":
			return nil, fmt.Errorf("read phrases: %s:%d: a fragment before the first section", name, n+1)
		default:
			sections[section] = append(sections[section], strings.ReplaceAll(line, `\n`, "\n"))
		}
	}
	return sections, nil
}

// scene is what the slots of a message are filled from: the conversation keeps its table, version and so on from the first
// message to the last, names change with who speaks to whom.
type scene struct {
	dice
	book  phrasebook
	fixed map[string]string // slots that are given or were drawn once for the conversation
}

// keeps tells which drawn slots stay the same for a whole conversation.
func keeps(slot string) bool {
	switch slot {
	case "table", "pipeline", "column", "env", "file", "db", "store", "oddity", "option", "thing", "part", "interest", "weekday":
		return true
	}
	return false
}

// say draws a fragment and fills its slots. A file without the section, such as a topic without ideas, gives "".
func (s scene) say(file, section string) string {
	list := s.book[file][section]
	if len(list) == 0 {
		return ""
	}
	return s.fill(one(s.dice, list))
}

// fill replaces {slot} and {n:lo-hi}. A brace that opens no known slot stays as it is, since configurations have braces too.
func (s scene) fill(text string) string {
	if !strings.Contains(text, "{") {
		return text
	}
	var b strings.Builder
	for {
		open := strings.IndexByte(text, '{')
		if open < 0 {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(text[:open])
		text = text[open:]
		end := strings.IndexByte(text, '}')
		value, known := "", false
		if end > 0 {
			value, known = s.slot(text[1:end])
		}
		if !known {
			b.WriteByte('{')
			text = text[1:]
			continue
		}
		b.WriteString(value)
		text = text[end+1:]
	}
}

func (s scene) slot(name string) (value string, known bool) {
	if v, ok := s.fixed[name]; ok {
		return v, true
	}
	if bounds, ok := strings.CutPrefix(name, "n:"); ok {
		lo, hi, _ := strings.Cut(bounds, "-")
		l, errLow := strconv.Atoi(lo)
		h, errHigh := strconv.Atoi(hi)
		return strconv.Itoa(s.between(l, h)), errLow == nil && errHigh == nil
	}
	list := s.book["slots"][name]
	if len(list) == 0 {
		return "", false
	}
	v := s.fill(one(s.dice, list))
	if keeps(name) {
		s.fixed[name] = v
	}
	return v, true
}
