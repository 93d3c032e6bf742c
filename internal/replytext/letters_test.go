package replytext

import (
	"testing"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// TestRareForms is how some programs quote and sign that no general rule of the other tests shows.
func TestRareForms(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"Outlook, Hindi":                        "Yes.\n\nप्रेषक: Ann <ann@example.com>\nभेजा गया: सोमवार, 5 जनवरी 2026 09:00\nप्रति: Bob <bob@example.com>\nविषय: Re: Lamp\n\nWorks?",
		"Outlook, the author's label unknown":   "Yes.\n\nXyz: Ann <ann@example.com>\nSent: Monday, January 5, 2026 9:00 AM\nTo: Bob\nSubject: Re: Lamp\n\nWorks?",
		"Outlook, Serbian":                      "Yes.\n\nОд: Ann <ann@example.com>\nПослато: понедељак, 5. јануар 2026. 09:00\nЗа: Bob <bob@example.com>\nТема: Re: Lamp\n\nWorks?",
		"Windows Mail, linked within":           "Yes.\n\nSent from Mail<https://go.microsoft.com/fwlink/?LinkId=550986> for Windows",
		"iPhone, Malay":                         "Yes.\n\nDihantar daripada iPhone saya\n\n> Works?",
		"iPhone, Hindi":                         "Yes.\n\nमेरे iPhone से भेजा गया",
		"iPhone, Arabic":                        "Yes.\n\nمُرسل من الـ iPhone",
		"Yahoo on a telephone, run together":    "Yes.\n\n  On Mon, Jan 5, 2026 at 9:00 AM, Ann<ann@example.com> wrote:   Works?\n\nAnn",
		"Yahoo on a telephone, German":          "Yes.\n\n  Am Mo., Jan. 5, 2026 at 9:00 AM schrieb Ann<ann@example.com>:   Works?\n\nAnn",
		"Yandex, with recipients":               "Yes.\n\n----------------\nКому: bob@example.com (bob@example.com);\nТема: Re: Lamp;\n05.01.2026, 09:00, \"Ann\" <ann@example.com>:\nWorks?",
		"Yandex, with recipients, marked lines": "Yes.\n\n----------------\nКому: bob@example.com (bob@example.com);\nТема: Re: Lamp;\n05.01.2026, 09:00, \"Ann\" <ann@example.com>:\n\n> Works?",
		"a signature below a long rule":         "Yes.\n\n---------------------\nAnn Example\nLamp Ltd\nwww.example.com",
		"a signature below stars":               "Yes.\n\n*********************\nAnn Example\nann@example.com",
		"dashes, a name and a company":          "Yes.\n\n-- Ann Example, Lamp Ltd",
		"Outlook's link, Russian":               "Yes.\n\nПолучить Outlook для Android<https://aka.ms/AAb9ysg>",
		"Outlook's link, Hungarian":             "Yes.\n\nAz Android Outlook beszerzése<https://aka.ms/AAb9ysg>",
		"Outlook's link alone":                  "Yes.\n\nOutlook for Android<https://aka.ms/AAb9ysg>",
		"a telephone, German":                   "Yes.\n\nGesendet von meinem Pixel 8",
		"a telephone, Swedish":                  "Yes.\n\nSkickades från min Samsung Galaxy smartphone.",
		"a telephone, Greek":                    "Yes.\n\nΕστάλη από το iPhone μου",
		"a telephone, Arabic":                   "Yes.\n\nتم الإرسال من هاتف Samsung Galaxy",
		"a program, French":                     "Yes.\n\nTéléchargez Outlook pour iOS",
		"abv.bg":                                "Yes.\n\n-------- Оригинално писмо --------\nОт: Ann ann@example.com\nОтносно: Re: Lamp\n\nWorks?",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := ticket.Unfolded(text, Text(text, nil)); got != "Yes." {
				t.Errorf("got %q", got)
			}
		})
	}
	t.Run("Yandex in HTML", func(t *testing.T) {
		t.Parallel()
		text, folds := HTML(`<div>Yes.</div><div>----------------</div><div>Кому: bob@example.com;</div><div>Тема: Re: Lamp;</div><div>05.01.2026, 09:00, "Ann" &lt;ann@example.com&gt;:</div><blockquote><div>Works?</div></blockquote>`, nil)
		if got := ticket.Unfolded(text, folds); got != "Yes." {
			t.Errorf("got %q", got)
		}
	})
}

