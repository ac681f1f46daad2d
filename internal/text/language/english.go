// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package language

// chatEnglish are words of English chat that no newspaper prints. Alone they are all that many messages say, so they are
// taught apart.
const chatEnglish = `
lgtm thx thanks ty tysm np yw pls plz please yep yup yeah nope nah ok okay okey kk cool nice neat sweet awesome great perfect
lol lmao rofl haha hehe hah heh hmm hmmm umm uh uhm huh wow woah whoa yay woohoo hooray oops ouch yikes meh bah ugh gah argh
wtf omg zomg wat brb afk bbl gtg imo imho afaik iirc fwiw btw tbh idk ymmv ftw smh nvm asap eta fyi tldr rtfm til
hi hey hello howdy hiya morning cheers bye cya later welcome congrats congratulations sorry sure right exactly indeed agreed
same ditto seconded bump ping bummer typo typos nit nits merge merged rebase revert reverted commit push pull deploy deployed
ship shipped release released build builds rebuild fix fixed fixes done works worked working broken breaks bug bugs issue issues
docs readme changelog config configs server client cluster container containers docker kubernetes pod pods helm chart node nodes
terminal shell script scripts install installed installing update updated upgrade upgraded downgrade restart restarted reboot
login logout token tokens password username timeout error errors warning warnings crash crashed crashes stacktrace log logs
test tests tested testing flaky green red failing fails failed passing passes lint linter format indent indentation cosmetics
question questions answer answers anyone anybody someone somebody everyone everybody folks guys dude mate bro
thread threads channel channels bot bots emoji spam mods admin admins moderator maintainer maintainers contributor
frontend backend fullstack database databases query queries cache cached caching schema migration migrations backup backups
endpoint endpoints webhook webhooks payload headers cookie cookies session sessions proxy firewall gateway router
feature features request requests roadmap milestone sprint standup demo workaround hotfix patch patched
weird strange odd interesting confusing confused annoying annoyed love loved hate hated amazing brilliant fantastic
yesterday today tomorrow tonight weekend monday tuesday wednesday thursday friday saturday sunday
confirmed confirm duplicate closing closed reopen reopened invalid wontfix superfluous redundant inconsistent unused
fine word words true false wrong correct yes no maybe probably definitely absolutely certainly possibly
`
