package gateway

import (
	"regexp"
	"strings"
)

// spamField is a field by which a spam filter gives its verdict, and what it then says of spam. Fields that hold only
// points are left out: what is too many is the filter's to know.
type spamField struct {
	name string
	says *regexp.Regexp
}

var (
	saysYes  = regexp.MustCompile(`(?i)^\s*(?:yes|true|spam|1)(?:$|[\s,;:(-])`)
	saysSpam = regexp.MustCompile(`(?i)^\s*(?:spam|phish|phishing|bulk|blacklisted|virus|malware)(?:$|[\s,;:(-])`)
	saysSCL  = regexp.MustCompile(`^\s*[5-9]\s*$`)
)

var spamFields = []spamField{
	{"X-Spam-Flag", saysYes}, {"X-Spam-Status", saysYes}, {"X-Spam", saysYes}, {"X-Spam-Verdict", saysYes}, {"X-Spam-Result", saysYes},
	{"X-Bogosity", saysYes}, {"X-DSPAM-Result", saysSpam}, {"X-CRM114-Status", saysSpam}, {"X-SpamProbe", saysSpam},
	{"X-Spambayes-Classification", saysSpam}, {"X-Text-Classification", saysSpam}, {"X-SpamExperts-Class", saysSpam},
	{"X-Barracuda-Spam-Status", saysYes}, {"X-Barracuda-Spam-Flag", saysYes}, {"X-NAI-Spam-Flag", saysYes}, {"X-MDSpam-Flag", saysYes},
	{"X-MailScanner-SpamCheck", saysSpam}, {"X-CMAE-Verdict", saysSpam}, {"X-VR-SpamState", saysSpam}, {"X-VR-Status", saysSpam},
	{"X-eXpurgate-type", saysSpam}, {"X-purgate-type", saysSpam}, {"X-TM-AS-Result", saysYes}, {"X-KLMS-AntiSpam-Status", saysSpam},
	{"X-OVH-SpamState", saysSpam}, {"X-Antispam", saysSpam}, {"X-Spam-Category", saysSpam}, {"X-Suspected-Spam", saysYes}, {"X-Spam-Detected", saysYes}, {"X-Yandex-Spam", regexp.MustCompile(`^\s*4\b`)},
	{"X-Rspamd-Action", regexp.MustCompile(`(?i)^\s*(?:reject|add[ _-]header|rewrite[ _-]subject|quarantine)\b`)},
	{"X-Spamd-Result", regexp.MustCompile(`(?i)^[^:]{0,40}:\s*true\b`)},
	{"X-SES-Spam-Verdict", regexp.MustCompile(`(?i)^\s*fail\b`)},
	{"X-Proofpoint-Spam-Details", regexp.MustCompile(`(?i)\brule=(?:[a-z_]*_)?(?:spam|phish)\w*\b`)},
	{"X-MS-Exchange-Organization-SCL", saysSCL},
	{"X-SCL", saysSCL},
	{"X-Forefront-Antispam-Report", forefrontSays},
	{"X-Forefront-Antispam-Report-Untrusted", forefrontSays},
	{"X-Gmail-Labels", regexp.MustCompile(`(?:^|,)\s*"?Spam"?\s*(?:,|$)`)},
}

// forefrontSays: marked as spam by the filter, a rule or the recipient's own list, or a confidence of 5 and more.
var forefrontSays = regexp.MustCompile(`(?i)(?:^|;)\s*(?:SFV:(?:SPM|SKS|SKB)|SCL:[5-9])\s*(?:;|$)`)

// SpamVerdict reports whether the header says that a spam filter took m for spam, with the field that does. Of several
// fields with one name the topmost counts. Anyone can write such fields, but only to their own harm.
func SpamVerdict(m *Mail) (spam bool, evidence string) {
	seen := map[string]bool{}
	for _, f := range m.header {
		name := strings.ToLower(f.name)
		if seen[name] {
			continue
		}
		seen[name] = true
		for _, s := range spamFields {
			// Some installations write their own name into the middle: X-Example-MailScanner-SpamCheck.
			if !strings.EqualFold(name, s.name) && (s.name != "X-MailScanner-SpamCheck" || !strings.HasSuffix(name, "-mailscanner-spamcheck")) {
				continue
			}
			if value := oneLine(decodeWords(f.value)); s.says.MatchString(value) {
				return true, plainEvidence(s.name + ": " + value)
			}
		}
	}
	return false, ""
}