// TestLetters is what people, and forms on the web, write as mail programs do: nothing of it is quoted.
func TestLetters(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a contact form":               "You have a new message.\n\nFrom: Ann Example\nEmail: ann@example.com\nSubject: Lamp\nMessage:\nIt flickers",
		"a contact form, with a phone": "New request\n\nFrom: Ann Example\nPhone: 1\nE-Mail: ann@example.com\nDate: 5 January 2026\nSubject: Lamp\n\nIt flickers",
		"the head of a letter":         "Good morning,\n\nFrom: Ann Example, Berlin\nTo: Lamp Ltd\nDate: 5 January 2026\nSubject: Cancellation\n\nI cancel contract 5.",
		"the head of a letter, German": "Guten Tag,\n\nAbsender: Ann Example\nDatum: 5.1.2026\nBetreff: Kündigung\n\nhiermit kündige ich.",
		"an absence":                   "Please note:\n\nFrom: 1 March\nTo: 5 March\nSubject: holidays\n\nThanks",
		"a parcel":                     "Where is it?\n\nFrom: Hamburg\nSent: 5 January 2026\nTo: Ann Example, Berlin\n\nIt has not arrived.",
		"a person above a date":        "Call them:\n\nContact: Ann <ann@example.com>\nDate: 5 January 2026 09:00\nPlace: Berlin\n\nThey know more.",
		"a list with semicolons":       "My wishes:\nTo: Berlin;\nSubject: lamp;\nThank you",
		"a heading and its address":    "Please write to\n\nInvoices\n--------------------\nAnn Example\nann@example.com",
		"a rule below a colon":         "My new address:\n\n--------------------\nAnn Example\nann@example.com",
		"an order below a rule":        "My order\n\n--------------------\nRed Lamp\nBlue Cable\n2 pieces",
		"dashes and an item":           "I need\n-- a lamp, a cable",
		"a report on Outlook":          "Hello,\nI have this problem:\nOutlook sends me to https://aka.ms/AAb12\nand says error 5.\nWhat can I do?",
		"a report on Outlook, linked":  "Hello,\nI have this problem:\nOutlook sends me there <https://aka.ms/AAb12>\nand says error 5.\nWhat can I do?",
		"a question on Outlook":        "Does this link install Outlook on my telephone, or do I need another one for that? https://aka.ms/AAb9ysg",
		"an order that was sent":       "You sent me this:\n\nOrder: 5\nDate: 5 January 2026 09:00\nFrom: shop@example.org\nTotal: 20 EUR\n\nBut I paid 30. Why?",
		"a returned lamp":              "Return\n\nFrom: Ann Example <ann@example.com>\nDate: 5 January 2026\nProduct: Lamp\nReason: flickers\n\nPlease advise.",
		"a booking for somebody":       "Bitte buchen:\n\nVon: 1.3.2026 10:00\nBis: 3.3.2026 10:00\nAn: ann@example.com\n\nDanke",
		"an address below a rule":      "Please deliver to:\n\n__________________\nAnn Example\nStreet 1\n10115 Berlin",
		"somebody wrote":               "On Monday at 9:00 your colleague <bob@example.com> wrote: it comes.\nIt never came.",
		"a link within":                "Sent from Mail<https://example.com/a> for testing, and it came back empty",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if folds := Text(text, nil); len(folds) > 0 {
				t.Errorf("folded %q", ticket.Folded(text, folds, ticket.FoldQuoted)+ticket.Folded(text, folds, ticket.FoldSignature))
			}
		})
	}
	for name, source := range map[string]string{
		"a drawn line above a list": `<p>Our order</p><div style="border-top: 1px solid #ccc"><p>Lamp: 2</p><p>Cable: 3</p><p>Street: 5</p></div><p>When?</p>`,
		"a form in a table":         `<table><tr><td>Name:</td><td>Ann</td></tr><tr><td>From:</td><td>ann@example.com</td></tr><tr><td>Date:</td><td>5 January 2026 09:00</td></tr><tr><td>Subject:</td><td>Lamp</td></tr></table><p>It flickers</p>`,
		"a drawn line above a card": `<div><p>Yes.</p><div style="border-top:solid 1px #ccc"><p>Tel: 030 1</p><p>Fax: 030 2</p></div></div>`,
		"a drawn line above times":  `<p>My bookings</p><div style="border-top:1px solid #eee"><p>Start: 10:00</p><p>Price: 5</p></div><p>Please cancel</p>`,
		"a quoted page":             `<p>You write</p><blockquote cite="https://example.com/a">we deliver in 2 days</blockquote><p>You did not.</p>`,
		"an indented end":           `<p>First</p><blockquote style="margin: 0 0 0 40px; border: none; padding: 0px;"><p>second</p></blockquote>`,
		"an indented end, by Gmail": `<div dir="ltr">First<blockquote class="gmail_quote" style="margin:0 0 0 40px;border:none;padding:0px">second</blockquote></div>`,
		"a table of a form":         `<p>Booking</p><table><tr><td>From:</td><td>Berlin</td></tr><tr><td>To:</td><td>Paris</td></tr><tr><td>Subject:</td><td>train</td></tr></table><p>Please change it.</p>`,
	} {
		t.Run("in HTML "+name, func(t *testing.T) {
			t.Parallel()
			if text, folds := HTML(source, nil); len(folds) > 0 {
				t.Errorf("folded %q", ticket.Folded(text, folds, ticket.FoldQuoted))
			}
		})
	}
}
