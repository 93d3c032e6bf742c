package helpdesk_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// fileServer serves the files of a message to whom X-Actor names, from a real server.
func fileServer(t testing.TB, d *helpdesk.Desk, message func() int64) *httptest.Server {
	t.Helper()
	actors := map[string]ticket.Actor{"ann": ann, "bob": bob, "guest": guest}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a, known := actors[r.Header.Get("X-Actor")]; known {
			r = r.WithContext(ticket.WithActor(r.Context(), a))
		}
		var n int
		if _, err := fmt.Sscanf(r.URL.Path, "/%d", &n); err != nil {
			t.Error(err)
		}
		d.Files().Serve(w, r, message(), n)
	}))
	t.Cleanup(s.Close)
	return s
}

// get fetches a path; headers come in pairs.
func get(t testing.TB, s *httptest.Server, method, path string, headers ...string) (*http.Response, string) {
	t.Helper()
	req := must(http.NewRequest(method, s.URL+path, nil))(t)
	req.Header.Set("X-Actor", "ann")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res := must(s.Client().Do(req))(t)
	body := must(io.ReadAll(res.Body))(t)
	ok(t, res.Body.Close())
	return res, string(body)
}

func TestServeFile(t *testing.T) {
	t.Parallel()
	files := []ticket.Upload{
		{Name: "lamp.png", Type: "image/png", Content: strings.NewReader("0123456789")},
		{Name: "page.html", Type: "text/html; charset=utf-8", Content: strings.NewReader("<script>")},
		{Name: "drawing.svg", Type: "image/svg+xml", Content: strings.NewReader("<svg>")},
		{Name: "Rechnung \"März\" 100%.pdf", Type: "application/pdf", Content: strings.NewReader("%PDF")},
		{Name: "gone.exe", Missing: "files of type .exe are not taken", Size: 5},
		{Name: "photo.jpg", Type: "IMAGE/JPG", Content: strings.NewReader("jpg")},
		{Name: "odd", Type: "text/plain\u00a0<script>", Content: strings.NewReader("x")},
	}
	setup := func(t *testing.T, cfg helpdesk.Config) (*helpdesktest.Desk, *ticket.Message, *httptest.Server) {
		d := newDesk(t, cfg)
		given := append([]ticket.Upload(nil), files...)
		for i := range given {
			if r, isReader := given[i].Content.(*strings.Reader); isReader {
				given[i].Content = io.NewSectionReader(r, 0, r.Size())
			}
		}
		tk := must(d.CreateTicket(as(ann), withFiles(given...)))(t)
		m := must(d.Messages(as(ann), tk.ID, ticket.MessageQuery{}))(t)[0]
		return d, m, fileServer(t, d.Desk, func() int64 { return m.ID })
	}
	t.Run("M12 a file is a download under its name that no browser runs", func(t *testing.T) {
		t.Parallel()
		_, m, s := setup(t, helpdesk.Config{})
		for i, want := range []struct{ mediaType, disposition string }{
			{"image/png", `attachment; filename="lamp.png"`},
			{"application/octet-stream", `attachment; filename="page.html"`},
			{"application/octet-stream", `attachment; filename="drawing.svg"`},
			{"application/pdf", `attachment; filename="Rechnung _M_rz_ 100_.pdf"; filename*=UTF-8''Rechnung%20_M%C3%A4rz_%20100%25.pdf`},
			{},
			{"image/jpeg", `attachment; filename="photo.jpg"`},
			{"application/octet-stream", `attachment; filename="odd"`},
		} {
			if want.mediaType == "" {
				continue
			}
			res, body := get(t, s, "GET", fmt.Sprint("/", i))
			equal(t, "status", res.StatusCode, 200)
			equal(t, "size", int64(len(body)), m.Files[i].Size)
			for name, value := range map[string]string{
				"Content-Type": want.mediaType, "Content-Disposition": want.disposition, "X-Content-Type-Options": "nosniff",
				"Content-Security-Policy": "sandbox; default-src 'none'", "Cache-Control": "private, no-cache", "ETag": `"` + m.Files[i].Blob + `"`,
			} {
				equal(t, name, res.Header.Get(name), value)
			}
			_, params, err := mime.ParseMediaType(res.Header.Get("Content-Disposition"))
			ok(t, err)
			if strings.Contains(want.disposition, "filename*") {
				equal(t, "file name as others read it", params["filename"], m.Files[i].Name)
			}
		}
	})
	t.Run("M12 pictures alone can be shown in a page", func(t *testing.T) {
		t.Parallel()
		_, _, s := setup(t, helpdesk.Config{})
		for path, inline := range map[string]bool{"/0?inline": true, "/5?inline=1": true, "/0": false, "/1?inline": false, "/2?inline": false, "/3?inline": false} {
			res, _ := get(t, s, "GET", path)
			if got := strings.HasPrefix(res.Header.Get("Content-Disposition"), "inline;"); got != inline {
				t.Errorf("%s: %s", path, res.Header.Get("Content-Disposition"))
			}
			equal(t, "policy", res.Header.Get("Content-Security-Policy"), "sandbox; default-src 'none'")
		}
	})
	t.Run("M12 ranges, HEAD and conditional requests are answered as they should", func(t *testing.T) {
		t.Parallel()
		_, m, s := setup(t, helpdesk.Config{})
		tag := `"` + m.Files[0].Blob + `"`
		for _, c := range []struct {
			method string
			header []string
			status int
			body   string
		}{
			{"GET", []string{"Range", "bytes=2-4"}, 206, "234"},
			{"GET", []string{"Range", "bytes=-3"}, 206, "789"},
			{"GET", []string{"Range", "bytes=7-"}, 206, "789"},
			{"GET", []string{"Range", "bytes=20-"}, 416, ""},
			{"GET", []string{"Range", "bytes=2-4", "If-Range", tag}, 206, "234"},
			{"GET", []string{"Range", "bytes=2-4", "If-Range", `"other"`}, 200, "0123456789"},
			{"GET", []string{"If-None-Match", tag}, 304, ""},
			{"GET", []string{"If-Match", `"other"`}, 412, ""},
			{"HEAD", nil, 200, ""},
		} {
			res, body := get(t, s, c.method, "/0", c.header...)
			if res.StatusCode != c.status || (c.status < 300 && body != c.body) {
				t.Errorf("%s %v: %d %q, want %d %q", c.method, c.header, res.StatusCode, body, c.status, c.body)
			}
		}
		res, _ := get(t, s, "HEAD", "/0")
		equal(t, "length", res.ContentLength, 10)
		res, body := get(t, s, "GET", "/0", "Range", "bytes=0-1,5-6")
		if res.StatusCode != 206 || !strings.Contains(body, "01") || !strings.Contains(body, "56") {
			t.Errorf("two ranges: %d %q", res.StatusCode, body)
		}
	})
	t.Run("M12 a browser that goes away in the middle of many ranges harms nobody", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := must(d.CreateTicket(as(ann), withFiles(attachment("a.bin", 4<<20, 1))))(t)
		m := must(d.Messages(as(ann), tk.ID, ticket.MessageQuery{}))(t)[0]
		s := fileServer(t, d.Desk, func() int64 { return m.ID })
		for range 20 {
			req := must(http.NewRequest("GET", s.URL+"/0", nil))(t)
			req.Header.Set("X-Actor", "ann")
			req.Header.Set("Range", "bytes=0-1000000,1000001-2000000,2000001-3000000")
			res := must(s.Client().Do(req))(t)
			must(io.CopyN(io.Discard, res.Body, 1000))(t)
			ok(t, res.Body.Close())
		}
		_, body := get(t, s, "GET", "/0")
		equal(t, "bytes", len(body), 4<<20)
	})
	t.Run("M12 M51 errors tell nothing but their number, and rights are those of the ticket", func(t *testing.T) {
		t.Parallel()
		box := newShelf(t)
		d, m, s := setup(t, helpdesk.Config{BlobStore: box})
		expect := func(status int, path string, headers ...string) {
			t.Helper()
			res, body := get(t, s, "GET", path, headers...)
			if res.StatusCode != status || body != http.StatusText(status)+"\n" {
				t.Errorf("%s: %d %q, want %d", path, res.StatusCode, body, status)
			}
			if cached := res.Header.Get("ETag") + res.Header.Get("Content-Disposition"); cached != "" {
				t.Errorf("%s: an error has the headers of the file: %s", path, cached)
			}
		}
		expect(401, "/0", "X-Actor", "nobody")
		expect(404, "/0", "X-Actor", "guest")
		expect(404, "/99")
		expect(410, "/4")
		box.failAt(1, errors.New("the bucket is away"))
		expect(500, "/0")
		box.failAt(1, fmt.Errorf("the bucket has too much to do: %w", ticket.ErrBusy))
		expect(503, "/0")
		box.BlobStore = store.Chunks(openStore(t)) // another one, in which there is nothing
		expect(410, "/0")
		must(d.DeleteMessage(as(bob), m.ID))(t)
		expect(404, "/0")
		ok(t, d.Stop(context.Background()))
		expect(503, "/0")
	})
}

