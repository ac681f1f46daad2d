// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package language

import (
	_ "embed" // the artifact
	"sync"
)

//go:embed model.bin
var artifact []byte

// standard is the embedded model, unpacked when it is first asked for: it takes some 40 ms, and many commands never ask.
//
//nolint:gochecknoglobals // constant: the same from whoever asks first, and never changed
var standard = sync.OnceValues(func() (*Model, error) { return Load(artifact) })

// Default is the model that Greenroom comes with. It is safe for concurrent use.
func Default() (*Model, error) { return standard() }

// Detect tells by the default model in which language a text is: its ISO 639-1 code, and how probable that is, from 0 to
// 1. The code is "" where it cannot be told: there is no word in it, only code, names, addresses or signs.
func Detect(text string) (code string, p float64) {
	m, err := Default()
	if err != nil {
		return "", 0 // a test sees to it that it loads
	}
	return m.Detect(text)
}
