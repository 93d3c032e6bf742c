package replytext

import (
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

var seeds = []string{
	"", "\n", ">", "> ", "Yes.\n\nOn 3 May 2024 at 10:00, Ann <ann@example.com> wrote:\n> Does it work?\n\n-- \nBob", "a\r\n>b\r\nc\r\n> d", "##- x -##\ny", "From: a@b\nSent: x\nTo: y\nSubject: z\n\nw",
	"\xff\xfe> \x80", "在 2024年5月3日，Ann <ann@example.com> 写道：\n＞ 好", "Sent from my iPhone", "_____\nx@y", "İ wrote:\n> ı", "-----Original Message-----", "---------- Forwarded message ---------\nx",
}

func checkFolds(t *testing.T, text string, folds []ticket.Fold) {
	t.Helper()
	if !ticket.Fits(text, folds) {
		t.Fatalf("folds %v do not fit %q", folds, text)
	}
	if strings.TrimSpace(text) != "" && ticket.Unfolded(text, folds) == "" && ticket.Folded(text, folds, ticket.FoldSignature) != "" {
		t.Fatalf("only a signature was folded, and nothing is left: %q", text)
	}
}

func FuzzText(f *testing.F) {
	for _, s := range seeds {
		f.Add(s, "##- Answer above this line -##")
	}
	f.Fuzz(func(t *testing.T, text, marker string) {
		start := time.Now()
		folds := Text(text, &Options{Markers: []string{marker}})
		if took := time.Since(start); took > time.Second {
			t.Fatalf("took %v for %d bytes", took, len(text))
		}
		checkFolds(t, text, folds)
	})
}

func FuzzHTML(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
		f.Add("<div>Yes</div><div class=gmail_quote><div class=gmail_attr>" + s + "</div><blockquote class=gmail_quote>" + s + "</blockquote>No<blockquote type=cite>" + s)
		f.Add("<p>a<div id=x_divRplyFwdMsg>" + s + "</div><div class=moz-cite-prefix>x</div><blockquote type=cite>" + s + "</blockquote><div class=gmail_signature>-- ")
	}
	f.Fuzz(func(t *testing.T, source string) {
		text, folds := HTML(source, nil)
		checkFolds(t, text, folds)
		checkFolds(t, source, Split(source, source, nil))
		checkFolds(t, text, Split(text, source, nil))
	})
}

// TestSpeed are texts that would take for ever if anything were looked for from each line to the end.
func TestSpeed(t *testing.T) {
	t.Parallel()
	size := 2 << 20
	if testing.Short() { // the race detector makes all of it slow
		size >>= 2
	}
	for name, line := range map[string]string{
		"announcements that do not end": "On 3 May 2024 at 10:00 somebody\n", "marks": "> > > > > > > >\n", "header fields": "From: a@example.com\n", "empty lines": "\n", "addresses": "<a@example.com>:\n", "rules": "--\n", "quotes and answers": "> a\nb\n",
		"openers in one line": "On 3 On 4 On 5 ", "marks in one line": ">", "verbs": "wrote: ", "brackets": "<", "markers": "##- ", "devices": "Sent from my iPhone\n", "long wraps": "> " + strings.Repeat("a", 100) + "\nb\n", "dates": "3.5.2024 10:00 <a@b.c>\n",
		"notices": "this message is confidential, and for its addressee\n", "notices apart": "this message is confidential, and for its addressee\n\n", "feet": "Example Ltd\n\n", "armour": "-----BEGIN PGP SIGNED MESSAGE-----\n", "names and addresses": "Ann <a@example.com>\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Repeat(line, size/len(line))
			start := time.Now()
			checkFolds(t, text, Text(text, &Options{Markers: []string{"##- Answer above this line -##", "wrote wrote wrote"}}))
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("took %v", took)
			} else {
				t.Logf("took %v", took)
			}
		})
	}
	for name, element := range map[string]string{
		"quotes": "<blockquote>", "quotes of Gmail": "<div class=gmail_quote>", "ends": "</div>", "pairs": "<div class=gmail_quote><blockquote>x</blockquote></div>", "divs": "<div>", "cited": "<blockquote type=cite>x</blockquote>y", "tails": "<hr id=stopSpelling>x",
		"borders": "<div style='border-top:solid'>a:b<br>c:d", "signatures": "<div class=gmail_signature>x</div>", "classes": "<div class='a b c d e f g h i j k l m n o p'>",
	} {
		t.Run("HTML of "+name, func(t *testing.T) {
			t.Parallel()
			source := strings.Repeat(element, 1<<20/len(element))
			start := time.Now()
			text, folds := HTML(source, nil)
			checkFolds(t, text, folds)
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("took %v", took)
			} else {
				t.Logf("took %v", took)
			}
		})
	}
}

func BenchmarkText(b *testing.B) {
	text := strings.Repeat("Thank you for the answer, which I have read.\n", 20) + "\nOn 3 May 2024 at 10:00, Ann <ann@example.com> wrote:\n" + strings.Repeat("> Please read this, and answer it.\n", 40)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Text(text, nil)
	}
}
