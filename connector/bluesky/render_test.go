// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package bluesky

import (
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"greenroom/connector/internal/rest"
)

func TestRender(t *testing.T) {
	var facets []wireFacet
	if err := rest.Unmarshal([]byte(`[
		{"index":{"byteStart":14,"byteEnd":30},"features":[{"$type":"app.bsky.richtext.facet#link","uri":"https://acme.example/a/b/c"}]},
		{"index":{"byteStart":3,"byteEnd":8},"features":[{"$type":"app.bsky.richtext.facet#mention","did":"did:plc:x"}]},
		{"index":{"byteStart":9,"byteEnd":13},"features":[{"$type":"app.bsky.richtext.facet#link","uri":"https://other.example"}]},
		{"index":{"byteStart":90,"byteEnd":99},"features":[{"uri":"https://nowhere.example"}]}]`), &facets); err != nil {
		t.Fatal(err)
	}
	text, who := render("hi @acme here acme.example/… ok", facets)
	if text != "hi @acme here (https://other.example) https://acme.example/a/b/c ok" {
		t.Errorf("the text is %q", text)
	}
	if d := cmp.Diff([]string{"did:plc:x"}, who); d != "" {
		t.Errorf("mentions: %s", d)
	}
}

func FuzzRender(f *testing.F) {
	f.Add("hi @acme", 3, 8, 0, 2)
	f.Add("日本", 1, 2, -1, 99)
	f.Fuzz(func(t *testing.T, text string, s1, e1, s2, e2 int) {
		facets := make([]wireFacet, 2)
		for i, at := range [][2]int{{s1, e1}, {s2, e2}} {
			facets[i].Index.Start, facets[i].Index.End = at[0], at[1]
			facets[i].Features = append(facets[i].Features, struct {
				Type string `json:"$type"`
				DID  string `json:"did"`
				URI  string `json:"uri"`
			}{URI: "https://x.example", DID: "did:plc:y"})
		}
		if got, _ := render(text, facets); !utf8.ValidString(got) {
			t.Errorf("the text is not valid: %q", got)
		}
	})
}
