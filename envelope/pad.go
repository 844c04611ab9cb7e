package envelope

import "math/bits"

// MinClass is the smallest size class in bytes: messages up to 1023 bytes all
// look alike.
const MinClass = 1024

// SizeClass returns the smallest size class that holds n bytes. The classes
// are 1024 and then four to each doubling (1280, 1536, 1792, 2048, 2560, ...),
// so that a reader of the sealed bytes learns one of about 41 sizes up to
// 1 MiB and padding adds at most a quarter.
func SizeClass(n int) int {
	if n <= MinClass {
		return MinClass
	}
	step := 1 << (bits.Len(uint(n-1)) - 3)
	return (n + step - 1) / step * step
}

// pad returns plaintext ‖ 80 ‖ 00… of the next size class.
func pad(plaintext []byte) []byte {
	b := make([]byte, SizeClass(len(plaintext)+1))
	copy(b, plaintext)
	b[len(plaintext)] = 0x80
	return b
}

// unpad is the inverse of pad; ok is false for what pad does not give.
func unpad(b []byte) (plaintext []byte, ok bool) {
	n := len(b)
	for n > 0 && b[n-1] == 0 {
		n--
	}
	if n == 0 || b[n-1] != 0x80 || SizeClass(n) != len(b) {
		return nil, false
	}
	return b[: n-1 : n-1], true
}
