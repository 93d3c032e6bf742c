package template_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/notify/template"
)

// drawn is what a browser says of a letter.
type drawn struct {
	Name           string
	Width          int
	Scroll, Client int
	Dark           bool
	Faint          []string // texts that are hard to read, with their contrast
	Text           int      // characters that were looked at
}

// gallery serves letters, pages that show them in frames, and hears what a browser says of them.
type gallery struct {
	names   []string
	letters []string

	mu    sync.Mutex
	drawn []drawn
	other []string // what else was asked for
}

// widths are those of a telephone and of a desk.
var widths = []int{320, 800}

// measure looks at every frame: whether it has to be scrolled sideways, and whether its texts can be read (WCAG 2, 1.4.3).
const measure = `<script>
function rgb(s) { return (s.match(/[\d.]+/g) || []).map(Number) }
function light(c) { const f = x => (x /= 255) <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4; return 0.2126 * f(c[0]) + 0.7152 * f(c[1]) + 0.0722 * f(c[2]) }
function behind(w, e) {
	for (; e; e = e.parentElement) { const c = rgb(w.getComputedStyle(e).backgroundColor); if (c.length == 3 || c[3] == 1) return c }
	return w.matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255]
}
addEventListener("load", () => {
	const all = []
	for (const f of document.querySelectorAll("iframe")) {
		const w = f.contentWindow, d = f.contentDocument, r = {Name: f.title, Width: f.clientWidth, Scroll: d.documentElement.scrollWidth, Client: d.documentElement.clientWidth, Dark: w.matchMedia("(prefers-color-scheme: dark)").matches, Faint: [], Text: 0}
		const texts = d.createTreeWalker(d.body, NodeFilter.SHOW_TEXT)
		while (texts.nextNode()) {
			const text = texts.currentNode.data.trim(), e = texts.currentNode.parentElement, c = rgb(w.getComputedStyle(e).color)
			if (!text || c[3] === 0) continue
			const a = light(c), b = light(behind(w, e)), contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
			r.Text += text.length
			if (contrast < 4.5) r.Faint.push(text.slice(0, 30) + ": " + contrast.toFixed(1))
		}
		all.push(r)
	}
	fetch("/drawn", {method: "POST", body: JSON.stringify(all)})
})
</script>`

func (g *gallery) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(r.URL.Query().Get("n"))
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	switch {
	case r.URL.Path == "/":
		fmt.Fprint(w, "<!DOCTYPE html><meta charset=utf-8>"+measure+"<body>")
		for i, name := range g.names {
			for _, width := range widths {
				fmt.Fprintf(w, "<iframe title='%s' src='/letter?n=%d' width=%d height=400 frameborder=0></iframe>\n", name, i, width)
			}
		}
	case r.URL.Path == "/letter" && err == nil && n >= 0 && n < len(g.letters):
		fmt.Fprint(w, g.letters[n])
	case r.URL.Path == "/sheet" && err == nil:
		fmt.Fprint(w, "<!DOCTYPE html><meta charset=utf-8><body style='margin:0;background:#888'>")
		for _, width := range widths {
			fmt.Fprintf(w, "<iframe src='/letter?n=%d' width=%d height=1180 frameborder=0 style='margin:10px'></iframe>", n, width)
		}
	case r.URL.Path == "/drawn":
		var all []drawn
		if err := json.NewDecoder(r.Body).Decode(&all); err == nil {
			g.mu.Lock()
			g.drawn = append(g.drawn, all...)
			g.mu.Unlock()
		}
	case r.URL.Path == "/favicon.ico":
		http.NotFound(w, r)
	default:
		g.mu.Lock()
		g.other = append(g.other, r.URL.String())
		g.mu.Unlock()
	}
}

// browse opens a page of the gallery in a browser until it has nothing left to do.
func browse(t *testing.T, url string, dark bool, args ...string) {
	t.Helper()
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed: run make services")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	dir := t.TempDir()
	scheme := "1"
	if dark {
		scheme = "0"
	}
	args = append([]string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars", "--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--disable-extensions", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--user-data-dir=" + dir, "--blink-settings=preferredColorScheme=" + scheme, "--virtual-time-budget=8000",
	}, append(args, url)...)
	cmd := exec.CommandContext(ctx, browser, args...)
	cmd.Env = append(cmd.Environ(), "HOME="+dir, "XDG_CONFIG_HOME="+dir, "XDG_CACHE_HOME="+dir)
	cmd.WaitDelay = 5 * time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("chromium: %v, %.2000s", err, out)
	}
}

