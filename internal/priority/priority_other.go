// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package priority

const supported = false

func reduce() {}
