// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package linkedin

import (
	"testing"
	"unicode/utf8"
)

func TestLittleText(t *testing.T) {
	for markup, want := range map[string]string{
		`Hello @[Ana \(Lee\)](urn:li:person:a-_1) and {hashtag|\#|coding}`: "Hello @Ana (Lee) and #coding",
		`a \* b \@ c \{d\}`: "a * b @ c {d}",
		`{hashtag|＃|日本}`:    "#日本",
		`C:\temp\`:          `C:\temp\`,
	} {
		if got, _ := littleText(markup); got != want {
			t.Errorf("littleText(%q) = %q, want %q", markup, got, want)
		}
	}
	if _, who := littleText(`@[A](urn:li:person:1)@[B](urn:li:organization:2)`); len(who) != 2 || who[1] != "urn:li:organization:2" {
		t.Errorf("mentions are %q", who)
	}
}

func FuzzLittleText(f *testing.F) {
	f.Add(`Hello @[Ana \(Lee\)](urn:li:person:1) {hashtag|\#|coding} \\`)
	f.Add("\\")
	f.Fuzz(func(t *testing.T, markup string) {
		if text, _ := littleText(markup); !utf8.ValidString(text) {
			t.Errorf("%q gives invalid text %q", markup, text)
		}
	})
}
