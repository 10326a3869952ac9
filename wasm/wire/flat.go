package wire

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
)

// AppendFields appends the small fields of the struct that m points to, in their order and little-endian: a bool as
// one byte, whole numbers and floats as 64 bits, a string behind its length in 16. Tables ([]float32) are left out.
// It is for messages that come in every frame of a drag, where JSON would be most of the work.
func AppendFields(b []byte, m any) ([]byte, error) {
	v := reflect.ValueOf(m).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); {
		case f.Type() == tableType:
		case f.Kind() == reflect.Bool && f.Bool():
			b = append(b, 1)
		case f.Kind() == reflect.Bool:
			b = append(b, 0)
		case f.CanInt():
			b = binary.LittleEndian.AppendUint64(b, uint64(f.Int()))
		case f.CanFloat():
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(f.Float()))
		case f.Kind() == reflect.String && f.Len() <= math.MaxUint16:
			b = append(binary.LittleEndian.AppendUint16(b, uint16(f.Len())), f.String()...)
		default:
			return nil, fmt.Errorf("wire: %T: %s cannot be said as bytes", m, v.Type().Field(i).Name)
		}
	}
	return b, nil
}

// ReadFields reads what AppendFields wrote into the struct that m points to, and returns what comes behind it.
func ReadFields(b []byte, m any) (rest []byte, err error) {
	v := reflect.ValueOf(m).Elem()
	take := func(n int) (head []byte) {
		if n > len(b) {
			err = fmt.Errorf("wire: %T ends too early", m)
			return make([]byte, n)
		}
		head, b = b[:n], b[n:]
		return head
	}
	for i := range v.NumField() {
		switch f := v.Field(i); {
		case f.Type() == tableType:
		case f.Kind() == reflect.Bool:
			f.SetBool(take(1)[0] != 0)
		case f.CanInt():
			f.SetInt(int64(binary.LittleEndian.Uint64(take(8))))
		case f.CanFloat():
			f.SetFloat(math.Float64frombits(binary.LittleEndian.Uint64(take(8))))
		case f.Kind() == reflect.String:
			f.SetString(string(take(int(binary.LittleEndian.Uint16(take(2))))))
		default:
			return nil, fmt.Errorf("wire: %T: %s cannot be said as bytes", m, v.Type().Field(i).Name)
		}
		if err != nil {
			return nil, err
		}
	}
	return b, nil
}

// AppendTables appends the tables of the struct that m points to, each behind its length in 32 bits.
func AppendTables(b []byte, m any) []byte {
	for _, t := range tablesOf(reflect.ValueOf(m).Elem()) {
		table := t.Interface().([]float32)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(table)))
		b, _ = binary.Append(b, binary.LittleEndian, table) // numbers can always be written
	}
	return b
}

// ReadTables reads what AppendTables wrote; an empty table becomes nil.
func ReadTables(b []byte, m any) (rest []byte, err error) {
	for _, t := range tablesOf(reflect.ValueOf(m).Elem()) {
		if len(b) < 4 {
			return nil, fmt.Errorf("wire: %T ends before its tables", m)
		}
		n := int(binary.LittleEndian.Uint32(b))
		if b = b[4:]; n > len(b)/4 {
			return nil, fmt.Errorf("wire: %T with a table of %d numbers in %d bytes", m, n, len(b))
		}
		if n == 0 {
			continue
		}
		table := make([]float32, n)
		if _, err := binary.Decode(b, binary.LittleEndian, table); err != nil {
			return nil, fmt.Errorf("wire: %T: %w", m, err)
		}
		t.Set(reflect.ValueOf(table))
		b = b[4*n:]
	}
	return b, nil
}

// tablesOf are the fields of a struct that hold tables.
func tablesOf(v reflect.Value) (tables []reflect.Value) {
	for i := range v.NumField() {
		if f := v.Field(i); f.Type() == tableType {
			tables = append(tables, f)
		}
	}
	return tables
}
