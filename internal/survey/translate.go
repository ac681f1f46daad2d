// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package survey

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"greenroom"
)

// Piece is one text of a definition.
type Piece struct {
	At    string `json:"at"`   // where it stands: title, page.ID.title, question.ID.text, question.ID.choice.ID ...
	Label string `json:"-"`    // the same for people
	Own   string `json:"own"`  // in the definition's own language
	Said  string `json:"said"` // in the language that was asked for; "" = missing
}

// Coverage says how much of a definition is there in a language.
type Coverage struct {
	Language string `json:"language"` // BCP 47, lower case
	Name     string `json:"name"`     // as those call it who speak it
	Texts    int    `json:"texts"`    // how many there are to translate
	Missing  int    `json:"missing"`  // how many of these fall back to the definition's own language
}

// LanguageName is what those who speak a language call it; the tag itself where nobody has told.
func LanguageName(tag string) string {
	t, err := language.Parse(tag)
	if err != nil {
		return tag
	}
	if name := display.Self.Name(t); name != "" {
		return name
	}
	return tag
}

// fieldLanguage is the field of members that says in which language to write to them.
const fieldLanguage = "language"

// Spoken is the language of a definition that somebody means: by tag (pt-BR, pt_BR), by the language of a tag that the definition
// has nothing of, or by name, in English or as its speakers call it. It is the definition's own where they mean none that is there.
func (d *Definition) Spoken(want string) string {
	want = strings.ToLower(strings.ReplaceAll(strings.TrimSpace(want), "_", "-"))
	have := d.Languages()
	if want == "" {
		return have[0]
	}
	english := display.English.Languages()
	for _, fits := range []func(tag string) bool{
		func(tag string) bool { return tag == want },
		func(tag string) bool { return tag == base(want) },
		func(tag string) bool {
			t, err := language.Parse(tag)
			return err == nil && (strings.EqualFold(want, display.Self.Name(t)) || strings.EqualFold(want, english.Name(t)))
		},
	} {
		if i := slices.IndexFunc(have, fits); i >= 0 {
			return have[i]
		}
	}
	return have[0]
}

// each visits every text in its order.
func (d *Definition) each(visit func(at, label string, t *Texts)) {
	visit("title", "Title", &d.Title)
	visit("intro", "Introduction", &d.Intro)
	visit("thanks", "Thanks at the end", &d.Thanks)
	n := 0
	for i := range d.Pages {
		p := &d.Pages[i]
		visit("page."+p.ID+".title", fmt.Sprintf("Page %d, heading", i+1), &p.Title)
		for j := range p.Questions {
			q := &p.Questions[j]
			n++
			at, label := "question."+q.ID+".", fmt.Sprintf("Question %d", n)
			visit(at+"text", label, &q.Text)
			visit(at+"help", label+", help", &q.Help)
			visit(at+"low", label+", lowest", &q.Low)
			visit(at+"high", label+", highest", &q.High)
			for k := range q.Choices {
				visit(at+"choice."+q.Choices[k].ID, label+", choice", &q.Choices[k].Text)
			}
			for k := range q.Rows {
				visit(at+"row."+q.Rows[k].ID, label+", row", &q.Rows[k].Text)
			}
		}
	}
}

// said is the text that a language itself has, or its language elsewhere; "" where it falls back.
func (t Texts) said(tag string) string {
	if text := t[strings.ToLower(tag)]; text != "" {
		return text
	}
	return t[base(tag)]
}

// Pieces lists the texts that there are to translate, with what a language has of each.
func (d *Definition) Pieces(tag string) []Piece {
	var all []Piece
	d.each(func(at, label string, t *Texts) {
		if own := t.In(d.Language, d.Language); own != "" {
			all = append(all, Piece{at, label, own, t.said(tag)})
		}
	})
	return all
}

