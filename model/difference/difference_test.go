package difference

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc64"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// tensor is one to write by hand.
type tensor struct {
	name, dtype string
	shape       []int
	data        []byte
}

func i8(name string, rows, cols int, data []byte) tensor {
	return tensor{name, "I8", []int{rows, cols}, data}
}

// handmade is a safetensors file.
func handmade(tensors ...tensor) []byte {
	type entry struct {
		DType   string `json:"dtype"`
		Shape   []int  `json:"shape"`
		Offsets [2]int `json:"data_offsets"`
	}
	all, data := map[string]entry{}, []byte(nil)
	for _, t := range tensors {
		all[t.name] = entry{t.dtype, t.shape, [2]int{len(data), len(data) + len(t.data)}}
		data = append(data, t.data...)
	}
	text, _ := json.Marshal(all)
	return slices.Concat(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text, data)
}

// pair is a reference and a result that have most in common: tensors that are alike, moved by a float tensor before them, of another
// shape, of another type, in another order, and in one file alone.
func pair() (reference, result []byte) {
	r := rand.New(rand.NewPCG(1, 2))
	draw := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(r.IntN(256))
		}
		return b
	}
	near := func(b []byte) []byte {
		b = slices.Clone(b)
		for i := range b {
			b[i] += byte(r.IntN(5) - 2)
		}
		return b
	}
	a, b, c, d, e, f, scale := draw(3*chunk), draw(900), draw(600), draw(60), draw(70), draw(80), draw(40)
	reference = handmade(tensor{"a.scale", "F32", []int{10}, scale}, i8("a", 3, chunk, a), i8("b", 30, 30, b), tensor{"gone", "F32", []int{1}, draw(4)},
		i8("c", 20, 30, c), i8("d", 6, 10, d), tensor{"e", "U8", []int{7, 10}, e}, i8("f", 8, 10, f), i8("empty", 0, 3, nil))
	result = handmade(tensor{"new", "F32", []int{2}, draw(8)}, tensor{"a.scale", "F32", []int{10}, near(scale)}, i8("f", 8, 10, near(f)), i8("a", 3, chunk, near(a)),
		i8("b", 30, 30, near(b)), i8("c", 20, 30, near(c)), i8("d", 10, 6, near(d)), i8("e", 7, 10, near(e)), i8("empty", 0, 3, nil))
	return reference, result
}

// parsed is what the format's description says of a difference's parts, read by it alone.
func parsed(t *testing.T, b []byte) (numbers []uint64, stored []byte) {
	t.Helper()
	if string(b[:8]) != "clexdif\x01" {
		t.Fatalf("begins with %q", b[:8])
	}
	count := int(binary.LittleEndian.Uint32(b[40:]))
	for i := range 4 {
		numbers = append(numbers, binary.LittleEndian.Uint64(b[8+8*i:]))
	}
	for i := range 3 * count {
		numbers = append(numbers, binary.LittleEndian.Uint64(b[44+8*i:]))
	}
	return numbers, b[44+24*count:]
}

