package tnef

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"
)

// Types of properties (MS-OXCDATA §2.11.1).
const (
	typeShort   = 0x0002
	typeObject  = 0x000D
	typeBoolean = 0x000B
	typeString8 = 0x001E
	typeUnicode = 0x001F
	typeBinary  = 0x0102
	multiple    = 0x1000
)

// Properties (MS-OXPROPS).
const (
	propBody          = 0x1000
	propRTF           = 0x1009
	propHTML          = 0x1013
	propSubject       = 0x0037
	propMessageClass  = 0x001A
	propCodepage      = 0x3FDE // of the HTML
	propAttachData    = 0x3701
	propAttachName    = 0x3704
	propAttachMethod  = 0x3705
	propAttachLong    = 0x3707
	propAttachMIME    = 0x370E
	propAttachID      = 0x3712
	propDisplayName   = 0x3001
	methodEmbedded    = 5
	methodOLE         = 6
	sizeOfInterfaceID = 16
)

// property is one value; of several only the first.
type property struct {
	id, kind uint16
	value    []byte
}

// cursor takes bytes from the front and remembers that there were not enough.
type cursor struct {
	rest  []byte
	short bool
}

func (c *cursor) take(n uint32) []byte {
	if uint64(n) > uint64(len(c.rest)) {
		c.short = true
		n = uint32(len(c.rest)) //nolint:gosec // smaller than n
	}
	b := c.rest[:n:n]
	c.rest = c.rest[n:]
	return b
}

func (c *cursor) uint32() uint32 {
	if b := c.take(4); len(b) == 4 {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

// padded takes n bytes and what fills them up to a multiple of four.
func (c *cursor) padded(n uint32) []byte {
	b := c.take(n)
	if fill := (4 - n%4) % 4; uint64(fill) <= uint64(len(c.rest)) {
		c.rest = c.rest[fill:]
	}
	return b
}

// properties reads a set (MS-OXTNEF §2.1.3.4) and gives each to see.
func (d *decoder) properties(data []byte, see func(p property)) {
	c := cursor{rest: data}
	count := c.uint32()
	if count > maxProps {
		d.m.Lost = true
		count = maxProps
	}
	for range count {
		p, ok := nextProperty(&c)
		if c.short || !ok {
			d.m.Lost = true
		}
		if !ok {
			return
		}
		see(p)
		if c.short {
			return
		}
	}
}

func nextProperty(c *cursor) (p property, ok bool) {
	tag := c.uint32()
	p.kind, p.id = uint16(tag), uint16(tag>>16) //nolint:gosec // the halves of a tag
	if c.short {
		return p, false
	}
	if p.id >= 0x8000 { // named: by a number or by a string
		c.take(16)
		if c.uint32() == 0 {
			c.uint32()
		} else {
			c.padded(c.uint32())
		}
		p.id = 0
	}
	values := uint32(1)
	width := uint32(0)
	switch p.kind &^ multiple {
	case typeString8, typeUnicode, typeBinary, typeObject:
		values = c.uint32()
	case typeShort, typeBoolean, 0x0003, 0x0004, 0x000A:
		width = 4
	case 0x0005, 0x0006, 0x0007, 0x0014, 0x0040:
		width = 8
	case 0x0048:
		width = 16
	case 0x0000, 0x0001:
		return p, true
	default:
		return p, false // of unknown size: the rest cannot be found
	}
	if width > 0 && p.kind&multiple != 0 {
		values = c.uint32()
	}
	for i := uint32(0); i < values && !c.short; i++ {
		n := width
		if n == 0 {
			n = c.uint32()
		}
		if b := c.padded(n); i == 0 {
			p.value = b
		}
	}
	return p, true
}

func (d *decoder) messageProperty(p property) {
	switch p.id {
	case propSubject:
		d.m.Subject = d.text(p)
	case propMessageClass:
		d.m.Class = d.text(p)
	case propBody:
		d.m.Text = d.text(p)
	case propCodepage:
		d.htmlPage = p.int()
	case propHTML:
		if p.kind == typeBinary {
			d.html = p.value
			return
		}
		d.m.HTML = d.text(p)
	case propRTF:
		rtf, ok := decompress(p.value)
		d.m.RTF = rtf
		d.m.Lost = d.m.Lost || !ok
	}
}

func (d *decoder) fileProperty(p property) {
	a := d.attach
	switch p.id {
	case propAttachLong:
		a.long = d.text(p)
	case propAttachName, propDisplayName:
		if name := d.text(p); a.title == "" || p.id == propAttachName {
			a.title = name
		}
	case propAttachMIME:
		a.file.MediaType = strings.ToLower(strings.TrimSpace(d.text(p)))
	case propAttachID:
		a.file.ContentID = strings.Trim(d.text(p), "<> ")
	case propAttachMethod:
		a.embedded = a.embedded || p.int() == methodEmbedded
		a.unknown = a.unknown || p.int() == methodOLE
	case propAttachData:
		switch {
		case p.kind == typeBinary && len(p.value) > 0:
			a.data = p.value
		case p.kind == typeObject && len(p.value) >= sizeOfInterfaceID:
			a.data = p.value[sizeOfInterfaceID:]
			a.embedded = a.embedded || Is(a.data)
			a.unknown = a.unknown || !Is(a.data)
		}
	}
}

func (p property) int() int {
	if len(p.value) < 4 {
		return 0
	}
	return int(int32(binary.LittleEndian.Uint32(p.value))) //nolint:gosec // as it is stored
}

func (d *decoder) text(p property) string {
	switch p.kind {
	case typeString8, typeBinary:
		return d.string8(p.value)
	case typeUnicode:
		units := make([]uint16, 0, len(p.value)/2)
		for i := 0; i+1 < len(p.value); i += 2 {
			u := binary.LittleEndian.Uint16(p.value[i:])
			if u == 0 {
				break
			}
			units = append(units, u)
		}
		return string(utf16.Decode(units))
	}
	return ""
}
