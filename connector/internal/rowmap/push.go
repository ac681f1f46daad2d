// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package rowmap

import "greenroom/connector"

// Push passes the facts on, all with the same raw payload.
func (f *Facts) Push(out *connector.Sink, raw connector.RawRef) {
	if f.Channel != nil {
		out.Channel(*f.Channel)
	}
	if f.Organization != nil {
		f.Organization.Raw = raw
		out.Organization(*f.Organization)
	}
	if f.Identity != nil {
		f.Identity.Raw = raw
		out.Identity(*f.Identity)
	}
	if f.Membership != nil {
		out.Membership(*f.Membership)
	}
	if f.Activity != nil {
		f.Activity.Raw = raw
		out.Activity(*f.Activity)
	}
	if f.Record != nil {
		f.Record.Raw = raw
		out.Record(*f.Record)
	}
}
