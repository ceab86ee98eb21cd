//go:build !portable

#include "textflag.h"

// handler is what the kernel calls for signals that may be faults, or that the runtime or libc may send:
//
//	handler(R0: number, R1: siginfo, R2: context)
//
// siginfo holds the number, an error, a code and, where a process has sent it, that
// one's pid, each of 4 bytes, and 4 bytes of padding before the pid. Codes of 0
// (kill), -1 (sigqueue) and -6 (tgkill) are sent by a process.
TEXT handler<>(SB),NOSPLIT|NOFRAME|TOPFRAME,$0
	MOVW	8(R1), R3
	CMPW	$0, R3
	BEQ	sent
	CMPW	$-1, R3
	BEQ	sent
	CMPW	$-6, R3
	BNE	pass
sent:
	MOVWU	16(R1), R3
	MOVWU	·self(SB), R4
	CMPW	R3, R4
	BEQ	pass
	// rt_sigaction(number, the default action, nil, 8), and the signal once more. It
	// is blocked until this returns.
	MOVD	R0, R9
	MOVD	$defaults<>(SB), R1
	MOVD	$0, R2
	MOVD	$8, R3
	MOVD	$134, R8
	SVC
	MOVD	$178, R8 // gettid
	SVC
	MOVD	R0, R1
	MOVWU	·self(SB), R0
	MOVD	R9, R2
	MOVD	$131, R8 // tgkill
	SVC
	RET
pass:
	MOVD	$·handlers(SB), R3
	MOVD	(R3)(R0<<3), R3
	JMP	(R3)

GLOBL	defaults<>(SB), RODATA, $32

DATA	·handler(SB)/8, $handler<>(SB)
GLOBL	·handler(SB), NOPTR, $8