// Coverage says how much is there in each language, the definition's own first.
func (d *Definition) Coverage() []Coverage {
	var all []Coverage
	for i, tag := range d.Languages() {
		c := Coverage{Language: tag, Name: LanguageName(tag)}
		for _, p := range d.Pieces(tag) {
			c.Texts++
			if i > 0 && p.Said == "" {
				c.Missing++
			}
		}
		all = append(all, c)
	}
	return all
}

// LanguageTag reads the tag of a language to translate into. The definition's own is none: its texts are the survey.
func (d *Definition) LanguageTag(text string) (string, error) {
	t := strings.ToLower(strings.TrimSpace(text))
	if _, err := language.Parse(t); err != nil || !tag(t) {
		return "", wrong("language", "%q is no language tag such as de or pt-br", text)
	}
	if t == d.Language {
		return "", wrong("language", "%s is the survey's own language; change its texts with the questions", t)
	}
	return t, nil
}

// clone copies a definition with all that is in it.
func (d *Definition) clone() (*Definition, error) {
	text, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("copying a survey: %w", err)
	}
	c := new(Definition)
	if err := json.Unmarshal(text, c); err != nil {
		return nil, fmt.Errorf("copying a survey: %w", err)
	}
	return c, nil
}

// Translated is the definition with texts in a language, by where they stand, and how many of them are other than before.
// An empty text takes a translation away. Errors have CodeInvalid and name the place.
func (d *Definition) Translated(into string, texts map[string]string) (*Definition, int, error) {
	into, err := d.LanguageTag(into)
	if err != nil {
		return nil, 0, err
	}
	next, err := d.clone()
	if err != nil {
		return nil, 0, err
	}
	known, changed := make(map[string]bool), 0
	next.each(func(at, _ string, t *Texts) {
		own := t.In(d.Language, d.Language)
		known[at] = own != ""
		text, given := texts[at]
		if text = strings.TrimSpace(text); !given || own == "" || text == (*t)[into] {
			return
		}
		changed++
		if text == "" {
			delete(*t, into)
			return
		}
		(*t)[into] = text
	})
	for at := range texts {
		if !known[at] {
			return nil, 0, wrong(at, "the survey has no such text; its places are title, question.ID.text and so on, as its table of translations lists them")
		}
	}
	return next, changed, next.Validate()
}

// place is the head of the column that says where a text stands.
const place = "place"

// WriteTranslations writes the texts as CSV: a line for each, with a column for each language, the survey's own first, and one
// for each of more, which is empty.
func (d *Definition) WriteTranslations(w io.Writer, more ...string) error {
	tags := d.Languages()
	for _, tag := range more {
		if tag = strings.ToLower(tag); !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
	}
	out := csv.NewWriter(w)
	lines := [][]string{append([]string{place}, tags...)}
	d.each(func(at, _ string, t *Texts) {
		own := t.In(d.Language, d.Language)
		if own == "" {
			return
		}
		line := []string{at, plainCell(own)}
		for _, tag := range tags[1:] {
			line = append(line, plainCell((*t)[tag]))
		}
		lines = append(lines, line)
	})
	if err := out.WriteAll(lines); err != nil {
		return fmt.Errorf("writing translations: %w", err)
	}
	return nil
}

// Translations is what came of reading a table of translations.
type Translations struct {
	Changed  int      `json:"changed"`  // texts that are other than before
	LeftOut  int      `json:"left_out"` // lines that were left out, and texts of lines
	Rejected []string `json:"rejected"` // the first of these, and why
}

