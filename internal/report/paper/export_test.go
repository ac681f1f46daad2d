// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package paper

// Clean is a text as PDF and PNG show it.
func (p *Press) Clean(text string) string { return p.fonts.clean(text) }
