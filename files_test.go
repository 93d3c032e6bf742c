package helpdesk_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var annByMail = ann.Via(ticket.ChannelEmail)

func text(name string) ticket.Upload {
	return ticket.Upload{Name: name, Content: strings.NewReader("hello")}
}

// filesOf are those of the last message of a ticket.
func filesOf(t testing.TB, d *helpdesktest.Desk, id int64) []ticket.File {
	t.Helper()
	list := must(d.Messages(as(bob), id, ticket.MessageQuery{}))(t)
	return list[len(list)-1].Files
}

func TestFileTypes(t *testing.T) {
	t.Parallel()
	t.Run("M14 of a file of a blocked type only name and size are kept, on every channel, whoever sends it", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Settings: ticket.SettingsPatch{BlockedFileTypes: &[]string{"exe", "Bat"}}})
		for _, a := range []ticket.Actor{ann, annByMail, guest, bob} {
			tk := must(d.CreateTicket(as(a), withFiles(text("setup.EXE"), text("a.tar.gz"), text("x.bat . "), text("x.exe.txt"), text("gp\u202Etxt.exe"))))(t)
			for i, want := range []string{"setup.EXE!files of type .exe are not taken", "a.tar.gz", "x.bat!files of type .bat are not taken", "x.exe.txt", "gptxt.exe!files of type .exe are not taken"} {
				f := filesOf(t, d, tk.ID)[i]
				name, why, blocked := strings.Cut(want, "!")
				if f.Name != name || f.Missing != why || f.Size != 5 || (f.Blob == "") != blocked {
					t.Errorf("file %d is %+v, want %q", i, f, want)
				}
			}
			m := must(d.Messages(as(bob), tk.ID, ticket.MessageQuery{}))(t)[0]
			_, f, err := d.Files().Open(as(bob), m.ID, 0)
			is(t, err, ticket.ErrNotFound)
			equal(t, "name of the blocked file", f.Name, "setup.EXE")
		}
	})
	t.Run("M14 a list of allowed types blocks all others, and a blocked one wins", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Settings: ticket.SettingsPatch{FileTypes: &[]string{"png", "svg"}, BlockedFileTypes: &[]string{"svg"}}})
		tk := must(d.CreateTicket(as(ann), withFiles(text("a.png"), text("a.svg"), text("a.gif"), text("README"), text("CON"))))(t)
		for i, kept := range []bool{true, false, false, false, false} {
			if f := filesOf(t, d, tk.ID)[i]; (f.Blob != "") != kept || (f.Missing == "") != kept {
				t.Errorf("file is %+v", f)
			}
		}
		equal(t, "without a type", filesOf(t, d, tk.ID)[3].Missing, "files without a type in their name are not taken")
	})
	t.Run("M14 the settings of the ticket's layers hold, and the size of what is not stored is counted or believed", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Departments: []ticket.Department{{Code: "support", Name: "Support"}, {Code: "sales", Name: "Sales"}}})
		ok(t, d.Settings().Update(as(bob), ticket.DepartmentLayer("sales"), ticket.SettingsPatch{BlockedFileTypes: &[]string{"txt"}}))
		ok(t, d.Settings().Update(as(bob), ticket.GatewayLayer("web"), ticket.SettingsPatch{BlockedFileTypes: &[]string{"txt"}}))
		tk := open(t, d, ann)
		reply := func() ticket.File {
			slow := ticket.Upload{Name: "a.txt", Content: io.LimitReader(endless{}, 70_000)}
			must(d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Files: []ticket.Upload{slow}}))(t)
			return filesOf(t, d, tk.ID)[0]
		}
		equal(t, "kept", reply().Missing, "")
		must(d.Transfer(as(bob), tk.ID, "sales"))(t)
		if f := reply(); f.Missing == "" || f.Size != 70_000 {
			t.Errorf("file is %+v", f)
		}
		draft := withFiles(ticket.Upload{Name: "a.txt", Content: endless{}, Size: 1 << 40})
		draft.Form = "web"
		byForm := must(d.CreateTicket(as(ann), draft))(t)
		equal(t, "size", filesOf(t, d, byForm.ID)[0].Size, 1<<40)
	})
	t.Run("M14 what is no extension is no setting", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		for _, bad := range []string{".exe", "", "a.b", "e xe", "a/b", "\u202Eexe", strings.Repeat("x", 51)} {
			invalid(t, d.Settings().Update(as(bob), ticket.DeskLayer, ticket.SettingsPatch{FileTypes: &[]string{bad}}), "file_types")
			invalid(t, d.Settings().Update(as(bob), ticket.DeskLayer, ticket.SettingsPatch{BlockedFileTypes: &[]string{bad}}), "blocked_file_types")
		}
	})
	t.Run("M14 a gate is not asked about a file that is not stored anyway", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Settings: ticket.SettingsPatch{BlockedFileTypes: &[]string{"exe"}}})
		var seen []string
		d.Hooks().TicketAttachmentValidation.Bind("see", func(_ ctx, in hooks.Attaching) error { seen = append(seen, in.File.Name); return nil })
		must(d.CreateTicket(as(ann), withFiles(text("a.exe"), text("a.txt"))))(t)
		equal(t, "seen", strings.Join(seen, ","), "a.txt")
	})
}

