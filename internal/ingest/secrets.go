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

// Move gives the stored options of a source as they are stored when it gets another name, for which its secrets are sealed
// anew. Those that cannot be opened stay as they are, and have to be typed again as before.
func (im *Importer) Move(from, to string, config map[string]string) (map[string]string, error) {
	moved := make(map[string]string, len(config))
	for option, v := range config {
		moved[option] = v
		sealed, ok := strings.CutPrefix(v, sealedMark)
		if !ok || im.seal == nil {
			continue
		}
		secret, err := im.seal.Open(sealed, place(from, option))
		if err != nil {
			continue
		}
		again, err := im.seal.Seal(secret, place(to, option))
		if err != nil {
			return nil, fmt.Errorf("the option %s: %w", option, err)
		}
		moved[option] = sealedMark + again
	}
	return moved, nil
}

// place is what a secret option is sealed for.
func place(source, option string) string { return "source/" + source + "/" + option }
