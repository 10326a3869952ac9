package tokenizer

import "unicode/utf8"

// byteRune is the printable stand-in of each byte in vocabulary files: itself
// for the printable part of Latin-1, and 256, 257, … in order for the other
// 68 (GPT-2's bytes_to_unicode). runeByte is its inverse, -1 where there is none.
var byteRune, runeByte = byteAlphabet()

// alphabetEnd is one past the largest stand-in.
const alphabetEnd = 256 + 68

func byteAlphabet() (to [256]rune, from [alphabetEnd]int16) {
	for i := range from {
		from[i] = -1
	}
	next := rune(256)
	for b := range to {
		switch {
		case b >= '!' && b <= '~', b >= 0xa1 && b <= 0xac, b >= 0xae:
			to[b] = rune(b)
		default:
			to[b] = next
			next++
		}
		from[to[b]] = int16(b)
	}
	return to, from
}

// appendSpelled appends the stand-ins of raw to dst as UTF-8.
func appendSpelled(dst, raw []byte) []byte {
	for _, b := range raw {
		dst = utf8.AppendRune(dst, byteRune[b])
	}
	return dst
}

// appendRaw appends the bytes that the stand-ins in spelled mean. ok is false,
// and dst unchanged, if one of its runes stands for no byte.
func appendRaw(dst []byte, spelled string) (raw []byte, ok bool) {
	start := len(dst)
	for _, r := range spelled {
		if r >= alphabetEnd || runeByte[r] < 0 {
			return dst[:start], false
		}
		dst = append(dst, byte(runeByte[r]))
	}
	return dst, true
}