// unpacked is a difference without its gzip, which gunzip would have taken off as well.
func unpacked(t testing.TB, b []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// offset is where a tensor's data lies in a file made by hand, by looking for its entry.
func offset(t *testing.T, file []byte, name string) (from, length int) {
	t.Helper()
	n := int(binary.LittleEndian.Uint64(file))
	var all map[string]struct {
		Offsets [2]int `json:"data_offsets"`
	}
	if err := json.Unmarshal(file[8:8+n], &all); err != nil {
		t.Fatal(err)
	}
	o := all[name].Offsets
	return 8 + n + o[0], o[1] - o[0]
}

// TestFormat reads what Make writes by the description of the format alone, and by names.
func TestFormat(t *testing.T) {
	reference, result := pair()
	made, err := Make(reference, result)
	if err != nil {
		t.Fatal(err)
	}
	numbers, stored := parsed(t, unpacked(t, made))
	sum := func(b []byte) uint64 { return crc64.Checksum(b, crc64.MakeTable(crc64.ECMA)) }
	if sum([]byte("123456789")) != 0x995dc9bbdf1939fa {
		t.Error("the sum is not CRC-64/XZ")
	}
	if want := []uint64{uint64(len(reference)), sum(reference), uint64(len(result)), sum(result)}; !slices.Equal(numbers[:4], want) {
		t.Errorf("files %d: want %d", numbers[:4], want)
	}
	// f, which comes too early in the result, is the first in its order, so that what lies before it in the reference is stored as it is.
	want := slices.Clone(result)
	var runs []uint64
	at, n := offset(t, result, "f")
	from, _ := offset(t, reference, "f")
	runs = append(runs, uint64(at), uint64(from), uint64(n))
	for i := range n {
		want[at+i] = result[at+i] - reference[from+i]
	}
	if !slices.Equal(numbers[4:], runs) {
		t.Errorf("runs %d: want %d", numbers[4:], runs)
	}
	if !bytes.Equal(stored, want) {
		t.Error("stored bytes are others")
	}
}

// TestRuns: tensors that lie side by side in both files are one run, and one that comes too early or is not alike is left out.
func TestRuns(t *testing.T) {
	reference, _ := pair()
	result := handmade(i8("a", 3, chunk, make([]byte, 3*chunk)), i8("b", 30, 30, make([]byte, 900)), i8("d", 10, 6, make([]byte, 60)), i8("c", 20, 30, make([]byte, 600)),
		tensor{"a.scale", "F32", []int{10}, make([]byte, 40)}, i8("e", 7, 10, make([]byte, 70)))
	made, err := Make(reference, result)
	if err != nil {
		t.Fatal(err)
	}
	numbers, _ := parsed(t, unpacked(t, made))
	var want []uint64
	for _, name := range []string{"a", "c"} {
		at, n := offset(t, result, name)
		from, _ := offset(t, reference, name)
		if name == "a" {
			n += 900 // b
		}
		want = append(want, uint64(at), uint64(from), uint64(n))
	}
	if !slices.Equal(numbers[4:], want) {
		t.Errorf("runs %d: want %d", numbers[4:], want)
	}
}

// TestRoundTrip: in whatever pieces the two come, the result is the file byte for byte, also where it has nothing in common with the reference.
func TestRoundTrip(t *testing.T) {
	reference, result := pair()
	swapped := handmade(i8("c", 20, 30, make([]byte, 600)), i8("a", 3, chunk, make([]byte, 3*chunk)))
	for _, p := range [][2][]byte{{reference, result}, {result, reference}, {reference, reference}, {reference, swapped}, {handmade(), reference}, {reference, handmade()}} {
		made, err := Make(p[0], p[1])
		if err != nil {
			t.Fatal(err)
		}
		for name, in := range map[string]func(io.Reader) io.Reader{"whole": func(r io.Reader) io.Reader { return r }, "halves": iotest.HalfReader,
			"with the end": iotest.DataErrReader} {
			z, err := Unpack(in(bytes.NewReader(made)))
			if err != nil {
				t.Fatal(err)
			}
			var at []int64
			told := func(done int64) { at = append(at, done) }
			got, err := Apply(z, in(bytes.NewReader(p[0])), int64(len(p[1])), told)
			if err != nil || !bytes.Equal(got, p[1]) {
				t.Errorf("%s: %d bytes, %v: want the %d stored", name, len(got), err, len(p[1]))
			}
			if n := len(at); n == 0 || at[n-1] != int64(len(p[1])) || !slices.IsSorted(at) || at[0] <= 0 {
				t.Errorf("%s: the progress is told as %v, want it to rise to %d", name, at, len(p[1]))
			}
		}
	}
}

// TestRefused: what does not belong together or is damaged is refused with the reason.
func TestRefused(t *testing.T) {
	reference, result := pair()
	packed, err := Make(reference, result)
	if err != nil {
		t.Fatal(err)
	}
	made := unpacked(t, packed)
	changed := func(b []byte, at int) []byte {
		b = slices.Clone(b)
		b[at]++
		return b
	}
	run := func(i, field int, to uint64) []byte {
		b := slices.Clone(made)
		binary.LittleEndian.PutUint64(b[44+24*i+8*field:], to)
		return b
	}
	for _, c := range []struct {
		name, why       string
		made, reference []byte
		size            int
	}{
		{"another reference", "not the one", made, changed(reference, 70000), len(result)},
		{"a shorter reference", "not the one", made, reference[:len(reference)-1], len(result)},
		{"no reference", "not the one", made, nil, len(result)},
		{"a longer reference", "not the one", made, append(slices.Clone(reference), make([]byte, 3*chunk)...), len(result)},
		{"another size", "want 7", made, reference, 7},
		{"no size", "want -1", made, reference, -1},
		{"nothing", "head: unexpected EOF", nil, reference, len(result)},
		{"cut in the head", "head: unexpected EOF", made[:20], reference, len(result)},
		{"cut in the runs", "run 0: unexpected EOF", made[:50], reference, len(result)},
		{"cut", "stored bytes: unexpected EOF", made[:len(made)-1], reference, len(result)},
		{"one behind", "there are more", append(slices.Clone(made), 0), reference, len(result)},
		{"another version", `want "clexdif`, changed(made, 7), reference, len(result)},
		{"another sum of the reference", "not the one", changed(made, 16), reference, len(result)},
		{"another sum of the result", "damaged", changed(made, 32), reference, len(result)},
		{"another place", "damaged", run(0, 0, 300), reference, len(result)},
		{"an empty run", "run 0 is empty", run(0, 2, 0), reference, len(result)},
		{"a run beyond the end", "run 0 of", run(0, 2, 1<<63), reference, len(result)},
		{"a run that overflows", "run 0 of", run(0, 0, ^uint64(0)), reference, len(result)},
		{"a large file", "at most", func() []byte { b := slices.Clone(made); b[31] = 1; return b }(), reference, len(result)},
		{"too many runs", "runs: at most", func() []byte { b := slices.Clone(made); b[43] = 1; return b }(), reference, len(result)},
	} {
		got, err := Apply(bytes.NewReader(c.made), bytes.NewReader(c.reference), int64(c.size), nil)
		if err == nil || got != nil || !strings.Contains(err.Error(), c.why) {
			t.Errorf("%s: %d bytes, %v: want %q", c.name, len(got), err, c.why)
		}
		if is := errors.Is(err, ErrReference); is != (c.why == "not the one") {
			t.Errorf("%s: %v is ErrReference: %t", c.name, err, is)
		}
	}
	packed, err = Make(reference, handmade(i8("a", 3, chunk, make([]byte, 3*chunk)), tensor{"x", "F32", []int{1}, make([]byte, 4)}, i8("b", 30, 30, make([]byte, 900))))
	if err != nil {
		t.Fatal(err)
	}
	two := unpacked(t, packed)
	for _, place := range []int{0, 8} { // in the result, in the reference
		overlapping := slices.Clone(two)
		copy(overlapping[44+24+place:], two[44+place:44+place+8])
		if _, err := Apply(bytes.NewReader(overlapping), bytes.NewReader(reference), int64(binary.LittleEndian.Uint64(two[24:])), nil); err == nil || !strings.Contains(err.Error(), "before the end") {
			t.Errorf("runs that overlap, number %d: %v", place/8, err)
		}
	}
	broken := fmt.Errorf("the line is cut")
	for i, r := range [][2]io.Reader{{iotest.ErrReader(broken), bytes.NewReader(reference)}, {bytes.NewReader(made), iotest.ErrReader(broken)},
		{io.MultiReader(bytes.NewReader(made), iotest.ErrReader(broken)), bytes.NewReader(reference)}} {
		if _, err := Apply(r[0], r[1], int64(len(result)), nil); !errors.Is(err, broken) {
			t.Errorf("source %d: %v: want what it says", i, err)
		}
	}
	for name, b := range map[string][]byte{"nothing": nil, "what is not packed": made} {
		if _, err := Unpack(bytes.NewReader(b)); err == nil || !strings.HasPrefix(err.Error(), "difference: ") {
			t.Errorf("%s unpacked: %v", name, err)
		}
	}
	for _, p := range [][2][]byte{{nil, result}, {reference, result[:100]}} {
		if _, err := Make(p[0], p[1]); err == nil {
			t.Error("what is no safetensors file is taken")
		}
	}
}

// FuzzApply: whatever the bytes are, the reader returns and holds no more than the size that is expected; what it takes has that size and the sum that the head says.
func FuzzApply(f *testing.F) {
	reference := handmade(i8("a", 2, 3, []byte{1, 2, 3, 4, 5, 6}), i8("b", 1, 2, []byte{7, 8}))
	for _, result := range [][]byte{reference, handmade(i8("a", 2, 3, []byte{1, 2, 4, 4, 5, 5}), tensor{"x", "F32", []int{1}, []byte{0, 0, 0, 0}}, i8("b", 1, 2, []byte{7, 9}))} {
		made, err := Make(reference, result)
		if err != nil {
			f.Fatal(err)
		}
		made = unpacked(f, made)
		f.Add(made, reference, uint16(len(result)))
		f.Add(made[:len(made)-2], reference, uint16(len(result)))
		f.Add(made, reference[1:], uint16(len(result)))
	}
	f.Fuzz(func(t *testing.T, made, reference []byte, size uint16) {
		got, err := Apply(bytes.NewReader(made), bytes.NewReader(reference), int64(size), nil)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "difference: ") || got != nil {
				t.Errorf("%d bytes and %q", len(got), err)
			}
			return
		}
		if len(got) != int(size) || crc64.Checksum(got, crc64.MakeTable(crc64.ECMA)) != binary.LittleEndian.Uint64(made[32:]) {
			t.Errorf("%d bytes for %d, or of another sum", len(got), size)
		}
	})
}

// FuzzMake: whatever two files are, their difference gives the second again.
func FuzzMake(f *testing.F) {
	reference, result := pair()
	f.Add(reference, result)
	f.Add(handmade(), handmade(i8("a", 1, 1, []byte{1})))
	f.Fuzz(func(t *testing.T, reference, result []byte) {
		made, err := Make(reference, result)
		if err != nil {
			return
		}
		z, err := Unpack(bytes.NewReader(made))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Apply(z, bytes.NewReader(reference), int64(len(result)), nil); err != nil || !bytes.Equal(got, result) {
			t.Errorf("%d bytes, %v: want the %d stored", len(got), err, len(result))
		}
	})
}
