package evaluate

import "fmt"

// Window is one text to judge: Document[End-n:End] for a length of n tokens.
type Window struct{ Document, End int }

// Windows spreads count windows evenly over documents so that each ends at least
// longest tokens after its document's start. Ends are the same for all lengths up
// to longest.
func Windows(documents [][]int32, count, longest int) ([]Window, error) {
	var room int
	for _, d := range documents {
		room += max(0, len(d)-longest+1)
	}
	if count < 1 || room < count {
		return nil, fmt.Errorf("evaluate: %d windows of %d tokens do not fit into the text (room for %d)", count, longest, room)
	}
	out := make([]Window, 0, count)
	for i := range count {
		at := i * room / count
		for j, d := range documents {
			r := max(0, len(d)-longest+1)
			if at < r {
				out = append(out, Window{j, longest + at})
				break
			}
			at -= r
		}
	}
	return out, nil
}
