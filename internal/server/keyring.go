// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"greenroom"
	"greenroom/internal/ingest"
	"greenroom/internal/seal"
)

// keyring seals with the keys as they are now: where they come from a file, it is read again when it has changed, so that
// a running server goes on when the key is rotated beside it.
type keyring struct {
	path string // of the file
	env  string // the keys themselves, instead of the file; "" = the file
	mu   sync.Mutex
	keys *seal.Keys
	read stamp
}

// stamp tells one version of the file from another.
type stamp struct {
	at   time.Time
	size int64
}

func newKeyring(path, env string) (*keyring, error) {
	k := &keyring{path: path, env: env}
	_, err := k.now()
	return k, err
}

// now returns the keys as they are now.
func (k *keyring) now() (*seal.Keys, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.keys != nil && k.env != "" {
		return k.keys, nil
	}
	var found stamp
	if info, err := os.Stat(k.path); err == nil {
		found = stamp{info.ModTime(), info.Size()}
	}
	if k.keys != nil && found == k.read {
		return k.keys, nil
	}
	keys, err := seal.Load(k.path, k.env, rand.Reader)
	if err != nil {
		return nil, err
	}
	k.keys, k.read = keys, found
	return keys, nil
}

// Seal seals with the newest key.
func (k *keyring) Seal(secret []byte, place string) (string, error) {
	keys, err := k.now()
	if err != nil {
		return "", err
	}
	return keys.Seal(secret, place)
}

// Open opens what any of the keys has sealed.
func (k *keyring) Open(sealed, place string) ([]byte, error) {
	keys, err := k.now()
	if err != nil {
		return nil, err
	}
	return keys.Open(sealed, place)
}

// Derive returns the secret of a place that follows from the newest key.
func (k *keyring) Derive(place string) (string, error) {
	keys, err := k.now()
	if err != nil {
		return "", err
	}
	return keys.Derive(place), nil
}

// RotateKey makes a new key, seals every stored secret with it, and drops the older ones; it returns how many secrets
// that were. It may run beside a server. When it is cut off, running it again goes on. Where the keys come from the
// environment, it only seals anew with the first of them; who keeps them there has put it in front and may then drop the
// others.
func (a *App) RotateKey(ctx context.Context) (resealed int, err error) {
	path := filepath.Join(a.Data, "key")
	if a.keys.env == "" {
		if err := seal.Rotate(path, rand.Reader); err != nil {
			return 0, err
		}
	}
	// What another process has sealed with the older key meanwhile is found by the next round.
	for {
		n, err := a.reseal(ctx)
		resealed += n
		if err != nil {
			return resealed, err
		}
		if n == 0 {
			break
		}
	}
	if a.keys.env != "" {
		return resealed, nil
	}
	return resealed, seal.DropOld(path)
}

// reseal seals every stored secret of sources, of the digest and of the language model with the newest key.
func (a *App) reseal(ctx context.Context) (int, error) {
	keys, err := seal.Load(a.keys.path, a.keys.env, rand.Reader)
	if err != nil {
		return 0, err
	}
	sources, err := a.Store.Sources(ctx)
	if err != nil {
		return 0, fmt.Errorf("looking for secrets: %w", err)
	}
	var errs []error
	asked, err := a.resealAssistant(ctx, keys)
	if err != nil {
		errs = append(errs, err)
	}
	n, err := a.bareDigest().Reseal(ctx, func(sealed, place string) (string, bool, error) {
		fresh, err := keys.Reseal(sealed, place)
		return fresh, fresh != sealed, err
	})
	if err != nil {
		errs = append(errs, err)
	}
	n += asked
	lookups, err := a.resealEnrichment(ctx, keys)
	if err != nil {
		errs = append(errs, err)
	}
	n += lookups
	sent, err := a.resealDestinations(ctx, keys)
	if err != nil {
		errs = append(errs, err)
	}
	n += sent
	for i := range sources {
		fresh, err := ingest.Reseal(keys, &sources[i])
		if err != nil { // the others are sealed all the same, and the older keys stay
			errs = append(errs, err)
			continue
		}
		for option, v := range fresh {
			if err := a.Store.ReplaceOption(ctx, sources[i].ID, option, sources[i].Config[option], v); err != nil {
				return n, fmt.Errorf("storing a secret of %q: %w", sources[i].Name, err)
			}
			n++
		}
	}
	if len(errs) > 0 {
		return n, &greenroom.Error{Code: greenroom.CodeInvalid, Message: "not every secret could be opened; type those again in the settings of their sources, or disconnect them, and rotate once more. All keys stay until then", Err: errors.Join(errs...)}
	}
	return n, nil
}
