package source

import "encoding/binary"

// protoField is one field of a message in the wire format of protocol buffers.
type protoField struct {
	number uint64
	value  uint64 // of a number
	bytes  []byte // of a text or a message
}

// The types of fields on the wire.
const (
	protoNumber = 0
	protoFixed8 = 1
	protoBytes  = 2
	protoFixed4 = 5
)

// protoFields yields the fields of a message, and reports whether it is whole. Fields of other types are left out.
func protoFields(b []byte, yield func(protoField)) bool {
	for len(b) > 0 {
		tag, n := binary.Uvarint(b)
		if n <= 0 {
			return false
		}
		b = b[n:]
		f := protoField{number: tag >> 3}
		switch tag & 7 {
		case protoNumber:
			if f.value, n = binary.Uvarint(b); n <= 0 {
				return false
			}
			b = b[n:]
			yield(f)
		case protoBytes:
			size, n := binary.Uvarint(b)
			if n <= 0 || size > uint64(len(b)-n) {
				return false
			}
			f.bytes, b = b[n:n+int(size)], b[n+int(size):]
			yield(f)
		case protoFixed8, protoFixed4:
			size := 8
			if tag&7 == protoFixed4 {
				size = 4
			}
			if len(b) < size {
				return false
			}
			b = b[size:]
		default:
			return false
		}
	}
	return true
}

// protoMessage returns the last field of that number that is a text or a message; nil if there is none.
func protoMessage(b []byte, number uint64) (found []byte) {
	protoFields(b, func(f protoField) {
		if f.number == number && f.bytes != nil {
			found = f.bytes
		}
	})
	return found
}
