// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest

import (
	"fmt"
	"strings"

	"greenroom"
	"greenroom/connector"
)

// Seal gives a source's options as they are stored, with the secret ones sealed. Those that are sealed already stay as
// they are, so that options from the store can be changed in part.
func (im *Importer) Seal(spec connector.Spec, name string, values connector.Values) (connector.Values, error) {
	req := Request{Spec: spec, Name: name, Values: values}
	_, stored, err := im.secrets(&req)
	return stored, err
}

// Resealer seals anew what older keys have sealed; seal.Keys does.
type Resealer interface {
	Stale(sealed string) bool
	Reseal(sealed, place string) (string, error)
}

// Reseal gives those of a source's stored options that an older key has sealed, sealed with the newest one.
func Reseal(keys Resealer, src *greenroom.Source) (map[string]string, error) {
	fresh := make(map[string]string)
	for option, v := range src.Config {
		sealed, ok := strings.CutPrefix(v, sealedMark)
		if !ok || !keys.Stale(sealed) {
			continue
		}
		again, err := keys.Reseal(sealed, place(src.Name, option))
		if err != nil {
			return nil, fmt.Errorf("the option %s of source %q: %w", option, src.Name, err)
		}
		fresh[option] = sealedMark + again
	}
	return fresh, nil
}

// place is what a secret option is sealed for.
func place(source, option string) string { return "source/" + source + "/" + option }
