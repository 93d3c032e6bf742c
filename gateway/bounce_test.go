package gateway_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway"
)

// report joins the parts of a multipart/report.
func reportMail(lines []string, parts ...string) []byte {
	body := "--b\r\n" + strings.Join(parts, "\r\n--b\r\n") + "\r\n--b--\r\n"
	return headed(body, append(lines, "Content-Type: multipart/report; report-type=delivery-status; boundary=b")...)
}

const told = "Content-Type: text/plain\r\n\r\nIt could not be delivered."

func status(fields ...string) string {
	return "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.net\r\n\r\n" + strings.Join(fields, "\r\n")
}

const returned = "Content-Type: message/rfc822\r\n\r\nFrom: desk@example.com\r\nMessage-ID: <ours@desk.example>\r\nSubject: Your lamp\r\n\r\nHello."

type bounceCase struct {
	name string
	raw  []byte
	kind gateway.Kind
	want gateway.Bounce // without All
	all  int
}

func delivery(recipient, action, status, diagnostic string) gateway.Delivery {
	return gateway.Delivery{Recipient: recipient, Action: action, Status: status, Diagnostic: diagnostic}
}

var daemon = []string{"From: Mail Delivery System <MAILER-DAEMON@mx.example.net>", "To: desk@example.com", "Subject: Undelivered Mail Returned to Sender"}

func from(sender, subject string) []string {
	return []string{"From: " + sender, "To: desk@example.com", "Subject: " + subject}
}

func text(lines ...string) string { return strings.Join(lines, "\r\n") }

var dsnCases = []bounceCase{
	{"RFC 3464", reportMail(daemon, told, status("Final-Recipient: rfc822; Ann@Example.org", "Original-Recipient: rfc822;sales@example.org", "Action: failed",
		"Status: 5.1.1 (no such user)", "Diagnostic-Code: smtp; 550 5.1.1", "  user unknown"), returned),
		gateway.KindBounce, gateway.Bounce{Delivery: gateway.Delivery{Recipient: "ann@example.org", Original: "sales@example.org", Action: "failed", Status: "5.1.1", Diagnostic: "550 5.1.1 user unknown"}, OriginalMessageID: "ours@desk.example"}, 1},
	{"only the header comes back", reportMail(daemon, told, status("Final-Recipient: rfc822;ann@example.org", "Action: Failed", "Status: 5.2.2"),
		"Content-Type: text/rfc822-headers\r\n\r\nReceived: by x\r\nMessage-Id:\r\n <ours@desk.example>\r\n"),
		gateway.KindBounce, gateway.Bounce{Delivery: delivery("ann@example.org", "failed", "5.2.2", ""), OriginalMessageID: "ours@desk.example"}, 1},
	{"late", reportMail(daemon, told, status("Final-Recipient: rfc822; ann@example.org", "Action: delayed", "Status: 4.4.1", "Will-Retry-Until: tomorrow"), returned),
		gateway.KindDelayNotice, gateway.Bounce{Delivery: delivery("ann@example.org", "delayed", "4.4.1", ""), OriginalMessageID: "ours@desk.example"}, 1},
	{"the failed one of three", reportMail(daemon, told, status("Final-Recipient: rfc822; a@example.org", "Action: delayed", "Status: 4.0.0", "",
		"Final-Recipient: rfc822; b@example.org", "Action: delivered", "Status: 2.0.0", "", "Final-Recipient: rfc822; c@example.org", "Action: failed", "Status: 5.0.0"), returned),
		gateway.KindBounce, gateway.Bounce{Delivery: delivery("c@example.org", "failed", "5.0.0", ""), OriginalMessageID: "ours@desk.example"}, 3},
	{"no action, no status, a code in the diagnostic", reportMail(daemon, told, status("Final-Recipient: rfc822; <ann@example.org>", "Diagnostic-Code: X-Postfix; host said: 452 4.2.2 full")),
		gateway.KindDelayNotice, gateway.Bounce{Delivery: delivery("ann@example.org", "delayed", "4.2.2", "host said: 452 4.2.2 full")}, 1},
	{"another kind of address", reportMail(daemon, told, status("Final-Recipient: x400; /C=DE/A=X/", "Original-Recipient: rfc822;ann@example.org", "Action: failed", "Status: 5.1.1")),
		gateway.KindBounce, gateway.Bounce{Delivery: gateway.Delivery{Recipient: "ann@example.org", Original: "ann@example.org", Action: "failed", Status: "5.1.1"}}, 1},
	{"Gmail's own field", reportMail(append(daemon, "References: <other@desk.example>"), told, strings.Replace(status("Final-Recipient: rfc822; ann@example.org", "Action: failed", "Status: 5.1.1"),
		"Reporting-MTA", "X-Original-Message-ID: <ours@desk.example>\r\nReporting-MTA", 1)),
		gateway.KindBounce, gateway.Bounce{Delivery: delivery("ann@example.org", "failed", "5.1.1", ""), OriginalMessageID: "ours@desk.example"}, 1},
	{"the machine's part is missing", reportMail(daemon, "Content-Type: text/plain\r\n\r\n<ann@example.org>: host mx.example.org said: 550 5.7.1 Refused\r\n", returned),
		gateway.KindBounce, gateway.Bounce{Delivery: delivery("ann@example.org", "failed", "5.7.1", "host mx.example.org said: 550 5.7.1 Refused"), OriginalMessageID: "ours@desk.example"}, 1},
	{"a footer around it", headed("--b\r\n"+told+"\r\n--b\r\n"+status("Final-Recipient: rfc822; ann@example.org", "Action: failed", "Status: 5.1.1")+"\r\n--b--\r\n",
		append(daemon, "Content-Type: multipart/mixed; boundary=b")...),
		gateway.KindBounce, gateway.Bounce{Delivery: delivery("ann@example.org", "failed", "5.1.1", "")}, 1},
}