// FuzzServedName has a file of any name and type be served: the headers are those that they should be, and no more.
func FuzzServedName(f *testing.F) {
	for _, s := range []string{"a.txt", "a\"b\\c.txt", "x\r\nSet-Cookie: a=b", "März 100%;.pdf", "\xff\xfe", strings.Repeat("é", 400), "a;filename=b.exe", "", "…\u202e"} {
		f.Add(s, "image/png")
		f.Add("a.png", s)
	}
	d, err := helpdesk.New(context.Background(), memory.New(nil), nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, name, mediaType string) {
		tk, err := d.CreateTicket(as(ann), withFiles(ticket.Upload{Name: name, Type: mediaType, Content: bytes.NewReader([]byte("x"))}))
		if err != nil {
			is(t, err, ticket.ErrInvalid)
			return
		}
		m := must(d.Messages(as(ann), tk.ID, ticket.MessageQuery{}))(t)[0]
		w := httptest.NewRecorder()
		d.Files().Serve(w, httptest.NewRequest("GET", "/?inline", nil).WithContext(as(ann)), m.ID, 0)
		equal(t, "status", w.Code, 200)
		for key, values := range w.Header() {
			for _, v := range values {
				if strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r > '~' }) {
					t.Errorf("%s: %q", key, v)
				}
			}
		}
		how, params, err := mime.ParseMediaType(w.Header().Get("Content-Disposition"))
		if err != nil || len(params) != 1 || (how != "attachment" && how != "inline") {
			t.Errorf("%q: %v %v", w.Header().Get("Content-Disposition"), params, err)
		}
		if len(w.Header()) != 9 {
			t.Errorf("headers are %v", w.Header())
		}
		ok(t, d.DeleteTicket(as(bob), tk.ID))
		ok(t, d.Purge(as(bob), tk.ID))
	})
}
