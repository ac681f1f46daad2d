// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package language

import (
	"bufio"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDetect(t *testing.T) {
	for text, want := range map[string]string{
		"How do I rotate the signing keys without downtime?": "en",
		"thx, that did it": "en",
		"lgtm":             "en",
		"typo":             "en",
		"knelix: siehe `kubectl get pods` und https://example.org/de/ bitte": "de",
		"Wie kann ich die Schlüssel tauschen?":                               "de",
		"¿Cómo puedo cambiar la contraseña?":                                 "es",
		"Como posso mudar a minha senha?":                                    "pt",
		"Comment puis-je changer le mot de passe ?":                          "fr",
		"Jak mogę zmienić hasło?":                                            "pl",
		"Як змінити пароль?":                                                 "uk",
		"Как изменить пароль?":                                               "ru",
		"パスワードを変更するには？":                                                      "ja",
		"如何更改密码？":                                                            "zh",
		"비밀번호를 변경하려면?":                                                       "ko",
		"איך משנים סיסמה":                                                    "he",
		"كيف يمكنني تغيير كلمة المرور؟":                                      "ar",
		"چگونه می\u200cتوانم رمز عبور را تغییر دهم؟":                         "fa",
		"docker で image を build する方法":                                        "ja",
		"Nasıl şifremi değiştirebilirim?":                                    "tr",
		"":                                                                   "",
		"👍 :tada: 100%":                                                      "",
		"`Wie kann ich`":                                                     "",
		"https://example.org/wie/kann/ich":                                   "",
		"@ana #general foo_bar camelCase v1.2.3 a=b":                         "",
	} {
		if code, p := Detect(text); code != want || p < 0 || p > 1 || code == "" && p != 0 {
			t.Errorf("%q is in %q (%.2f), want %q", text, code, p, want)
		}
	}
}

// TestArtifact takes an artifact apart: what Train packs is what Load finds, and what is damaged is refused.
func TestArtifact(t *testing.T) {
	l := &lesson{script: devanagari}
	for column, text := range []string{"यह हिंदी है और नहीं", "हे मराठी आहे आणि नाही"} {
		for range 10 {
			d := document{column: column, weight: 1}
			words(text, func(word []rune, _ script) bool {
				d.words = append(d.words, string(word))
				return true
			})
			l.documents = append(l.documents, d)
		}
	}
	l.choose(2, 200)
	l.learn(rand.New(rand.NewPCG(1, 2)))
	var tables [modeled]packed
	for s := latin; s < modeled; s++ {
		tables[s] = packed{bias: make([]float64, len(members[s])), steps: make([][]int8, len(members[s]))}
	}
	tables[devanagari] = l.pack()
	data, err := encode(tables)
	if err != nil {
		t.Fatal(err)
	}
	m, err := Load(data)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{"यह नहीं है": "hi", "हे नाही आहे": "mr"} {
		if got, _ := m.Detect(text); got != want {
			t.Errorf("%q is in %s, want %s", text, got, want)
		}
	}
	for _, bad := range [][]byte{nil, data[:len(header)], data[:len(data)-20], append([]byte("x"), data...)} {
		if _, err := Load(bad); err == nil {
			t.Errorf("%d bytes of %d were taken for a model", len(bad), len(data))
		}
	}
}

// TestChain makes words of a language in which a is followed by b, and b by the end of the word or by another a.
func TestChain(t *testing.T) {
	c := newChain([order]map[string]float64{
		{"a": 0.5, "b": 0.5}, {"ab": 1, "ba": 0.5}, {"aba": 0.5, "bab": 1}, {"abab": 1, "baba": 0.5}, {"ababa": 0.5, "babab": 1},
	})
	r := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		if w := string(c.word(nil, r)); strings.Trim(strings.ReplaceAll(w, "ab", ""), " ") != "" || w == "" && len(c.start) == 0 {
			t.Fatalf("it made %q", w)
		}
	}
}

type labeled struct{ Text, Label, License, Source string }

func recorded(t *testing.T, name string) []labeled {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Skip("there is no module root")
		}
		dir = filepath.Dir(dir)
	}
	f, err := os.Open(filepath.Join(dir, "..", "shared", "data", "text", name))
	if err != nil {
		t.Skip("no texts in ../shared/data/text")
	}
	defer f.Close() //nolint:errcheck // only read
	var all []labeled
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		var l labeled
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		all = append(all, l)
	}
	return all
}

// TestRecorded tells the languages of pairs of words, which the model has seen among much else, and of English talk from
// sources that it has not seen.
func TestRecorded(t *testing.T) {
	right, all := 0, 0
	for _, l := range recorded(t, "language.jsonl") {
		code, _ := Detect(l.Text)
		all++
		if code == l.Label {
			right++
		}
	}
	t.Logf("%d pairs of words in 54 languages: %.4f", all, float64(right)/float64(all))
	if float64(right) < 0.92*float64(all) {
		t.Error("pairs of words are told worse than they were")
	}
	english, told := 0, 0
	for _, name := range []string{"sentiment.jsonl", "category.jsonl"} {
		for _, l := range recorded(t, name) {
			if l.License != "none-stated" && !strings.HasPrefix(l.Source, "silver_slack") {
				continue
			}
			code, _ := Detect(l.Text)
			if code != "" {
				told++
			}
			if code == "en" {
				english++
			}
		}
	}
	t.Logf("%d English messages: %.4f", told, float64(english)/float64(told))
	if float64(english) < 0.99*float64(told) {
		t.Error("English is told worse than it was")
	}
}

func FuzzDetect(f *testing.F) {
	f.Add("ana: `x` https://a.b/c déjà vu 漢字 \xff\xfe")
	f.Add("``` a `` b ` c ```")
	f.Fuzz(func(t *testing.T, text string) {
		code, p := Detect(text)
		if p < 0 || p > 1 || p != p || (code == "") != (p == 0) {
			t.Errorf("%q: %q with %v", text, code, p)
		}
	})
}

func FuzzShares(f *testing.F) {
	f.Add([]byte{8, 1, 16, 2, 34, 14, 9, 0, 0, 0, 0, 0, 0, 224, 63, 18, 1, 'a', 18, 0})
	f.Fuzz(func(_ *testing.T, data []byte) {
		_, _ = parseShares(data)
	})
}

func BenchmarkDetect(b *testing.B) {
	for _, c := range []struct{ name, text string }{
		{"short", "how do I rotate the signing key?"},
		{"long", strings.Repeat("The importer drops the decimals of a price, because the schema has them as whole numbers. ", 12)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Detect(c.text)
			}
		})
	}
}
