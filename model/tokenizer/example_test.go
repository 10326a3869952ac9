package tokenizer_test

import (
	"fmt"
	"strings"

	"clexlab/model/tokenizer"
)

// A vocabulary is learnt from text, and gives back any text that it encodes.
func ExampleTrain() {
	tok, err := tokenizer.Train(strings.Repeat("the cat sat on the mat. the rat sat on the cat. ", 50), 290, "<|endoftext|>")
	if err != nil {
		fmt.Println(err)
		return
	}
	ids := tok.Encode(nil, "the cat sat. Ünïcode<|endoftext|>")
	for _, id := range ids[:3] {
		fmt.Printf("%q ", tok.Token(id))
	}
	fmt.Println(len(ids) < 20, string(tok.Decode(nil, ids)))
	// Output: "the" " cat" " sat" true the cat sat. Ünïcode<|endoftext|>
}

// A stream never hands out part of a character.
func ExampleTokenizer_Stream() {
	tok, err := tokenizer.Train("hello", 256+3)
	if err != nil {
		fmt.Println(err)
		return
	}
	stream := tok.Stream()
	for _, id := range tok.Encode(nil, "h🦙") {
		fmt.Printf("%q ", stream.Decode(id))
	}
	fmt.Println()
	// Output: "h" "" "" "" "🦙"
}
