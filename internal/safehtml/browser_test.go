package safehtml

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// drawing is a snippet in a document of its own.
type drawing struct {
	name, body string
	policy     string // the Content-Security-Policy, if any
}

// gallery serves drawings, each in a frame of one page, and hears what they do.
type gallery struct {
	drawings []drawing

	mu    sync.Mutex
	alive map[string]bool     // drawn, and clicked through
	did   map[string][]string // what else was asked for, by drawing
}

// strict is a policy under which nothing runs but the harness, and every breach of which is a request.
const strict = "default-src 'none'; script-src 'nonce-harness'; connect-src 'self'; img-src data:; style-src-attr 'unsafe-inline'; report-uri /report"

// harness lets pwn tell the server, clicks on everything that leads to no other server, and then says that it is done.
const harness = `<!DOCTYPE html><meta charset=utf-8><script nonce=harness>
const n = new URLSearchParams(location.search).get("n")
function pwn() { fetch("/pwned?n=" + n, {keepalive: true}) }
addEventListener("load", () => {
	for (const e of document.querySelectorAll("body *")) {
		e.dispatchEvent(new MouseEvent("mouseover", {bubbles: true}))
		if (!/^(https?|mailto|tel):/.test(e.getAttribute("href") || "")) e.dispatchEvent(new MouseEvent("click", {bubbles: true, cancelable: true}))
	}
	fetch("/alive?n=" + n, {keepalive: true})
})
</script><body>`

func (g *gallery) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := r.URL.Query().Get("n")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	switch r.URL.Path {
	case "/":
		for i := range g.drawings {
			fmt.Fprintf(w, "<iframe src='/drawing?n=%d'></iframe>\n", i)
		}
	case "/drawing":
		i, err := strconv.Atoi(n)
		if err != nil || i < 0 || i >= len(g.drawings) {
			http.NotFound(w, r)
			return
		}
		if p := g.drawings[i].policy; p != "" {
			w.Header().Set("Content-Security-Policy", p)
		}
		fmt.Fprint(w, harness+strings.ReplaceAll(g.drawings[i].body, "HOST", html.EscapeString(r.Host)))
	case "/favicon.ico":
		http.NotFound(w, r)
	default:
		g.note(r, n)
	}
}

// note keeps what a drawing asked for; the address of its document says which it was.
func (g *gallery) note(r *http.Request, n string) {
	if _, query, ok := strings.Cut(r.Referer(), "/drawing?n="); n == "" && ok {
		n = query
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if r.URL.Path == "/alive" {
		g.alive[n] = true
		return
	}
	g.did[n] = append(g.did[n], r.URL.Path)
}

// draw shows the drawings in a browser and waits until it has nothing left to do.
func draw(t *testing.T, drawings []drawing) *gallery {
	t.Helper()
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed: run make services")
	}
	g := &gallery{drawings: drawings, alive: map[string]bool{}, did: map[string][]string{}}
	s := httptest.NewServer(g)
	defer s.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	dir := t.TempDir()
	cmd := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--mute-audio",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-popup-blocking=false",
		"--autoplay-policy=no-user-gesture-required", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
		"--user-data-dir="+dir, "--virtual-time-budget=8000", "--dump-dom", s.URL+"/")
	cmd.Env = append(cmd.Environ(), "HOME="+dir, "XDG_CONFIG_HOME="+dir, "XDG_CACHE_HOME="+dir)
	cmd.WaitDelay = 5 * time.Second
	if out, err := cmd.Output(); err != nil || !strings.Contains(string(out), "iframe") {
		t.Fatalf("chromium: %v, %d bytes", err, len(out))
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g
}

// TestBrowser draws every attack in a real browser, under a strict policy and under none.
func TestBrowser(t *testing.T) {
	t.Parallel()
	t.Run("no script runs and no request is sent", func(t *testing.T) {
		var drawings []drawing
		for _, a := range attacks {
			safe := Sanitize(a.source, Options{}).HTML
			drawings = append(drawings, drawing{a.name, safe, strict}, drawing{a.name + ", without a policy", safe, ""})
		}
		for _, m := range mails {
			drawings = append(drawings, drawing{m.name, Sanitize(m.source, Options{}).HTML, strict})
		}
		g := draw(t, drawings)
		for i, d := range drawings {
			n := strconv.Itoa(i)
			if !g.alive[n] {
				t.Errorf("%s: was not drawn: %s", d.name, d.body)
			}
			if did := g.did[n]; did != nil {
				t.Errorf("%s: asked for %v: %s", d.name, did, d.body)
			}
			delete(g.did, n)
		}
		if len(g.did) > 0 {
			t.Errorf("somebody asked for %v", g.did)
		}
	})
	t.Run("the same attacks succeed as they came, and pictures come when they are asked for", func(t *testing.T) {
		var drawings []drawing
		for _, a := range attacks {
			drawings = append(drawings, drawing{name: a.name, body: a.source})
		}
		asked := Sanitize(`<img src="http://HOST/asked">`, Options{RemoteImages: true}).HTML
		drawings = append(drawings, drawing{name: "asked", body: asked})
		g := draw(t, drawings)
		var failed []string
		for i, a := range attacks {
			if g.did[strconv.Itoa(i)] == nil {
				failed = append(failed, a.name)
			}
		}
		t.Logf("%d of %d did something; not: %q", len(attacks)-len(failed), len(attacks), failed)
		if !slices.Contains(g.did[""], "/asked") { // such a request does not say where it comes from
			t.Errorf("the picture that was asked for did not come: %v", g.did[""])
		}
		if len(attacks)-len(failed) < 80 {
			t.Errorf("only %d attacks succeeded where nothing was in their way", len(attacks)-len(failed))
		}
	})
}
