// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package reply

import (
	_ "embed" // the artifact
	"sync"
)

//go:embed model.bin
var artifact []byte

//nolint:gochecknoglobals // constant: the same from whoever asks first, and never changed
var standard = sync.OnceValues(func() (*Model, error) { return Load(artifact) })

// Default is the model that Greenroom comes with. It is safe for concurrent use.
func Default() (*Model, error) { return standard() }
