package gateway_test

import (
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
)

// TestSpamFields are the verdicts of spam filters, in their words.
func TestSpamFields(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]bool{
		"X-Spam-Flag: YES": true, "X-Spam-Flag: Yes": true, "X-Spam-Flag: NO": false, "X-Spam-Flag: yes, score=9": true, "X-Spam-Status: Yes, score=9.1 required=5.0 tests=BAYES_99": true, "X-Spam-Status: No, score=-1.9": false, "X-Spam-Status: yes hits=9": true,
		"X-Spam-Level: *********": false, "X-Spam-Score: 12.3": false, "X-Spam: Yes": true, "X-Spam: No": false, "X-Bogosity: Spam, tests=bogofilter, spamicity=0.99": true, "X-Bogosity: Yes, tests=bogofilter": true, "X-Bogosity: Ham, tests=bogofilter": false, "X-Bogosity: Unsure": false,
		"X-DSPAM-Result: Spam": true, "X-DSPAM-Result: Innocent": false, "X-DSPAM-Result: Whitelisted": false, "X-Rspamd-Action: add header": true, "X-Rspamd-Action: no action": false, "X-Rspamd-Action: greylist": false, "X-Spamd-Result: default: True [16.00 / 15.00]": true, "X-Spamd-Result: default: False [1.00 / 15.00]": false,
		"X-MS-Exchange-Organization-SCL: 6": true, "X-MS-Exchange-Organization-SCL: 1": false, "X-MS-Exchange-Organization-SCL: -1": false, "X-Forefront-Antispam-Report: CIP:192.0.2.1;CTRY:;LANG:en;SCL:5;SRV:;IPV:NLI;SFV:SPM;": true, "X-Forefront-Antispam-Report: CIP:192.0.2.1;SCL:1;SFV:NSPM;": false,
		"X-SES-Spam-Verdict: FAIL": true, "X-SES-Spam-Verdict: PASS": false, "X-Barracuda-Spam-Status: Yes, SCORE=9": true, "X-Barracuda-Spam-Status: No, SCORE=0": false, "X-Example-MailScanner-SpamCheck: spam, SpamAssassin (score=9)": true, "X-Example-MailScanner-SpamCheck: not spam, SpamAssassin": false,
		"X-Yandex-Spam: 4": true, "X-Yandex-Spam: 1": false, "X-VR-SpamState: SPAM": true, "X-OVH-SpamState: OK": false, "X-Antispam: spam, score=90": true, "X-Antispam: clean, score=0": false, "X-CMAE-Verdict: spam": true, "X-Proofpoint-Spam-Details: rule=spam policy=default score=99": true, "X-Proofpoint-Spam-Details: rule=notspam policy=default score=0": false,
		"X-Gmail-Labels: Spam,Unread": true, "X-Gmail-Labels: Inbox": false, "X-Subject: SPAM": false,
	} {
		t.Run("M50 "+field, func(t *testing.T) {
			t.Parallel()
			if got, why := gateway.SpamVerdict(read(headed("x", field))); got != want || got == (why == "") {
				t.Errorf("%t, %q", got, why)
			}
		})
	}
}
