package tnef

import "encoding/binary"

// maxRTF is the largest RTF that is unpacked, in bytes.
const maxRTF = 8 << 20

// dictionary is what the packer knows before the first byte (MS-OXRTFCP §2.1.2.1).
const dictionary = `{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0` +
	"\r\n" + `\par \pard\plain\f0\fs20\b\i\u\tab\tx`

// decompress unpacks RTF (MS-OXRTFCP) and reports whether all of it was there.
func decompress(s []byte) (rtf []byte, ok bool) {
	const header = 16
	if len(s) < header {
		return nil, len(s) == 0
	}
	size := binary.LittleEndian.Uint32(s[4:])
	kind := binary.LittleEndian.Uint32(s[8:])
	s = s[header:]
	switch kind {
	case 0x414C454D: // MELA: not packed
		n := min(uint64(size), uint64(len(s)))
		return s[:n], n == uint64(size)
	case 0x75465A4C: // LZFu
		rtf, ok = unpack(s, int(min(size, maxRTF)))
		return rtf, ok && size <= maxRTF
	}
	return nil, false
}

// unpack follows references into a window of the last 4 KB.
func unpack(s []byte, size int) (out []byte, ok bool) {
	var window [4096]byte
	at := copy(window[:], dictionary)
	put := func(c byte) {
		window[at] = c
		at = (at + 1) % len(window)
		out = append(out, c)
	}
	for len(s) > 0 {
		flags := s[0]
		s = s[1:]
		for bit := range 8 {
			if len(out) >= size {
				return out[:size], true
			}
			if len(s) == 0 {
				return out, false
			}
			if flags>>bit&1 == 0 {
				put(s[0])
				s = s[1:]
				continue
			}
			if len(s) < 2 {
				return out, false
			}
			ref := int(binary.BigEndian.Uint16(s))
			s = s[2:]
			from, n := ref>>4, ref&15+2
			if from == at {
				return out, false
			}
			for i := range n {
				put(window[(from+i)%len(window)])
			}
		}
	}
	return out, len(out) >= size
}
