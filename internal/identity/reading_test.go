// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import "testing"

// readingScene holds people of rare names, who make known which words are given and family names here.
func readingScene(more ...Record) []Record {
	return append([]Record{
		record("known/1", "Maarten Dijkgraver", "", handles("maartendijkgraver"), source("slack")),
		record("known/2", "Sanne Hazelhorst", "", handles("sanne-h"), source("slack")),
		record("known/3", "Katrin Riesebeck", "", handles("kriesebeck"), source("slack")),
		record("known/4", "Gonzalo Castanedaz", "", handles("gonzo"), source("slack")),
		record("known/5", "Robert Quillivan", "", handles("zebra-stripe"), source("slack")),
	}, more...)
}

func TestNamesInHandlesSpeakAgainst(t *testing.T) {
	for _, c := range []struct {
		what  string
		known string
		other Record
	}{
		{"another family name in the handle", "known/1", record("x", "Maarten", "", handles("mhazelhorst"), source("forum"))},
		{"another family name behind the given one", "known/1", record("x", "Maarten", "", handles("maartenouyangberg"), source("forum"))},
		{"another initial before the family name", "known/3", record("x", "", "", handles("nriesebeck"), source("forum"))},
		{"another initial behind the family name", "known/3", record("x", "", "", handles("riesebeckn"), source("forum"))},
		{"another given name before the family name", "known/3", record("x", "", "", handles("gonzaloriesebeck"), source("forum"))},
	} {
		r := play(t, readingScene(c.other))
		if x, _ := r.Explain(c.known, "x"); together(r, c.known, "x") || x.Probability > 0.1 {
			t.Errorf("%s: joined or likely (%.3f): %s", c.what, x.Probability, x.Summary())
		}
	}
}

func TestNamesInHandlesSpeakFor(t *testing.T) {
	for _, c := range []struct {
		what  string
		known string
		other Record
	}{
		{"a given name, and its initial with the family name", "known/1", record("x", "Maarten", "", handles("mdijkgraver"), source("forum"))},
		{"a name in one word", "known/4", record("x", "", "", handles("gonzalocastanedaz"), source("forum"))},
		{"an initial and the family name", "known/3", record("x", "", "", handles("kriesebeck"), source("forum"))},
		{"something to tell accounts apart", "known/1", record("x", "", "", handles("maartendijkgraver-dev"), source("forum"))},
	} {
		if r := play(t, readingScene(c.other)); !together(r, c.known, "x") {
			x, _ := r.Explain(c.known, "x")
			t.Errorf("%s: apart (%.3f): %s", c.what, x.Probability, x.Summary())
		}
	}
}

// TestShortFormsBearInitials wants Bob's initial not to speak against Robert.
func TestShortFormsBearInitials(t *testing.T) {
	r := play(t, readingScene(record("x", "", "", handles("bquillivan"), source("forum"))))
	x, _ := r.Explain("known/5", "x")
	for _, e := range x.Evidence {
		if e.Kind == KindInitial {
			t.Errorf("the short form's initial speaks against: %s", x.Summary())
		}
	}
}

// TestGivenNamesAloneAreNoProof wants a pair that shares nothing but a given name to be asked about at most.
func TestGivenNamesAloneAreNoProof(t *testing.T) {
	r := play(t, readingScene(record("x", "Maarten", "", source("forum")), record("y", "Maarten", "", source("mail"))))
	for _, id := range []string{"x", "y"} {
		if together(r, "known/1", id) {
			t.Errorf("%s is joined by a given name", id)
		}
	}
}

func TestReadInitialNeedsOneReading(t *testing.T) {
	v := newVocab(16)
	d := newDictionary()
	family := v.id("moreau", d)
	u := &wordUse{given: make([]uint16, len(v.text)), family: make([]uint16, len(v.text))}
	u.family[v.skel[family]] = 1
	for handle, want := range map[string]byte{"cmoreau": 'c', "moreauc": 'c', "moreau": 0, "c": 0, "moreauxyz": 0} {
		if got, _ := u.readInitial(handle, v); got != want {
			t.Errorf("readInitial(%q) = %q, want %q", handle, got, want)
		}
	}
}