func TestUploadSwitches(t *testing.T) {
	t.Parallel()
	refuses := func(t *testing.T, p ticket.SettingsPatch, why string, who ...ticket.Actor) *helpdesktest.Desk {
		t.Helper()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		set(t, d, p)
		for _, a := range who {
			invalid(t, d.CheckTicket(as(a), withFiles(text("a.txt"))), "files")
			_, err := d.CreateTicket(as(a), withFiles(text("a.txt")))
			invalid(t, err, "files")
		}
		_, err := d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "x", Files: []ticket.Upload{text("a.txt")}})
		invalid(t, err, "files")
		must(d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "x", Files: []ticket.Upload{{Name: "a.txt", Missing: "too big", Size: 9}}}))(t)
		byMail := must(d.CreateTicket(as(annByMail), withFiles(text("a.txt"))))(t)
		if f := filesOf(t, d, byMail.ID)[0]; f.Name != "a.txt" || f.Size != 5 || f.Blob != "" || f.Missing != why {
			t.Errorf("by mail the file is %+v", f)
		}
		return d
	}
	t.Run("R01 with uploads off nobody attaches a file, and a mail keeps its names", func(t *testing.T) {
		t.Parallel()
		refuses(t, ticket.SettingsPatch{Uploads: new(false)}, "files are not taken", ann, guest, bob)
	})
	t.Run("M26 customers who may not attach files are refused, staff are not, and a mail keeps its names", func(t *testing.T) {
		t.Parallel()
		d := refuses(t, ticket.SettingsPatch{CustomerFiles: new(false)}, "files of customers are not taken", ann, guest)
		tk := must(d.CreateTicket(as(bob), withFiles(text("a.txt"))))(t)
		equal(t, "of staff", filesOf(t, d, tk.ID)[0].Missing, "")
	})
}