var textCases = []bounceCase{
	{"qmail", headed(text("Hi. This is the qmail-send program at mx.example.net.", "I'm afraid I wasn't able to deliver your message to the following addresses.",
		"This is a permanent error; I've given up. Sorry it didn't work out.", "", "<ann@example.org>:", "192.0.2.7 does not like recipient.", "Remote host said: 550 5.1.1 No such user", "Giving up on 192.0.2.7.", "",
		"--- Below this line is a copy of the message.", "", "Return-Path: <desk@example.com>", "Message-ID: <ours@desk.example>", "To: ann@example.org", "", "Hello."), from("MAILER-DAEMON@mx.example.net", "failure notice")...),
		gateway.KindBounce, gateway.Bounce{Delivery: delivery("ann@example.org", "failed", "5.1.1", "192.0.2.7 does not like recipient. Remote host said: 550 5.1.1 No such user Giving up on 192.0.2.7."), OriginalMessageID: "ours@desk.example"}, 1},
	{"Postfix without its report", headed(text("This is the mail system at host mx.example.net.", "", "I'm sorry to have to inform you that your message could not", "be delivered to one or more recipients.", "",
		"<ann@example.org> (expanded from <sales@example.net>): host mx.example.org[192.0.2.7] said:", "    550 5.1.1 <ann@example.org>: unknown (in reply to RCPT TO command)"), from("MAILER-DAEMON@mx.example.net (Mail Delivery System)", "Undelivered Mail Returned to Sender")...),
		gateway.KindBounce, gateway.Bounce{Delivery: delivery("ann@example.org", "failed", "5.1.1", "host mx.example.org[192.0.2.7] said: 550 5.1.1 <ann@example.org>: unknown (in reply to RCPT TO command)")}, 1},
	{"Exim", headed(text("This message was created automatically by mail delivery software.", "", "A message that you sent could not be delivered to one or more of its", "recipients. This is a permanent error. The following address(es) failed:", "",
		"  ann@example.org", "    SMTP error from remote mail server after RCPT TO:<ann@example.org>:", "    550 Unrouteable address", "", "------ This is a copy of the message, including all the headers. ------", "", "Message-Id: <ours@desk.example>", "", "Hello."),
		append(from("Mail Delivery System <Mailer-Daemon@mx.example.net>", "Mail delivery failed: returning message to sender"), "X-Failed-Recipients: ann@example.org")...),
		gateway.KindBounce, gateway.Bounce{Delivery: delivery("ann@example.org", "failed", "5.0.0", "SMTP error from remote mail server after RCPT TO:<ann@example.org>: 550 Unrouteable address"), OriginalMessageID: "ours@desk.example"}, 1},
	{"Exim, late", headed(text("This message was created automatically by mail delivery software.", "A message that you sent has not yet been delivered to one or more of its", "recipients after more than 24 hours on the queue on mx.example.net.", "",
		"The message identifier is:     abc", "", "The address to which the message has not yet been delivered is:", "", "  ann@example.org", "    Delay reason: connection timed out", "", "No action is required on your part."),
		from("Mail Delivery System <Mailer-Daemon@mx.example.net>", "Warning: message abc delayed 24 hours")...),
		gateway.KindDelayNotice, gateway.Bounce{Delivery: delivery("ann@example.org", "delayed", "", "Delay reason: connection timed out")}, 1},
	{"Sendmail", headed(text("The original message was received at Mon, 2 Mar 2026 10:00:00 +0100", "from desk.example.com [192.0.2.1]", "", "   ----- The following addresses had permanent fatal errors -----", "<ann@example.org>", "    (reason: 550 Host unknown)", "",
		"   ----- Transcript of session follows -----", "550 5.1.2 <ann@example.org>... Host unknown"), from("Mail Delivery Subsystem <MAILER-DAEMON@mx.example.net>", "Returned mail: see transcript for details")...),
		gateway.KindBounce, gateway.Bounce{Delivery: delivery("ann@example.org", "failed", "5.1.2", "(reason: 550 Host unknown)")}, 1},
	{"Gmail, old", headed(text("Delivery to the following recipient failed permanently:", "", "     ann@example.org", "", "Technical details of permanent failure:", "The recipient server refused: 550 550 5.1.1 no mailbox", "", "----- Original message -----", "", "Message-ID: <ours@desk.example>"),
		from("Mail Delivery Subsystem <mailer-daemon@googlemail.com>", "Delivery Status Notification (Failure)")...),
		gateway.KindBounce, gateway.Bounce{Delivery: delivery("ann@example.org", "failed", "5.1.1", "Technical details of permanent failure: The recipient server refused: 550 550 5.1.1 no mailbox"), OriginalMessageID: "ours@desk.example"}, 1},
	{"Gmail, new", headed(text("** Address not found **", "", "Your message wasn't delivered to ann@example.org because the address couldn't be found.", "", "The response was:", "550 5.1.1 The email account does not exist."),
		append(from("Mail Delivery Subsystem <mailer-daemon@googlemail.com>", "Delivery Status Notification (Failure)"), "In-Reply-To: <ours@desk.example>")...),
		gateway.KindBounce, gateway.Bounce{Delivery: delivery("ann@example.org", "failed", "5.1.1", "Your message wasn't delivered to ann@example.org because the address couldn't be found."), OriginalMessageID: "ours@desk.example"}, 1},
	{"Yahoo", headed(text("Sorry, we were unable to deliver your message to the following address.", "", "<ann@example.org>:", "554: delivery error: dd This user doesn't have an account (ann@example.org) [0]", "", "--- Below this line is a copy of the message."),
		from("MAILER-DAEMON@yahoo.example", "Failure Notice")...),
		gateway.KindBounce, gateway.Bounce{Delivery: delivery("ann@example.org", "failed", "5.0.0", "554: delivery error: dd This user doesn't have an account (ann@example.org) [0]")}, 1},
	{"Exchange", headed(text("Your message did not reach some or all of the intended recipients.", "", "      Subject:  Your lamp", "      Sent:     02.03.2026 10:00", "", "The following recipient(s) cannot be reached:", "", "      ann@example.org on 02.03.2026 10:01",
		"            The e-mail account does not exist at the organization this message was sent to.", "            <mx.example.org #5.1.1>"), from("System Administrator <admin@corp.example>", "Undeliverable: Your lamp")...),
		gateway.KindBounce, gateway.Bounce{Delivery: delivery("ann@example.org", "failed", "5.1.1", "on 02.03.2026 10:01 The e-mail account does not exist at the organization this message was sent to. <mx.example.org #5.1.1>")}, 1},
	{"Outlook in German", headed(text("Fehler bei der Nachrichtenzustellung an folgende Empfänger oder Gruppen:", "", "ann@example.org<mailto:ann@example.org>", "Die eingegebene E-Mail-Adresse konnte nicht gefunden werden (5.1.10)."),
		append(from("Microsoft Outlook <MicrosoftExchange329e71ec@corp.example>", "Unzustellbar: Ihre Lampe"), "Content-Type: text/plain; charset=utf-8")...),
		gateway.KindBounce, gateway.Bounce{Delivery: delivery("ann@example.org", "failed", "5.1.10", "Die eingegebene E-Mail-Adresse konnte nicht gefunden werden (5.1.10).")}, 1},
	{"Lotus", headed(text("Your message", "", "  Subject: Your lamp", "", "was not delivered to:", "", "  ann@example.org", "", "because:", "", "  User ann (ann@example.org) not listed in Domino Directory"), from("postmaster@corp.example", "DELIVERY FAILURE: User ann not listed in Domino Directory")...),
		gateway.KindBounce, gateway.Bounce{Delivery: delivery("ann@example.org", "failed", "", "User ann (ann@example.org) not listed in Domino Directory")}, 1},
	{"nothing but the subject and the sender", headed("Sorry.", from("MAILER-DAEMON@mx.example.net", "Undeliverable mail")...), gateway.KindBounce, gateway.Bounce{Delivery: delivery("", "failed", "", "")}, 1},
	{"a person forwards one", headed("Why does my mail come back?\r\n\r\nThis is the mail system at host mx.example.net.\r\n<eva@example.org>: unknown", "Subject: Fwd: Undelivered Mail Returned to Sender"), gateway.KindHuman, gateway.Bounce{}, -1},
	{"a person asks", headed("My message could not be delivered to all of my friends.", "Subject: mail trouble"), gateway.KindHuman, gateway.Bounce{}, -1},
	{"delivered, as asked", reportMail(daemon, told, status("Final-Recipient: rfc822; ann@example.org", "Action: delivered", "Status: 2.0.0")), gateway.KindAutoGenerated, gateway.Bounce{}, -1},
}

