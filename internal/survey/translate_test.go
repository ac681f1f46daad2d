// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package survey

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom"
)

const translatable = `{"language": "en", "title": {"en": "Pulse", "de": "Puls"}, "thanks": "Bye", "pages": [
	{"id": "one", "questions": [{"id": "recommend", "type": "nps", "text": {"en": "Would you?", "de": "Würdest du?"}, "low": "=no", "high": "yes"}]},
	{"id": "two", "title": "More", "questions": [{"id": "parts", "type": "matrix", "text": "How is it?", "choices": [{"id": "good", "text": {"en": "good", "pt-br": "bom"}}, {"id": "bad", "text": "bad"}], "rows": [{"id": "api", "text": "API"}]}]}]}`

func parsed(t *testing.T) *Definition {
	t.Helper()
	d, err := Parse([]byte(translatable))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestTranslating holds what is missing in which language, that a table of texts comes back as it was written, and that what
// cannot be taken is named by its line while the rest is taken.
func TestTranslating(t *testing.T) {
	d := parsed(t)
	want := []Coverage{{"en", "English", 10, 0}, {"de", "Deutsch", 10, 8}, {"pt-br", "português", 10, 9}}
	got := d.Coverage()
	for i := range got {
		got[i].Name = strings.Fields(got[i].Name)[0]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("coverage", diff)
	}

	var table strings.Builder
	if err := d.WriteTranslations(&table, "fr"); err != nil {
		t.Fatal(err)
	}
	const written = `place,en,de,pt-br,fr
title,Pulse,Puls,,
thanks,Bye,,,
question.recommend.text,Would you?,Würdest du?,,
question.recommend.low,'=no,,,
question.recommend.high,yes,,,
page.two.title,More,,,
question.parts.text,How is it?,,,
question.parts.choice.good,good,,bom,
question.parts.choice.bad,bad,,,
question.parts.row.api,API,,,
`
	if diff := cmp.Diff(written, table.String()); diff != "" {
		t.Error("the table", diff)
	}
	if same, done, err := d.ReadTranslations(strings.NewReader(written)); err != nil || done.Changed != 0 || len(done.Rejected) != 0 || cmp.Diff(d, same) != "" {
		t.Errorf("read again, %+v changed, %v", done, err)
	}

	filled := "\ufeffplace;en;de;fr\r\ntitle;Pulse;;Pouls\r\nthanks;Goodbye;Tschüss;\r\nquestion.recommend.low;'=no;'=nein;\r\nquestion.gone.text;What?;Was?;\r\nquestion.parts.row.api;;Schnittstelle;\r\n"
	next, done, err := d.ReadTranslations(strings.NewReader(filled))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&Translations{3, 2, []string{"line 3: the text in en was changed since the table was written", `line 5: the survey has no text at "question.gone.text"`}}, done); diff != "" {
		t.Error("read", diff)
	}
	many := "place,en,de\n" + strings.Repeat("question.gone.text,What?,Was?\n", mostRejected+7)
	if _, done, err := d.ReadTranslations(strings.NewReader(many)); err != nil || done.LeftOut != mostRejected+7 || len(done.Rejected) != mostRejected {
		t.Errorf("of many lines %d are counted as left out, %v; want %d", done.LeftOut, err, mostRejected+7)
	}
	q, _ := next.Question("recommend")
	if next.Title.In("fr", "en") != "Pouls" || next.Title.In("de", "en") != "Puls" || q.Low.In("de", "en") != "=nein" || q.Low.In("fr", "en") != "=no" || next.Thanks.In("de", "en") != "Bye" {
		t.Errorf("it became %+v", next)
	}
	if c := d.Coverage(); len(c) != 3 || c[1].Missing != 8 {
		t.Errorf("the definition itself changed: %+v", c)
	}
	for table, say := range map[string]string{"": "line 1", "en,de\n": `not called "place"`, "place,en,not a tag\n": "column 3", "place,de,de\n": "twice", "place,de\n\"title": "no CSV"} {
		if _, _, err := d.ReadTranslations(strings.NewReader(table)); greenroom.ErrorCode(err) != greenroom.CodeInvalid || !strings.Contains(err.Error(), say) {
			t.Errorf("%q: %v", table, err)
		}
	}
}

// TestTranslated holds that a text can be said and taken back in a language, and nothing else.
func TestTranslated(t *testing.T) {
	d := parsed(t)
	next, changed, err := d.Translated("PT-br", map[string]string{"title": " Pulso ", "question.parts.choice.good": "", "thanks": ""})
	if err != nil || changed != 2 || next.Title["pt-br"] != "Pulso" {
		t.Fatal(next, changed, err)
	}
	if diff := cmp.Diff([]string{"en", "de", "pt-br"}, next.Languages()); diff != "" {
		t.Error(diff)
	}
	for into, at := range map[string]string{"en": "title", "q!": "title", "de": "intro", "fr": "question.gone.text"} {
		if _, _, err := d.Translated(into, map[string]string{at: "x"}); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Errorf("%s at %s: %v", into, at, err)
		}
	}
}

// FuzzTranslationRows feeds tables of translations.
func FuzzTranslationRows(f *testing.F) {
	d := &Definition{Language: "en"}
	for _, text := range []string{"id,en,de\ntitle,Hello,Hallo\n", "id,en\n0\"0,x\n", "\"", "id\n\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := d.translationRows(strings.NewReader(text))
		if err != nil {
			return
		}
		for i := range rows {
			if rows[i].line < 2 {
				t.Errorf("%q: a row in line %d", text, rows[i].line)
			}
		}
	})
}