func TestFileLimits(t *testing.T) {
	t.Parallel()
	limits := helpdesk.Config{Limits: ticket.Limits{File: 1000, UploadSize: 1500, TicketFiles: 2000}}
	file := func(n int) ticket.Upload { return attachment("a.bin", n, uint64(n)) }
	t.Run("M12 files over the limit of a file, of a message or of a ticket are refused while they are read", func(t *testing.T) {
		t.Parallel()
		cfg := limits
		box := newShelf(t)
		cfg.BlobStore = box
		d := newDesk(t, cfg)
		for _, files := range [][]ticket.Upload{{file(1001)}, {file(800), file(701)}, {{Name: "x", Content: endless{}}}} {
			_, err := d.CreateTicket(as(ann), withFiles(files...))
			invalid(t, err, "files")
		}
		equal(t, "objects", box.count(), 0)
		tk := must(d.CreateTicket(as(ann), withFiles(file(1000), file(500))))(t)
		equal(t, "bytes", tk.FileBytes, 1500)
		_, err := d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Files: []ticket.Upload{file(501)}})
		invalid(t, err, "files")
		must(d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Files: []ticket.Upload{file(400)}}))(t)
		m := must(d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Files: []ticket.Upload{file(100)}}))(t)
		equal(t, "bytes", must(d.Ticket(as(ann), tk.ID))(t).FileBytes, 2000)
		must(d.DeleteMessage(as(bob), m.ID))(t)
		equal(t, "bytes after one was deleted", must(d.Ticket(as(ann), tk.ID))(t).FileBytes, 1900)
		for _, c := range ticket.Decisions(history(t, d, tk.ID)[1].Changes) {
			t.Errorf("the counter stands in the history: %v", c)
		}
	})
	t.Run("M12 a mail over a limit keeps the names of what is too much", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, limits)
		tk := must(d.CreateTicket(as(annByMail), withFiles(file(1001), file(1000), file(501), file(500))))(t)
		var got []string
		for _, f := range filesOf(t, d, tk.ID) {
			got = append(got, f.Missing)
		}
		big := "too big to keep: the raw mail has it"
		equal(t, "missing", strings.Join(got, ","), strings.Join([]string{big, "", big, ""}, ","))
		equal(t, "bytes", tk.FileBytes, 1500)
	})
	t.Run("M12 two who fill a ticket at once do not fill it twice", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, limits)
		tk := must(d.CreateTicket(as(ann), withFiles(file(1000))))(t)
		meanwhile := func() ticket.Upload {
			return ticket.Upload{Name: "b.bin", Content: io.MultiReader(bytes.NewReader(noise(600, 1)), readerFunc(func([]byte) (int, error) {
				must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Files: []ticket.Upload{attachment("c.bin", 300, 2)}}))(t)
				return 0, io.EOF
			}))}
		}
		must(d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Files: []ticket.Upload{meanwhile()}}))(t) // 1,900
		_, err := d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Files: []ticket.Upload{attachment("d.bin", 101, 3)}})
		invalid(t, err, "files")
		late := must(d.CreateTicket(as(ann), withFiles(file(1000))))(t)
		tk = late
		must(d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Files: []ticket.Upload{attachment("d.bin", 300, 3)}}))(t)
		_, err = d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Files: []ticket.Upload{meanwhile()}}) // there was room when it began
		invalid(t, err, "files")
		m := must(d.Reply(as(annByMail), must(d.CreateTicket(as(ann), withFiles(file(1000), attachment("e.bin", 401, 4))))(t).ID, ticket.ReplyDraft{Files: []ticket.Upload{attachment("f.bin", 600, 5)}}))(t)
		equal(t, "by mail", m.Files[0].Missing, "too big to keep: the raw mail has it")
	})
	t.Run("M12 a reader that fails is the caller's error, and nothing is written", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		lost := errors.New("the line is dead")
		for _, n := range []int{0, 500_000} {
			_, err := d.CreateTicket(as(ann), withFiles(ticket.Upload{Name: "a", Content: io.MultiReader(bytes.NewReader(noise(n, 1)), readerFunc(func([]byte) (int, error) { return 0, lost }))}))
			is(t, err, lost)
		}
		equal(t, "journal", journalled(t, d), 0)
	})
}

