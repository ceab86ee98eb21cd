package bundle

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
)

// The signature that Go's linker puts into a program for macOS has the SHA-256 of each page of
// its file. The kernel ends a program when it comes to a page that has another one, as that of the mark has.
//
//	LC_CODE_SIGNATURE  0x1d size offset length          4 bytes each, little endian as the whole program
//	super blob         0xfade0cc0 length count [type offset]...   4 bytes each, big endian as the whole signature
//	code directory     0xfade0c02 length version flags hashes identifier special slots limit,
//	                   then a byte each: size and type of a hash, platform, binary logarithm of a page
//
// See osfmk/kern/cs_blobs.h of XNU.
const (
	machoMagic    = 0xfeedfacf // of 64 bits
	machoHeader   = 32
	codeSignature = 0x1d
	superBlob     = 0xfade0cc0
	codeDirectory = 0xfade0c02
	directoryType = 0       // of the code directory in the super blob
	moreTypes     = 0x1000  // where those of further ones begin
	cmsType       = 0x10000 // of a signature with a certificate
	hashSHA256    = 2
)

var (
	errSigned     = errors.New("the program is signed with a certificate: build with one that isn't, and sign the app")
	errUnreadable = errors.New("the program's signature is not understood")
)

// resign corrects the signature of a program for macOS, of which size bytes at offset at have changed. It leaves any
// other program alone.
func resign(program []byte, at, size int) error {
	signature, err := signatureOf(program)
	if signature == nil || err != nil {
		return err
	}
	directory, err := directoryOf(signature)
	if err != nil {
		return err
	}
	be := binary.BigEndian
	hashes, slots := int(be.Uint32(directory[16:])), int(be.Uint32(directory[28:]))
	limit := min(int(be.Uint32(directory[32:])), len(program))
	if directory[36] != sha256.Size || directory[37] != hashSHA256 || directory[39] > 30 || hashes+slots*sha256.Size > len(directory) {
		return errUnreadable
	}
	page := 1 << directory[39]
	for n := at / page; n*page < at+size; n++ {
		if n >= slots || n*page >= limit {
			return errUnreadable
		}
		sum := sha256.Sum256(program[n*page : min((n+1)*page, limit)])
		copy(directory[hashes+n*sha256.Size:], sum[:])
	}
	return nil
}

// signatureOf returns the signature of a program for macOS; nil: it is none, or has none.
func signatureOf(program []byte) ([]byte, error) {
	le := binary.LittleEndian
	if len(program) < machoHeader || le.Uint32(program) != machoMagic {
		return nil, nil
	}
	commands := program[machoHeader:]
	for range le.Uint32(program[16:]) {
		if len(commands) < 16 {
			return nil, errUnreadable
		}
		command, size := le.Uint32(commands), le.Uint32(commands[4:])
		if command == codeSignature {
			offset, length := uint64(le.Uint32(commands[8:])), uint64(le.Uint32(commands[12:]))
			if offset+length > uint64(len(program)) {
				return nil, errUnreadable
			}
			return program[offset : offset+length], nil
		}
		if size < 8 || uint64(size) > uint64(len(commands)) {
			return nil, errUnreadable
		}
		commands = commands[size:]
	}
	return nil, nil
}

// directoryOf returns the code directory of a signature.
func directoryOf(signature []byte) (directory []byte, err error) {
	be := binary.BigEndian
	if len(signature) < 12 || be.Uint32(signature) != superBlob {
		return nil, errUnreadable
	}
	index := signature[12:]
	for range be.Uint32(signature[8:]) {
		if len(index) < 8 {
			return nil, errUnreadable
		}
		kind, offset := be.Uint32(index), uint64(be.Uint32(index[4:]))
		if offset+8 > uint64(len(signature)) {
			return nil, errUnreadable
		}
		part := signature[offset:]
		length := be.Uint32(part[4:])
		if uint64(length) > uint64(len(part)) {
			return nil, errUnreadable
		}
		switch part = part[:length]; {
		case kind == cmsType && length > 8: // a blob without anything in it is 8 bytes
			return nil, errSigned
		case kind >= moreTypes && kind < cmsType:
			return nil, errUnreadable
		case kind == directoryType:
			directory = part
		}
		index = index[8:]
	}
	if len(directory) < 44 || be.Uint32(directory) != codeDirectory {
		return nil, errUnreadable
	}
	return directory, nil
}
