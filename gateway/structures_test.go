package gateway_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
)

// A tree of parts, written down.
func node(kind, boundary string, parts ...string) string {
	return "Content-Type: multipart/" + kind + "; boundary=\"" + boundary + "\"\r\n\r\npreamble\r\n--" + boundary + "\r\n" + strings.Join(parts, "\r\n--"+boundary+"\r\n") + "\r\n--" + boundary + "--\r\nepilogue\r\n"
}

func leafOf(header, body string) string { return header + "\r\n\r\n" + body }

// TestStructures are the trees of parts that programs make, with what people see of them.
func TestStructures(t *testing.T) {
	t.Parallel()
	plain := leafOf("Content-Type: text/plain; charset=utf-8", "It flickers.")
	rich := leafOf("Content-Type: text/html; charset=utf-8", "<p>It <b>flickers</b>. <img src=\"cid:pic1\"></p>")
	picture := leafOf("Content-Type: image/png; name=p.png\r\nContent-ID: <pic1>\r\nContent-Disposition: inline; filename=p.png\r\nContent-Transfer-Encoding: base64", "iVBORw0KGgo=")
	attached := leafOf("Content-Type: image/png; name=p.png\r\nContent-ID: <pic1>\r\nContent-Disposition: attachment; filename=p.png\r\nContent-Transfer-Encoding: base64", "iVBORw0KGgo=")
	pdf := leafOf("Content-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\nContent-Transfer-Encoding: base64", "JVBERi0=")
	event := leafOf("Content-Type: text/calendar; method=REQUEST; charset=utf-8", "BEGIN:VCALENDAR\r\nEND:VCALENDAR")
	ics := leafOf("Content-Type: application/ics; name=invite.ics\r\nContent-Disposition: attachment; filename=invite.ics", "BEGIN:VCALENDAR\r\nEND:VCALENDAR")
	footer := leafOf("Content-Type: text/plain; charset=us-ascii\r\nContent-Disposition: inline", "lamps mailing list")
	inner := leafOf("Content-Type: message/rfc822", "From: eva@example.net\r\nSubject: inner\r\nContent-Type: text/plain\r\n\r\ninner text")
	signature := leafOf("Content-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Disposition: attachment; filename=smime.p7s\r\nContent-Transfer-Encoding: base64", "MIIB")
	pgp := leafOf("Content-Type: application/pgp-signature; name=signature.asc", "-----BEGIN PGP SIGNATURE-----\r\n\r\nx\r\n-----END PGP SIGNATURE-----")
	for name, c := range map[string]struct {
		tree  string
		text  string
		html  bool
		files []string // in the order of the mail; "+" before those that are shown within
	}{
		"Gmail":                          {node("mixed", "m", node("related", "r", node("alternative", "a", plain, rich), picture), pdf), "It flickers.", true, []string{"+p.png", "a.pdf"}},
		"Outlook":                        {node("related", "r", node("alternative", "a", plain, rich), picture), "It flickers.", true, []string{"+p.png"}},
		"Exchange":                       {node("mixed", "m", node("alternative", "a", plain, rich), attached, pdf), "It flickers.", true, []string{"+p.png", "a.pdf"}},
		"Apple":                          {node("alternative", "a", plain, node("mixed", "m", rich, pdf, leafOf("Content-Type: text/html", "<p>Ann</p>"))), "It flickers.", true, []string{"a.pdf"}},
		"Apple, related":                 {node("alternative", "a", plain, node("related", "r", rich, picture)), "It flickers.", true, []string{"+p.png"}},
		"Thunderbird":                    {node("alternative", "a", plain, node("related", "r", rich, picture)), "It flickers.", true, []string{"+p.png"}},
		"HTML alone with a picture":      {node("related", "r", rich, picture), "It flickers.", true, []string{"+p.png"}},
		"a list's footer":                {node("mixed", "m", plain, footer), "It flickers.\n\nlamps mailing list", false, nil},
		"a list's footer below both":     {node("mixed", "m", node("alternative", "a", plain, rich), footer), "It flickers.\n\nlamps mailing list", true, nil},
		"an invitation":                  {node("mixed", "m", node("alternative", "a", plain, rich, event), ics), "It flickers.", true, []string{"attachment-1.ics", "invite.ics"}},
		"a forwarded mail":               {node("mixed", "m", plain, inner), "It flickers.", false, []string{"attachment-1.eml"}},
		"a signed mail":                  {node("signed", "s", node("mixed", "m", node("alternative", "a", plain, rich), pdf), signature), "It flickers.", true, []string{"a.pdf", "smime.p7s"}},
		"a mail signed with OpenPGP":     {node("signed", "s", plain, pgp), "It flickers.", false, []string{"signature.asc"}},
		"a signed mail on a list":        {node("mixed", "m", node("signed", "s", plain, pgp), footer), "It flickers.\n\nlamps mailing list", false, []string{"signature.asc"}},
		"a multipart of one":             {node("mixed", "m", plain), "It flickers.", false, nil},
		"a multipart of one, of one":     {node("mixed", "m", node("mixed", "n", node("alternative", "a", plain))), "It flickers.", false, nil},
		"the same boundary, but longer":  {node("mixed", "b", node("alternative", "bb", plain, rich), pdf), "It flickers.", true, []string{"a.pdf"}},
		"an unknown multipart":           {node("x-bundle", "m", plain, pdf), "It flickers.", false, []string{"a.pdf"}},
		"HTML before the text":           {node("alternative", "a", rich, plain), "It flickers.", true, nil},
		"an empty text beside HTML":      {node("alternative", "a", leafOf("Content-Type: text/plain", ""), rich), "It flickers.", true, nil},
		"files alone":                    {node("mixed", "m", pdf, attached), "", false, []string{"a.pdf", "p.png"}},
		"a picture alone, shown":         {node("mixed", "m", picture), "", false, []string{"+p.png"}},
		"an empty text and a file":       {node("mixed", "m", leafOf("Content-Type: text/plain", "\r\n"), pdf), "", false, []string{"a.pdf"}},
		"a text file":                    {node("mixed", "m", plain, leafOf("Content-Type: text/plain; name=log.txt\r\nContent-Disposition: attachment; filename=log.txt", "a log")), "It flickers.", false, []string{"log.txt"}},
		"a page as a file":               {node("mixed", "m", plain, leafOf("Content-Type: text/html; name=page.html\r\nContent-Disposition: attachment; filename=page.html", "<p>page</p>")), "It flickers.", false, []string{"page.html"}},
		"a card":                         {node("mixed", "m", plain, leafOf("Content-Type: text/vcard; name=ann.vcf", "BEGIN:VCARD")), "It flickers.", false, []string{"ann.vcf"}},
		"files by parallel":              {node("parallel", "m", plain, picture), "It flickers.", false, []string{"+p.png"}},
		"no blank line before the parts": {strings.Replace(node("mixed", "m", plain, pdf), "\r\n\r\npreamble", "\r\n", 1), "It flickers.", false, []string{"a.pdf"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := gateway.Read([]byte("From: ann@example.com\r\nSubject: x\r\nMIME-Version: 1.0\r\n"+c.tree), received, nil)
			if got := strings.TrimSpace(m.Text); got != c.text || (m.HTML != "") != c.html || m.Degraded {
				t.Errorf("text %q, HTML %q", got, m.HTML)
			}
			var files []string
			for _, a := range m.Attachments {
				if a.Inline {
					a.Filename = "+" + a.Filename
				}
				files = append(files, a.Filename)
			}
			if !slices.Equal(files, c.files) {
				t.Errorf("files %q, want %q", files, c.files)
			}
		})
	}
}

