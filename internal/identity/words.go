// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import "strings"

// roleText lists words that name a function, a machine or nobody. A local
// part or name made of such words alone is nobody's.
const roleText = `root admin administrator unknown none null nil anonymous anon guest test tester testing git github gitlab
svn cvs hg bzr user users ubuntu debian fedora centos vagrant jenkins travis circleci mac macbook macbookpro localhost local localdomain
me my name your you example invalid dev devel devnull developer developers development info mail mailto email emails e contact team support
bot robot bots hello hi no noreply donotreply reply author authors nobody contributor contributors committer list lists mailman bug bugs
bugzilla bugtracker tracker issue issues ticket tickets help helpdesk desk service services sales press media news newsletter web www
webmaster postmaster hostmaster security abuse office accounts account billing jobs careers hr legal privacy marketing ops devops build
builder buildbot buildmaster ci cd release releases deploy automation system sysadmin daemon www-data oss opensource open source community
project projects org staff hq public private code coding software foo bar baz home desktop laptop pc computer workstation server host
dependabot renovate greenkeeper codecov weblate actions action contributing followup comment maintainer maintainers
unknown-user undefined undisclosed recipients all everyone default owner via rt convert repo repository master main docs doc`

// placeholderText lists addresses and fragments that stand for "not known".
const placeholderText = `unknown none null nil na n/a undefined invalid nobody devnull anonymous noemail no-email nomail example test (none) (no-author) no-author`

// freeMailText lists mail services whose domain says nothing about its users.
const freeMailText = `gmail.com googlemail.com hotmail.com hotmail.co.uk hotmail.fr hotmail.de hotmail.it outlook.com outlook.fr outlook.de live.com live.co.uk msn.com
yahoo.com yahoo.co.uk yahoo.co.jp yahoo.co.in yahoo.fr yahoo.de yahoo.it yahoo.es yahoo.in yahoo.ca yahoo.com.br yahoo.com.au ymail.com rocketmail.com aol.com
gmx.de gmx.net gmx.com gmx.at gmx.ch web.de mail.com mail.ru mail.de qq.com foxmail.com 163.com 126.com yeah.net sina.com sina.cn sohu.com aliyun.com
protonmail.com protonmail.ch proton.me pm.me icloud.com me.com mac.com free.fr laposte.net wanadoo.fr orange.fr sfr.fr t-online.de
yandex.ru yandex.com ya.ru posteo.de posteo.net fastmail.com fastmail.fm fastmail.net hey.com tutanota.com tuta.io list.ru inbox.ru bk.ru rambler.ru
seznam.cz centrum.cz naver.com daum.net hanmail.net rediffmail.com libero.it virgilio.it tiscali.it comcast.net verizon.net att.net sbcglobal.net
bellsouth.net cox.net earthlink.net btinternet.com ntlworld.com sympatico.ca shaw.ca telus.net bigpond.com optusnet.com.au xs4all.nl bluewin.ch
wp.pl o2.pl onet.pl interia.pl zoho.com mailbox.org riseup.net disroot.org cock.li duck.com hush.com hushmail.com compuserve.com juno.com lycos.com
uol.com.br bol.com.br terra.com.br mindspring.com pobox.com acm.org computer.org ieee.org sourceforge.net`

// titleText lists parts of written names that are not part of the name.
const titleText = `dr mr mrs ms prof professor sir jr sr ii iii iv phd md esq dipl ing`

// secondLevelText lists second-level labels under country domains that belong
// to the registry rather than to the holder.
const secondLevelText = `co com ac org net edu gov or ne go ad ltd plc me gen mil id web nom asn k12 gob gouv govt school sch in nic`

// loginHostText lists platforms whose profile pages have the login as the
// first part of the path.
const loginHostText = `github gitlab twitter x bitbucket codeberg dev medium hackernoon kaggle npmjs`

// purposeText lists what people put behind a handle to tell their accounts apart, set off by a sign.
const purposeText = `dev data code coder codes tech work oss ops eng hq official`

// hostText lists names that many machines and mail hosts have.
const hostText = `mail smtp mx mx1 mailhost post imap exchange gate gateway relay lists news corp dept math maths physics phys chem student students
alumni alum unix linux vagrant-ubuntu macbook-pro macbookpro macbook-air imac desktop-pc raspberrypi archlinux users`

func wordSet(text string) map[string]struct{} {
	set := map[string]struct{}{}
	for _, w := range strings.Fields(text) {
		set[w] = struct{}{}
	}
	return set
}

// dictionary is the engine's knowledge of words, built once per engine.
type dictionary struct {
	role, placeholder, free, title, second, loginHost, host, purpose map[string]struct{}
	nick                                                             map[string]uint64
	common                                                           map[string]float64
	letters                                                          []uint32 // first letters of the names of a nickname line
}

func newDictionary() *dictionary {
	return &dictionary{
		role:        wordSet(roleText),
		placeholder: wordSet(placeholderText),
		free:        wordSet(freeMailText),
		title:       wordSet(titleText),
		second:      wordSet(secondLevelText),
		loginHost:   wordSet(loginHostText),
		host:        wordSet(hostText),
		purpose:     wordSet(purposeText),
		nick:        nicknameGroups(),
		common:      commonNames(),
		letters:     nicknameLetters(),
	}
}

func has(set map[string]struct{}, w string) bool {
	_, ok := set[w]
	return ok
}

// isRole reports whether every word of a handle or name names a function.
func (d *dictionary) isRole(s string) bool {
	if has(d.role, s) {
		return true
	}
	words := strings.FieldsFunc(s, func(r rune) bool { return (r < 'a' || r > 'z') && r < 0x80 })
	for _, w := range words {
		if !has(d.role, w) {
			return false
		}
	}
	return true
}

// registrable returns the part of a host name that one holder registered:
// "intel.com" of "ir.intel.com", "ox.ac.uk" of "maths.ox.ac.uk".
func (d *dictionary) registrable(host string) string {
	last := strings.LastIndexByte(host, '.')
	if last <= 0 {
		return host
	}
	second := strings.LastIndexByte(host[:last], '.')
	if second < 0 {
		return host
	}
	if len(host)-last-1 == 2 && has(d.second, host[second+1:last]) {
		if third := strings.LastIndexByte(host[:second], '.'); third >= 0 {
			return host[third+1:]
		}
		return host
	}
	return host[second+1:]
}
