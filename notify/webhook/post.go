package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	maxAnswer = 4 << 10 // bytes of an answer that are read
	maxWait   = time.Hour
)

// Attempt is a request, and what came of it.
type Attempt struct {
	ID       string        `json:"id"` // the webhook-id
	Endpoint string        `json:"endpoint"`
	Type     string        `json:"type"`
	Event    int64         `json:"event,omitempty"`
	Ticket   int64         `json:"ticket,omitempty"`
	At       time.Time     `json:"at"`
	Took     time.Duration `json:"took"` // in JSON in nanoseconds
	Try      int           `json:"try"`  // 1 for the first
	Status   int           `json:"status,omitempty"`
	Answer   string        `json:"answer,omitempty"`   // its first 4 kB
	Error    string        `json:"error,omitempty"`    // why it was in vain
	Next     time.Time     `json:"next,omitzero"`      // when it is tried again
	GivenUp  bool          `json:"given_up,omitempty"` // it is not, unless somebody replays it

	wait time.Duration // that the endpoint asks for
}

// Taken reports whether the endpoint has taken it.
func (a Attempt) Taken() bool { return a.Error == "" }

// busy reports whether the endpoint is away or has too much to do: other requests would fare no better.
func (a Attempt) busy() bool {
	switch a.Status {
	case 0, http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return !a.Taken()
	}
	return false
}

// post makes one request.
func (w *Webhooks) post(ctx context.Context, to Endpoint, signing [][]byte, id string, body []byte) (a Attempt) {
	a = Attempt{ID: id, Endpoint: to.Code, At: w.desk.Now()}
	start := time.Now()
	defer func() { a.Took = time.Since(start) }()
	ctx, cancel := context.WithTimeout(ctx, w.opts.Timeout)
	defer cancel()
	if fault, err := checkURL(to.URL, w.opts); err != nil { // as others may have stored it, with other Options
		a.Error = fmt.Sprintf("the URL %v (%s)", err, fault)
		return a
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to.URL, bytes.NewReader(body))
	if err != nil {
		a.Error = "the URL is none"
		return a
	}
	r.Header = http.Header{
		"Content-Type": {"application/json"}, "User-Agent": {"helpdesk-webhook/1"}, "Webhook-Id": {id},
		"Webhook-Timestamp": {strconv.FormatInt(a.At.Unix(), 10)}, "Webhook-Signature": {signatures(signing, id, a.At, body)},
	}
	resp, err := w.client.Do(r)
	if err != nil {
		a.Error = plain(err)
		return a
	}
	defer func() { _ = resp.Body.Close() }()
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, maxAnswer)) // the status says it, whatever becomes of the rest
	a.Status, a.Answer = resp.StatusCode, text(answer)
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		a.Error = strings.TrimSpace(fmt.Sprintf("%d %s", resp.StatusCode, http.StatusText(resp.StatusCode)))
		a.wait = retryAfter(resp.Header.Get("Retry-After"), a.At)
	}
	return a
}

// plain is why a request failed, without the URL: that stands in the definition.
func plain(err error) string {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer in time"
	}
	return text([]byte(err.Error()))
}

// text is what of somebody's bytes can be stored.
func text(b []byte) string {
	s := strings.ReplaceAll(strings.ToValidUTF8(string(b), "�"), "\x00", "�")
	if len(s) > maxAnswer {
		s = strings.ToValidUTF8(s[:maxAnswer], "")
	}
	return s
}

// retryAfter is how long an endpoint wants to be left alone (RFC 9110, 10.2.3): not below 0, and not over an hour.
func retryAfter(value string, now time.Time) time.Duration {
	if n, err := strconv.ParseUint(strings.TrimSpace(value), 10, 63); err == nil {
		return time.Duration(min(n, uint64(maxWait/time.Second))) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), maxWait)
}