func TestScanning(t *testing.T) {
	t.Parallel()
	// eicar refuses by content.
	eicar := func(c ctx, in hooks.Scanning) error {
		r, err := in.Open(c)
		if err != nil {
			return err
		}
		data, err := io.ReadAll(r)
		if err := errors.Join(err, r.Close()); err != nil {
			return err
		}
		if bytes.Contains(data, []byte("virus")) {
			return ticket.Invalid("files", ticket.FaultRefused, "%s has a virus: send it without", in.File.Name)
		}
		return nil
	}
	ill := func(n int) ticket.Upload {
		return ticket.Upload{Name: "ill.bin", Content: io.MultiReader(bytes.NewReader(noise(n, 9)), strings.NewReader("virus"))}
	}
	t.Run("M14 a scanner sees name, size, hash and content before anything is written, and refuses with a field error", func(t *testing.T) {
		t.Parallel()
		box := newShelf(t)
		d := newDesk(t, helpdesk.Config{BlobStore: box})
		d.Hooks().TicketAttachmentScan.Bind("eicar", eicar)
		var seen []hooks.Scanning
		d.Hooks().TicketAttachmentScan.Bind("see", func(_ ctx, in hooks.Scanning) error { seen = append(seen, in); return nil })
		for _, n := range []int{10, 700_000} {
			seen = nil
			_, err := d.CreateTicket(as(ann), withFiles(text("well.txt"), ill(n)))
			invalid(t, err, "files")
			is(t, err, ticket.ErrRefused)
			if len(seen) != 2 || seen[1].File.Size != int64(n+5) || len(seen[1].File.Blob) != 64 || seen[1].Ticket != nil {
				t.Errorf("it saw %+v", seen)
			}
			equal(t, "journal", journalled(t, d), 0)
			equal(t, "objects", box.count(), 0)
		}
		tk := must(d.CreateTicket(as(ann), withFiles(text("well.txt"))))(t)
		_, err := d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Files: []ticket.Upload{ill(10)}})
		invalid(t, err, "files")
		equal(t, "ticket", seen[len(seen)-1].Ticket.ID, tk.ID)
		contents(t, d.Desk, d.Store, chunksOf(t, d.Store), box.list)
	})
	t.Run("M14 a mail with a refused file keeps its name with the reason, and the rest of the mail", func(t *testing.T) {
		t.Parallel()
		box := newShelf(t)
		d := newDesk(t, helpdesk.Config{BlobStore: box})
		d.Hooks().TicketAttachmentScan.Bind("eicar", eicar)
		tk := must(d.CreateTicket(as(annByMail), withFiles(text("well.txt"), ill(700_000), ill(10))))(t)
		files := filesOf(t, d, tk.ID)
		for _, f := range files[1:] {
			if f.Blob != "" || f.Missing != "ill.bin has a virus: send it without" || f.Size < 15 {
				t.Errorf("file is %+v", f)
			}
		}
		equal(t, "files", contents(t, d.Desk, d.Store, chunksOf(t, d.Store), box.list), 1)
		equal(t, "bytes", tk.FileBytes, 5)
	})
	t.Run("M14 a scanner that is out of order refuses, also a mail, which is tried again", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		d.Hooks().TicketAttachmentScan.Bind("down", func(ctx, hooks.Scanning) error { return errors.New("connection refused") })
		for _, a := range []ticket.Actor{ann, annByMail} {
			_, err := d.CreateTicket(as(a), withFiles(text("a.txt")))
			var refusal *hooks.Refusal
			if !errors.As(err, &refusal) || refusal.Final() {
				t.Errorf("it says %v", err)
			}
		}
		equal(t, "journal", journalled(t, d), 0)
	})
	t.Run("M14 a scanner is bound by name, and gets what it needs as values", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		var got hooks.Params
		ok(t, d.Hooks().BindNamed("TicketAttachmentScan", "av", func(_ context.Context, in hooks.Params) (hooks.Result, error) {
			got = in
			return hooks.Result{Fields: map[string]string{"files": "no"}}, nil
		}))
		_, err := d.CreateTicket(as(ann), withFiles(text("a.txt")))
		invalid(t, err, "files")
		if got["filename"] != "a.txt" || got["size"] != int64(5) || got["sha256"] == "" || got["mime_type"] != "application/octet-stream" {
			t.Errorf("it got %v", got)
		}
	})
}

func TestFileNames(t *testing.T) {
	t.Parallel()
	t.Run("M12 names are cleaned before anybody sees them, and none is refused", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		var seen []string
		d.Hooks().TicketDraft.Bind("see", func(_ ctx, in *hooks.Creating) error {
			for _, f := range in.Draft.Files {
				seen = append(seen, f.Name)
			}
			return nil
		})
		given := []ticket.Upload{text("a\r\nb.txt"), text("../../etc/passwd"), text("\xff"), text(""), text(strings.Repeat("x", 3000) + ".txt"), text("nul")}
		tk := must(d.CreateTicket(as(ann), withFiles(given...)))(t)
		var got []string
		for _, f := range filesOf(t, d, tk.ID) {
			got = append(got, f.Name)
		}
		want := strings.Join([]string{"ab.txt", "passwd", "file", "file", strings.Repeat("x", 251) + ".txt", "_nul"}, ",")
		equal(t, "names", strings.Join(got, ","), want)
		equal(t, "names that the filter saw", strings.Join(seen, ","), want)
		equal(t, "the caller's own", given[0].Name, "a\r\nb.txt")
	})
	t.Run("M16 a stored content is its own name", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		h := must(d.Mail().StoreBlob(as(host), strings.NewReader("hello")))(t)
		equal(t, "hash", h.Blob(), "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")
		equal(t, "size", h.Size(), 5)
		ok(t, d.Mail().KeepBlob(as(host), h, 3))
		r := must(d.Mail().OpenBlob(as(host), h.Blob()))(t)
		equal(t, "content", string(must(io.ReadAll(r))(t)), "hello")
		invalid(t, d.Mail().KeepBlob(as(host), struct{ store.Held }{}, 3), "")
		ok(t, d.Mail().ReleaseBlob(as(host), h.Blob(), 3, 0))
		_, err := d.Mail().OpenBlob(as(host), h.Blob())
		is(t, err, ticket.ErrNotFound)
	})
}

