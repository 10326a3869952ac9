package checkpoint

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io/fs"
)

// GenerationFile is the file beside config.json that may say how texts are to be written.
const GenerationFile = "generation_config.json"

// endTokens reads eos_token_id of an object, which is a number, a list of numbers, null or not there.
func endTokens(text []byte) ([]int32, error) {
	var said struct {
		End jsontext.Value `json:"eos_token_id"`
	}
	if err := json.Unmarshal(text, &said); err != nil {
		return nil, err
	}
	var list []int32
	switch said.End.Kind() {
	case 0, 'n':
		return nil, nil
	case '0':
		list = make([]int32, 1)
		if err := json.Unmarshal(said.End, &list[0]); err != nil {
			return nil, fmt.Errorf("eos_token_id: %w", err)
		}
	default:
		if err := json.Unmarshal(said.End, &list); err != nil {
			return nil, fmt.Errorf("eos_token_id: must be a number or a list of numbers: %w", err)
		}
	}
	for _, id := range list {
		if id < 0 {
			return nil, fmt.Errorf("eos_token_id: %d: must be at least 0", id)
		}
	}
	return list, nil
}

// readGeneration takes what generation_config.json says, which counts before config.json.
func (r *reader) readGeneration(fsys fs.FS) error {
	text, err := readSmall(fsys, GenerationFile, maxConfig)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	list, err := endTokens(text)
	if err != nil {
		return fmt.Errorf("checkpoint: %s: %w", GenerationFile, err)
	}
	if list != nil {
		r.settings.ends = list
	}
	return nil
}