// wide is a message that does not fit a telephone.
func wide() *template.Turn {
	cells := strings.Repeat("<td style=\"border:1px solid\">a cell of a wide table</td>", 20)
	return &template.Turn{Author: "Bob Agent", SignedAs: "Bob from Support", FromStaff: true, Text: "x", Files: []string{strings.Repeat("a-long-name-", 20) + ".pdf"}, HTML: "<p>" + strings.Repeat("wideword", 60) + "</p><table><tr>" + cells + "</tr></table>" +
		"<pre>" + strings.Repeat("a line of code ", 30) + "</pre><p><img alt=\"a picture\" width=\"2000\" height=\"50\" src=\"data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7\"></p>" +
		"<p><a href=\"https://shop.example/\">" + strings.Repeat("https://shop.example/a/long/address/", 10) + "</a></p>"}
}

func newGallery(t *testing.T) *gallery {
	t.Helper()
	s := newSet(t)
	g := &gallery{}
	add := func(name string, r template.Rendered) {
		g.names, g.letters = append(g.names, name), append(g.letters, r.HTML)
	}
	for _, locale := range built {
		for _, k := range template.Kinds() {
			add(locale+"_"+string(k), render(t, s, k, locale, template.Sample(k)))
		}
	}
	for _, k := range []template.Kind{template.CustomerMessage, template.StaffMessage, template.Assignment} {
		f := template.Sample(k)
		f.Message = wide()
		f.History = append(f.History, *wide())
		f.Ticket.Subject = strings.Repeat("long", 100)
		f.Ticket.Requester.Name, f.To.Name, f.Brand.Name = strings.Repeat("Ann", 50), strings.Repeat("Ann", 50), strings.Repeat("Shop", 50)
		f.Brand.Logo = "https://shop.example/logo.png"
		add("wide_"+string(k), render(t, s, k, "en", f))
	}
	f := template.Sample(template.CustomerMessage)
	f.Message.Text, f.Ticket.Subject = "שלום,\nהמנורה נשברה. Order 1001.", "מנורה"
	add("hebrew", render(t, s, template.CustomerMessage, "he", f))
	return g
}

// TestDrawn has every letter drawn in a real browser, light and dark, on a telephone and on a desk.
func TestDrawn(t *testing.T) {
	t.Parallel()
	for _, dark := range []bool{false, true} {
		name := map[bool]string{false: "light", true: "dark"}[dark]
		t.Run("M24 every letter can be read, "+name+", and none is scrolled sideways", func(t *testing.T) {
			g := newGallery(t)
			server := httptest.NewServer(g)
			defer server.Close()
			browse(t, server.URL+"/", dark, "--dump-dom")
			g.mu.Lock()
			defer g.mu.Unlock()
			if len(g.drawn) != len(g.names)*len(widths) {
				t.Errorf("%d were drawn, of %d", len(g.drawn), len(g.names)*len(widths))
			}
			for _, d := range g.drawn {
				if d.Dark != dark || d.Text < 20 {
					t.Errorf("%s: dark %v, %d characters", d.Name, d.Dark, d.Text)
				}
				if d.Scroll > d.Client || d.Client != d.Width {
					t.Errorf("%s: %d wide in %d", d.Name, d.Scroll, d.Width)
				}
				if len(d.Faint) > 0 {
					t.Errorf("%s: too faint: %q", d.Name, d.Faint)
				}
			}
			if len(g.other) > 0 {
				t.Errorf("letters asked for %q", g.other)
			}
		})
	}
}

// TestPictures draws letters for people to look at: one, or with HELPDESK_PICTURES=/tmp/pictures all of them, there.
func TestPictures(t *testing.T) {
	g := newGallery(t)
	server := httptest.NewServer(g)
	defer server.Close()
	dir, names := os.Getenv("HELPDESK_PICTURES"), g.names
	if dir == "" {
		dir, names = t.TempDir(), names[:1]
	}
	for i, name := range names {
		t.Run(name, func(t *testing.T) {
			for _, dark := range []bool{false, true} {
				file := filepath.Join(dir, name+map[bool]string{false: "_light", true: "_dark"}[dark]+".png")
				browse(t, fmt.Sprintf("%s/sheet?n=%d", server.URL, i), dark, "--screenshot="+file, "--window-size=1180,1200")
				if drawn, err := os.Stat(file); err != nil || drawn.Size() < 1000 {
					t.Errorf("%s is no picture: %v", file, err)
				}
			}
		})
	}
}

// TestConforms has an independent program judge the HTML.
func TestConforms(t *testing.T) {
	t.Parallel()
	tidy, err := exec.LookPath("tidy")
	if err != nil {
		t.Skip("tidy is not installed: run make services")
	}
	g := newGallery(t)
	for i, name := range g.names {
		t.Run("M24 "+name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), tidy, "-quiet", "-errors", "-utf8", "--show-info", "yes")
			cmd.Stdin = strings.NewReader(g.letters[i])
			if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