// TestShownMails is a text that shows the source of a mail, in what claims to have parts.
func TestShownMails(t *testing.T) {
	t.Parallel()
	t.Run("M38 what stands above the source of a mail is read where no part was found", func(t *testing.T) {
		t.Parallel()
		words := strings.Repeat("Your server refuses this mail, and I do not know why.\r\n", 8)
		shown := "--abc\r\nContent-Type: text/plain\r\n\r\nshown\r\n--abc--\r\n"
		m := gateway.Read([]byte("From: ann@example.com\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed\r\n\r\n"+words+shown), received, nil)
		if !strings.Contains(m.Text, "I do not know why.") || !strings.Contains(m.Text, "shown") {
			t.Errorf("text %q", m.Text)
		}
	})
}

// TestWhatIsSeen is what of a mail its reader gets.
func TestWhatIsSeen(t *testing.T) {
	t.Parallel()
	page := func(source string) *gateway.Mail {
		return gateway.Read(mail("From: ann@example.com", "Subject: x", "Content-Type: text/html; charset=utf-8", "", source), received, nil)
	}
	for name, c := range map[string]struct{ source, want string }{
		"M81 scripts and styles are no text":        {"<style>p { color: red }</style><script>alert(1)</script><p>Yes.</p><noscript>no</noscript><script type=\"application/ld+json\">{}</script>", "Yes."},
		"M81 what Outlook hides is no text":         {"<!--[if mso]><p>hidden</p><![endif]--><p>Yes.</p><o:p></o:p>", "Yes."},
		"M81 an address that a provider has hidden": {"<p>Write to <a class=\"__cf_email__\" data-cfemail=\"2243624a0c4d5045\" href=\"/cdn-cgi/l/email-protection\">[email&#160;protected]</a></p>", "Write to a@h.org"},
		"M81 a title is no text":                    {"<html><head><title>Mail</title></head><body>Yes.</body></html>", "Yes."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := page(c.source)
			if got := strings.Join(strings.Fields(m.Text), " "); got != c.want {
				t.Errorf("%q", got)
			}
			if shown := gateway.Sanitize(m.HTML, nil).HTML; strings.Contains(shown, "alert") || strings.Contains(shown, "color: red }") {
				t.Errorf("shown %q", shown)
			}
		})
	}
	t.Run("X18 a mail without anything in it becomes a ticket", func(t *testing.T) {
		t.Parallel()
		i := newPolicy(t, gateway.Options{})
		i.box.add("From: ann@example.com\n\n", "From: ann@example.com\nMessage-ID: <2@example.com>\nSubject:\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: image/png; name=p.png\n\nx\n--b--\n")
		out := i.poll(t)
		if len(out) != 2 || out[0].Result != gateway.Opened || out[1].Result != gateway.Opened {
			t.Fatalf("%+v", out)
		}
		if m := i.message(t, out[1].MessageID); m.Body != "" || len(m.Files) != 1 {
			t.Errorf("%+v", m)
		}
	})
	t.Run("R12 the lines of all languages ever configured divide a mail in a ticket", func(t *testing.T) {
		t.Parallel()
		i := newPolicy(t, gateway.Options{Markers: []string{"Hierüber antworten, bitte", "Prière de répondre plus haut"}})
		i.box.add(letter(ann, "1@example.com", "Help", "", "please"))
		i.only(t, gateway.Opened)
		for n, below := range []string{"> Hierüber antworten, bitte\n> Your ticket was answered.", "*Prière de répondre plus haut*\n\nYour ticket was answered."} {
			i.box.add(letter(ann, string(rune('a'+n))+"@example.com", "Re: Help", "In-Reply-To: <1@example.com>\n", "Yes.\n\n"+below))
			if m := i.message(t, i.only(t, gateway.Answered).MessageID); m.Reply() != "Yes." {
				t.Errorf("%q", m.Reply())
			}
		}
	})
}
