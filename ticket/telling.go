package ticket

import "errors"

// telling is how an error is told outside of the program.
type telling struct {
	err    error
	code   string
	status int    // of HTTP (RFC 9110, 15)
	public string // to whoever caused it
}

// ours is what is told of what is no matter of whoever caused it.
const ours = "something went wrong here: try again later"

// tellings are the errors of a desk, what says more before what says less.
var tellings = []telling{
	{ErrTokenInvalid, "token_invalid", 403, "the link is damaged: ask for a new one"},
	{ErrTokenExpired, "token_expired", 403, "the link has expired: ask for a new one"},
	{ErrTokenRevoked, "token_revoked", 403, "the link was revoked: ask for a new one"},
	{ErrTokenElsewhere, "token_elsewhere", 403, "the link opens another ticket"},
	{ErrToken, "token", 403, "the link does not open: ask for a new one"},
	{ErrRefused, "refused", 422, "this cannot be done as it is"}, // whatever the hook said
	{ErrHookFailed, "hook_failed", 503, ours},
	{ErrInvalid, "invalid", 422, "this cannot be done as it is"},
	{ErrMerged, "merged", 409, "the ticket has become part of another one: go on there"},
	{ErrRemoved, "removed", 410, "the file is not kept any more: only its name is"},
	{ErrNotFound, "not_found", 404, "there is no such thing, or it is not yours to see"},
	{ErrForbidden, "forbidden", 403, "this is not yours to do"},
	{ErrExists, "exists", 409, "there is one already"},
	{ErrConflict, "conflict", 409, "somebody else was faster: look at what is there now, and try again"},
	{ErrLocked, "locked", 409, "the ticket takes no answers at the moment"},
	{ErrClosed, "closed", 409, "the ticket is closed and takes no answers: open a new one"},
	{ErrSealed, "sealed", 500, ours},
	{ErrBusy, "busy", 503, "too much is going on: try again in a moment"},
	{ErrNoActor, "no_actor", 401, "sign in first"},
	{ErrNoSearch, "no_search", 501, "there is no search here"},
	{ErrTooDeep, "too_deep", 500, ours},
	{ErrStopped, "stopped", 503, ours},
	{ErrTxDone, "tx_done", 500, ours},
	{ErrSchema, "schema", 500, ours},
}

func tell(err error) telling {
	for _, t := range tellings {
		if errors.Is(err, t.err) {
			return t
		}
	}
	return telling{err, "failed", 500, ours}
}

// ErrorCode names the error of a desk for programs, as in an HTTP answer or a list of failures: the words of the Err
// variable, as "not_found" for ErrNotFound and "token_expired" for ErrTokenExpired; "failed" for an error that is not of
// the desk, as that of the host's directory or an ended context; and nothing for nil. A code never changes; new ones may
// come. docs/ERRORS.md lists them.
func ErrorCode(err error) string {
	if err == nil {
		return ""
	}
	return tell(err).code
}

// HTTPStatus is the status with which a page or an API answers an error of a desk (RFC 9110, 15): 422 for what is wrong
// with an input, 500 for an error that is not of the desk, and 200 for nil.
func HTTPStatus(err error) int {
	if err == nil {
		return 200
	}
	return tell(err).status
}

// PublicMessage is what of an error may be shown to whoever caused it, a customer too, in English: one sentence of the
// desk's, without what wraps the error, which names ids, roles, hooks and what other systems said. The text of err
// itself is for logs. What is wrong with the single fields of an input is public, and stands in the ValidationError that
// errors.As finds in err (see FieldErrors). It is empty for nil.
func PublicMessage(err error) string {
	if err == nil {
		return ""
	}
	return tell(err).public
}
