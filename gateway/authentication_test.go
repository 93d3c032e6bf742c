package gateway_test

import (
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
)

func TestAuthentication(t *testing.T) {
	t.Parallel()
	every, ours := []string{gateway.EveryServer}, []string{"MX.example.com"}
	const forged = "Authentication-Results: mx.example.com; dmarc=pass header.from=example.com"
	for _, c := range []struct {
		name    string
		trusted []string
		lines   []string
		want    gateway.Authenticity
		proves  bool
	}{
		{"nobody looked", every, nil, gateway.Authenticity{DMARC: "none"}, false},
		{"all passed", ours, []string{"Authentication-Results: mx.example.com;\r\n\tdkim=pass header.i=@example.com;\r\n\tspf=pass (mx: domain of x designates 1 as permitted) smtp.mailfrom=ann@example.com;\r\n\tdmarc=pass (p=NONE sp=NONE dis=NONE) header.from=example.com"},
			gateway.Authenticity{Server: "mx.example.com", DMARC: "pass", SPF: "pass", DKIM: "pass", Domain: "example.com"}, true},
		{"failed", ours, []string{"Authentication-Results: mx.example.com 1; dmarc=FAIL header.from=example.com; spf=softfail"},
			gateway.Authenticity{Server: "mx.example.com", DMARC: "fail", SPF: "softfail", Domain: "example.com"}, false},
		{"no check possible", ours, []string{"Authentication-Results: mx.example.com; dmarc=temperror"}, gateway.Authenticity{Server: "mx.example.com", DMARC: "none"}, false},
		{"nothing done", ours, []string{"Authentication-Results: mx.example.com 1; none"}, gateway.Authenticity{Server: "mx.example.com", DMARC: "none"}, false},
		{"nobody is trusted", nil, []string{forged}, gateway.Authenticity{DMARC: "none"}, false},
		{"a stranger", ours, []string{"Authentication-Results: mx.evil.example; dmarc=pass header.from=example.com"}, gateway.Authenticity{DMARC: "none"}, false},
		{"only the topmost of the trusted server", ours, []string{"Authentication-Results: mx.example.com; spf=fail", forged}, gateway.Authenticity{Server: "mx.example.com", DMARC: "none", SPF: "fail"}, false},
		{"above it a server that nobody trusts", ours, []string{"Authentication-Results: inner.example; dmarc=pass", forged}, gateway.Authenticity{Server: "mx.example.com", DMARC: "pass", Domain: "example.com"}, true},
		{"pass within a comment", ours, []string{"Authentication-Results: mx.example.com; spf=fail (he said; dmarc=pass (really) ; ) smtp.helo=x"}, gateway.Authenticity{Server: "mx.example.com", DMARC: "none", SPF: "fail"}, false},
		{"pass within quotes", ours, []string{`Authentication-Results: mx.example.com; spf=fail reason="x\"; dmarc=pass header.from=example.com"`}, gateway.Authenticity{Server: "mx.example.com", DMARC: "none", SPF: "fail"}, false},
		{"the server's name within a comment", ours, []string{"Authentication-Results: (mx.example.com;) mx.evil.example; dmarc=pass"}, gateway.Authenticity{DMARC: "none"}, false},
		{"blanks, versions, a quoted name", ours, []string{`Authentication-Results: "mx.example.com" ; DMARC/1 = Pass header.from="example.com"`}, gateway.Authenticity{Server: "mx.example.com", DMARC: "pass", Domain: "example.com"}, true},
		{"one good signature of two", ours, []string{"Authentication-Results: mx.example.com; dkim=fail header.d=a.example; dkim=pass header.d=b.example"}, gateway.Authenticity{Server: "mx.example.com", DMARC: "none", DKIM: "pass"}, false},
		{"a server without a name", []string{gateway.UnnamedServer}, []string{"Authentication-Results: spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=example.com; dmarc=pass action=none header.from=example.com;compauth=pass reason=100"},
			gateway.Authenticity{DMARC: "pass", SPF: "pass", Domain: "example.com"}, true},
		{"a server without a name is not just any", ours, []string{"Authentication-Results: dmarc=pass header.from=example.com"}, gateway.Authenticity{DMARC: "none"}, false},
		{"about another domain", ours, []string{"Authentication-Results: mx.example.com; dmarc=pass header.from=evil.example"}, gateway.Authenticity{Server: "mx.example.com", DMARC: "pass", Domain: "evil.example"}, false},
		{"two authors", ours, []string{"From: Eve <eve@example.com>, Ann <ann@example.com>", forged}, gateway.Authenticity{Server: "mx.example.com", DMARC: "pass", Domain: "example.com"}, false},
		{"two From fields", ours, []string{"From: Ann <ann@example.com>", "From: Eve <eve@evil.example>", forged}, gateway.Authenticity{Server: "mx.example.com", DMARC: "pass", Domain: "example.com"}, false},
		{"an author behind a list, named by whoever owns the domain", ours, []string{"From: Ann <ann@example.com>", "X-Original-Sender: agent@desk.example", forged}, gateway.Authenticity{Server: "mx.example.com", DMARC: "pass", Domain: "example.com"}, false},
		{"the same in Reply-To", ours, []string{"From: Agent via Lamps <ann@example.com>", "Reply-To: agent@desk.example", forged}, gateway.Authenticity{Server: "mx.example.com", DMARC: "pass", Domain: "example.com"}, false},
		{"ARC is what others saw", every, []string{"ARC-Authentication-Results: i=1; mx.example.com; dmarc=pass"}, gateway.Authenticity{DMARC: "none"}, false},
		{"methods in several fields", every, []string{"Authentication-Results: a.example; spf=pass", "Authentication-Results: b.example; dkim=none; dmarc=fail", forged},
			gateway.Authenticity{Server: "a.example", DMARC: "fail", SPF: "pass", DKIM: "none"}, false},
		{"older servers leave out semicolons", every, []string{"Authentication-Results: mta.example from=x.example; domainkeys=neutral (no sig); dkim=neutral (no sig)"}, gateway.Authenticity{DMARC: "none", DKIM: "neutral"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := read(headed("x", c.lines...))
			got := gateway.Authentication(m, c.trusted)
			if got != c.want || got.Proves(m) != c.proves {
				t.Errorf("%+v, proves %v, want %+v", got, got.Proves(m), c.want)
			}
		})
	}
}