func TestChosenFiles(t *testing.T) {
	t.Parallel()
	chosen := func(name string, size int64) ticket.Upload { return ticket.Upload{Name: name, Size: size} }
	limits := ticket.Limits{File: 25 << 20, UploadSize: 40 << 20, TicketFiles: 60 << 20}
	for name, c := range map[string]struct {
		file  []ticket.Upload
		fault ticket.Fault
		says  string
	}{
		"one that is taken":            {[]ticket.Upload{chosen("a.png", 25<<20)}, "", ""},
		"one of unknown size":          {[]ticket.Upload{chosen("a.png", 0)}, "", ""},
		"one that is missing":          {[]ticket.Upload{{Name: "a.exe", Size: 1 << 40, Missing: "too big"}}, "", ""},
		"one whose reader knows":       {[]ticket.Upload{text("a.txt")}, "", ""},
		"one too large":                {[]ticket.Upload{chosen("a.png", 1<<40)}, ticket.FaultTooLarge, `"a.png" is larger than 25 MB: send a smaller one`},
		"too much together":            {[]ticket.Upload{chosen("a.png", 21<<20), chosen("b.png", 21<<20)}, ticket.FaultTooLarge, "are larger than 40 MB together: send fewer or smaller ones"},
		"one of a blocked type":        {[]ticket.Upload{chosen("a.exe", 1)}, ticket.FaultNotAllowed, `"a.exe" would not be kept: files of type .exe are not taken`},
		"one with a name that deceits": {[]ticket.Upload{chosen("gp\u202Etxt.exe", 1)}, ticket.FaultNotAllowed, `"gptxt.exe" would not be kept: files of type .exe are not taken`},
		"one of no size":               {[]ticket.Upload{chosen("a.png", -1)}, ticket.FaultOutOfRange, `"a.png" has the size -1: say 0 where it is unknown`},
	} {
		t.Run("W10 a chosen file is checked before it is sent: "+name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, helpdesk.Config{Limits: limits, Settings: ticket.SettingsPatch{BlockedFileTypes: &[]string{"exe"}}})
			tk := open(t, d, ann)
			for _, err := range []error{d.CheckTicket(as(ann), withFiles(c.file...)), d.CheckReply(as(ann), tk.ID, ticket.ReplyDraft{Body: "x", Files: c.file})} {
				if c.fault == "" {
					ok(t, err)
					continue
				}
				var v *ticket.ValidationError
				if !errors.As(err, &v) || len(v.Fields) != 1 || v.Fields[0] != (ticket.FieldError{Field: "files", Fault: c.fault, Message: c.says}) {
					t.Errorf("%v, want %q", err, c.says)
				}
			}
		})
	}
	t.Run("W10 what the ticket has counts, and a mail is taken without what is too much", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Limits: ticket.Limits{TicketFiles: 1536}})
		tk := must(d.CreateTicket(as(ann), withFiles(ticket.Upload{Name: "a", Content: io.LimitReader(endless{}, 1000)})))(t)
		reply := ticket.ReplyDraft{Files: []ticket.Upload{chosen("b", 537)}}
		err := d.CheckReply(as(ann), tk.ID, reply)
		invalid(t, err, "files")
		if !strings.Contains(err.Error(), "of the ticket would be larger than 1.5 KB together") {
			t.Error(err)
		}
		ok(t, d.CheckReply(as(annByMail), tk.ID, reply))
		reply.Files[0].Size--
		ok(t, d.CheckReply(as(ann), tk.ID, reply))
	})
	t.Run("W10 only a check goes without content: not the write, and not a write of a hook that the check asks", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		var inside error
		d.Hooks().TicketCreateValidation.Bind("test", func(c ctx, in hooks.Creating) error {
			if in.Actor.Kind != ticket.ActorSystem {
				_, inside = d.CreateTicket(ticket.WithActor(c, ticket.System("test")), ticket.Draft{Subject: "x", Requester: ann.Person(), Files: in.Draft.Files})
			}
			return nil
		})
		ok(t, d.CheckTicket(as(ann), withFiles(chosen("a.png", 5))))
		invalid(t, inside, "files")
		_, err := d.CreateTicket(as(ann), withFiles(chosen("a.png", 5)))
		invalid(t, err, "files")
	})
}