// ReadTranslations reads what WriteTranslations has written and somebody has filled in. An empty cell changes nothing. A line
// whose text in the survey's own language is another by now is left out, since its translations are of the old one.
func (d *Definition) ReadTranslations(in io.Reader) (*Definition, *Translations, error) {
	rows, err := d.translationRows(in)
	if err != nil {
		return nil, nil, err
	}
	own := make(map[string]string)
	for _, p := range d.Pieces(d.Language) {
		own[p.At] = p.Own
	}
	done, texts := &Translations{Rejected: []string{}}, make(map[string]map[string]string)
	reject := func(line int, format string, args ...any) {
		if done.LeftOut++; done.LeftOut <= mostRejected {
			done.Rejected = append(done.Rejected, fmt.Sprintf("line %d: ", line)+fmt.Sprintf(format, args...))
		}
	}
	for _, r := range rows {
		now, ok := own[r.at]
		switch {
		case !ok:
			reject(r.line, "the survey has no text at %q", r.at)
			continue
		case r.own != "" && !sameWords(r.own, now):
			reject(r.line, "the text in %s was changed since the table was written", d.Language)
			continue
		}
		for tag, text := range r.said {
			if len([]rune(text)) > maxText {
				reject(r.line, "the text in %s has more than %d characters", tag, maxText)
				continue
			}
			if texts[tag] == nil {
				texts[tag] = make(map[string]string)
			}
			texts[tag][r.at] = text
		}
	}
	next := d
	for tag, all := range texts {
		into, changed, err := next.Translated(tag, all)
		if err != nil {
			return nil, nil, err
		}
		next, done.Changed = into, done.Changed+changed
	}
	return next, done, nil
}

// sameWords compares texts but for how their lines end, which spreadsheets change.
func sameWords(a, b string) bool {
	return strings.Join(strings.Fields(a), " ") == strings.Join(strings.Fields(b), " ")
}

type translationRow struct {
	line    int
	at, own string
	said    map[string]string // by language; no empty ones
}

func (d *Definition) translationRows(in io.Reader) ([]translationRow, error) {
	data, err := io.ReadAll(io.LimitReader(in, maxTable+1))
	if err != nil {
		return nil, fmt.Errorf("reading translations: %w", err)
	}
	if len(data) > maxTable {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the table of translations is larger than %d MB", maxTable/1_000_000)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	table := csv.NewReader(bytes.NewReader(data))
	table.FieldsPerRecord = -1
	if head, _, _ := bytes.Cut(data, []byte("\n")); bytes.Count(head, []byte(";")) > bytes.Count(head, []byte(",")) {
		table.Comma = ';' // as spreadsheets write it where a comma parts decimals
	}
	head, err := table.Read()
	if err != nil || !strings.EqualFold(strings.TrimSpace(head[0]), place) {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "line 1: the first column is not called %q; expected the table as it was downloaded, with a column for each language", place)
	}
	for i := 1; i < len(head); i++ {
		if head[i] = strings.ToLower(strings.TrimSpace(head[i])); head[i] == d.Language || head[i] == "" {
			continue
		}
		if _, err := d.LanguageTag(head[i]); err != nil {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "line 1, column %d: %q is no language tag such as de or pt-br", i+1, head[i])
		}
		if slices.Contains(head[:i], head[i]) {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "line 1, column %d: %s is there twice", i+1, head[i])
		}
	}
	var rows []translationRow
	for {
		cells, err := table.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the table of translations is no CSV: " + err.Error(), Err: err}
		}
		line, _ := table.FieldPos(0)
		r := translationRow{line: line, at: strings.TrimSpace(cells[0]), said: make(map[string]string)}
		for i := 1; i < min(len(cells), len(head)); i++ {
			switch text := strings.TrimSpace(bareCell(cells[i])); {
			case text == "" || head[i] == "":
			case head[i] == d.Language:
				r.own = text
			default:
				r.said[head[i]] = text
			}
		}
		rows = append(rows, r)
	}
}

// maxTable is the size of a table of translations in bytes.
const maxTable = 2_000_000

// bareCell takes back what plainCell has put before a text.
func bareCell(text string) string {
	if len(text) > 1 && text[0] == '\'' && strings.ContainsRune("=+-@\t\r", rune(text[1])) {
		return text[1:]
	}
	return text
}