func TestBounces(t *testing.T) {
	t.Parallel()
	for _, c := range append(dsnCases, textCases...) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			n := gateway.Classify(read(c.raw), gateway.NaturePolicy{Allow: []string{"@mx.example.net"}})
			if n.Kind != c.kind {
				t.Fatalf("%s, want %s; evidence %q", n.Kind, c.kind, n.Evidence)
			}
			if c.all < 0 {
				if n.Bounce != nil {
					t.Errorf("%+v", n.Bounce)
				}
				return
			}
			if n.MayAutoRespond || n.MayReopen {
				t.Error("a bounce is answered or reopens")
			}
			got := *n.Bounce
			if len(got.All) != c.all {
				t.Errorf("%d recipients: %+v", len(got.All), got.All)
			}
			if got.All = nil; fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", c.want) {
				t.Errorf("\ngot  %+v\nwant %+v\nevidence %q", got, c.want, n.Evidence)
			}
		})
	}
}

func TestPermanent(t *testing.T) {
	t.Parallel()
	for d, want := range map[gateway.Delivery]bool{
		{Action: "failed", Status: "5.1.1"}: true, {Action: "failed", Status: "4.4.1"}: false, {Action: "failed"}: true, {Action: "delayed", Status: "5.0.0"}: false,
	} {
		if d.Permanent() != want {
			t.Errorf("%+v", d)
		}
	}
}

// TestBounceTime bounds what a hostile report costs.
func TestBounceTime(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"introductions": strings.Repeat("following recipient "+strings.Repeat("a", 500)+"\r\n", 60),
		"addresses":     strings.Repeat("following recipient "+strings.Repeat("@", 900)+"\r\n", 30),
		"one line":      "following recipient " + strings.Repeat("a", 100<<10),
		"identifiers":   strings.Repeat("message-id: <"+strings.Repeat("a", 900)+"\r\n", 1000),
		"sentences":     strings.Repeat("delivered to a@b ", 5000),
	} {
		m := read(headed(body, "From: MAILER-DAEMON@mx.example.net", "Subject: failure notice"))
		began := time.Now()
		n := gateway.Classify(m, gateway.NaturePolicy{})
		if took := time.Since(began); n.Kind != gateway.KindBounce || took > 2*time.Second {
			t.Errorf("%s: %s in %v", name, n.Kind, took)
		}
	}
}
