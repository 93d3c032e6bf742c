package download_test

import (
	"mime"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/internal/download"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func header(d download.Disposition, name, kind string) http.Header {
	h := http.Header{}
	download.SetHeader(h, d, ticket.File{Name: name, Type: kind, Blob: "abc"})
	return h
}

func TestTypes(t *testing.T) {
	t.Parallel()
	for claimed, want := range map[string]string{
		"image/png": "image/png inline", "IMAGE/JPG ; q=1": "image/jpeg inline", "application/pdf": "application/pdf attachment",
		"text/html": "application/octet-stream attachment", "image/svg+xml": "application/octet-stream attachment", "": "application/octet-stream attachment",
		"text/plain; charset=utf-8": "text/plain attachment", "text/javascript": "application/octet-stream attachment", "image/png\r\nX: y": "application/octet-stream attachment",
	} {
		t.Run("M12 "+claimed, func(t *testing.T) {
			t.Parallel()
			h := header(download.Inline, "a", claimed)
			how, _, err := mime.ParseMediaType(h.Get("Content-Disposition"))
			if got := h.Get("Content-Type") + " " + how; err != nil || got != want {
				t.Errorf("%q, %v", got, err)
			}
			if h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") || h.Get("ETag") != `"abc"` {
				t.Errorf("%v", h)
			}
			if got := header(download.Attachment, "a", claimed).Get("Content-Disposition"); got != `attachment; filename="a"` {
				t.Errorf("as an attachment: %q", got)
			}
		})
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"a b.txt": `attachment; filename="a b.txt"`, `a"b.txt`: `attachment; filename="a_b.txt"`,
		"März.pdf": `attachment; filename="M_rz.pdf"; filename*=UTF-8''M%C3%A4rz.pdf`, "": `attachment; filename="file"`, "../../etc/passwd": `attachment; filename="passwd"`,
	} {
		t.Run("M12 "+name, func(t *testing.T) {
			t.Parallel()
			if got := header(download.Attachment, name, "").Get("Content-Disposition"); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}

func TestLateWriter(t *testing.T) {
	t.Parallel()
	t.Run("M12 nothing is said before the first byte, and then what was set last", func(t *testing.T) {
		t.Parallel()
		to := httptest.NewRecorder()
		w := &download.LateWriter{ResponseWriter: to}
		w.WriteHeader(http.StatusOK)
		w.WriteHeader(http.StatusPartialContent)
		if w.Begun() || to.Result().StatusCode != http.StatusOK {
			t.Error("it was said at once")
		}
		to = httptest.NewRecorder()
		w.ResponseWriter = to
		if _, err := w.Write([]byte("x")); err != nil || !w.Begun() || to.Code != http.StatusPartialContent || to.Body.String() != "x" {
			t.Errorf("%d %q, %v", to.Code, to.Body, err)
		}
	})
	t.Run("M12 an answer without a body, once", func(t *testing.T) {
		t.Parallel()
		to := httptest.NewRecorder()
		w := &download.LateWriter{ResponseWriter: to}
		w.WriteHeader(http.StatusNotModified)
		w.Begin()
		w.WriteHeader(http.StatusTeapot)
		w.Begin()
		if to.Code != http.StatusNotModified {
			t.Errorf("%d", to.Code)
		}
	})
	t.Run("M12 an error is told without what is true of the file alone", func(t *testing.T) {
		t.Parallel()
		h := header(download.Inline, "a", "image/png")
		h.Set("Content-Range", "bytes 0-1/2")
		download.ClearHeader(h)
		if len(h) != 3 || h.Get("X-Content-Type-Options") == "" || h.Get("Content-Security-Policy") == "" {
			t.Errorf("%v", h)
		}
	})
}