func TestSpamVerdict(t *testing.T) {
	t.Parallel()
	for field, spam := range map[string]bool{
		"X-Spam-Flag: YES": true,
		"X-Spam-Flag: NO":  false,
		"X-Spam-Status: Yes, score=7.1 required=5.0":                            true,
		"X-Spam-Status: No, score=-1.1 required=5.0 tests=YES":                  false,
		"X-Spam-Level: *******":                                                 false,
		"X-Spam-Score: 12":                                                      false,
		"X-Bogosity: Spam, tests=bogofilter, spamicity=0.99":                    true,
		"X-Bogosity: Yes, tests=bogofilter":                                     true,
		"X-Bogosity: Ham, tests=bogofilter":                                     false,
		"X-DSPAM-Result: Spam":                                                  true,
		"X-DSPAM-Result: Innocent":                                              false,
		"X-MS-Exchange-Organization-SCL: 5":                                     true,
		"X-MS-Exchange-Organization-SCL: -1":                                    false,
		"X-MS-Exchange-Organization-SCL: 1":                                     false,
		"X-Forefront-Antispam-Report: CIP:192.0.2.1;SFV:SPM;SCL:1":              true,
		"X-Forefront-Antispam-Report: CIP:192.0.2.1;SCL:9;SRV:":                 true,
		"X-Forefront-Antispam-Report: CIP:192.0.2.1;SFV:NSPM;SCL:1;DIR:INB":     false,
		"X-Rspamd-Action: add header":                                           true,
		"X-Rspamd-Action: no action":                                            false,
		"X-Spamd-Result: default: True [17.2 / 15.0]":                           true,
		"X-Spamd-Result: default: False [-2.2 / 15.0]":                          false,
		"X-SES-Spam-Verdict: FAIL":                                              true,
		"X-SES-Spam-Verdict: PASS":                                              false,
		"X-Example-MailScanner-SpamCheck: spam, SpamAssassin (score=9)":         true,
		"X-Example-MailScanner-SpamCheck: not spam, SpamAssassin":               false,
		"X-Proofpoint-Spam-Details: rule=inbound_spam policy=default score=100": true,
		"X-Proofpoint-Spam-Details: rule=notspam policy=default score=0":        false,
		"X-Barracuda-Spam-Flag: YES":                                            true,
		"X-IronPort-Anti-Spam-Filtered: true":                                   false,
		"X-Spam-Flag: NO\r\nX-Spam-Flag: YES":                                   false, // the topmost is our server's
		"Subject: X-Spam-Flag: YES":                                             false,
	} {
		got, why := gateway.SpamVerdict(read(headed("X-Spam-Flag: YES", field)))
		if got != spam || got != (why != "") {
			t.Errorf("%s: %v because %q", field, got, why)
		}
	}
}
